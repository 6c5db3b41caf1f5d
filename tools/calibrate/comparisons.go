package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/noise"
)

// sweep is a law of what the runs of a sweep give. With x = log B_eff and z of mean 0,
//
//	log tr Sigma = 1 + 0.75 x + d log f + spread z
type sweep struct {
	name  string
	seeds int
	d     float64
	// spread is that of a cell, and draw the law of z.
	spread func(effective float64) float64
	draw   func(*rand.Rand) float64
	// shared is the share of the variance that a seed brings to every cell; without it, alphas have seeds of their own.
	shared float64
}

const traceSlope = 0.75

// comparisonCases have runs in which nothing depends on alpha at equal B_eff.
func comparisonCases() (all []experiment) {
	even := func(float64) float64 { return 0.3 }
	// Near what F1 has where it converged: a factor of 10 between seeds at B_eff = 80, of 1.1 at 1250.
	uneven := func(effective float64) float64 { return 2.3 * math.Pow(effective/80, -1.15) }
	for _, seeds := range []int{2, 3, 10} {
		for _, s := range []sweep{
			{name: "seeds that all cells share", spread: even, draw: normal, shared: 0.5},
			{name: "spread that falls with B_eff", spread: uneven, draw: normal},
			{name: "one run in four jumps", spread: even, draw: jumping},
		} {
			s.seeds = seeds
			all = append(all, s.experiment())
		}
	}
	return append(all, atMarginCase(3), atMarginCase(10))
}

// jumping is normal, but one run in four lies 8 standard deviations lower; its mean is 0.
func jumping(rng *rand.Rand) float64 {
	z := rng.NormFloat64() + 2
	if rng.IntN(4) == 0 {
		z -= 8
	}
	return z
}

// traceKey is the quantity of all rows.
const traceKey = "trace_units"

func (s sweep) experiment() experiment {
	method := compare.MethodWelch
	if s.shared > 0 {
		method = compare.MethodPaired
	}
	return experiment{
		section: sectionComparison, data: s.name, n: s.seeds, share: 1,
		targets: []target{
			interval("mean of a cell", 1+traceSlope*math.Log(200)), interval(method, 0), interval("distance of curves", 0),
			interval("weak noise, exponent of f", 0), interval("weak noise, exponent of B_eff", traceSlope),
			test(method), test("distance of curves"), test("weak noise, exponent of f"), test("smallest p of a family, by Holm"),
		},
		read: func(rng *rand.Rand) []reading {
			r := s.compared(rng, s.run)
			mean, weak, distance := cellOf(r.Cells, 1, 200), weakNoise(r), distanceOf(r)
			contrast, smallest := atEqualNoise(r)
			return []reading{
				logarithm(mean.Mean, mean.CI), logarithm(contrast.Value, contrast.CI), logarithm(distance.Value, distance.CI),
				estimated(weak.LogF.Value, weak.LogF.CI), estimated(weak.LogBEff.Value, weak.LogBEff.CI),
				tested(contrast.PValue), tested(distance.PValue), tested(weak.LogF.PValue), tested(smallest),
			}
		},
	}
}

// logarithm is the reading of a ratio on the scale of its interval.
func logarithm(value estimate.Number, ci estimate.Interval) reading {
	if ci.Defined() {
		ci = estimate.Interval{Lo: math.Log(ci.Lo), Hi: math.Log(ci.Hi)}
	}
	return reading{value: math.Log(float64(value)), ci: ci}
}

func cellOf(cells []compare.CellResult, alpha float64, batch int) compare.CellQuantity {
	for _, c := range cells {
		for _, q := range c.Quantities {
			if c.Alpha == alpha && c.Batch == batch && q.Quantity == traceKey {
				return q
			}
		}
	}
	panic("calibrate: no such cell")
}

// atEqualNoise is the contrast of (1.5, 500) with SGD of 200, and the smallest corrected p-value of its family.
func atEqualNoise(r compare.Result) (contrast compare.Difference, smallest estimate.Number) {
	for _, f := range r.Contrasts {
		if f.Quantity != traceKey || f.Reference != compare.SameEffective {
			continue
		}
		smallest = 1
		for _, row := range f.Rows {
			if row.Batch == 500 {
				contrast = row.Difference
			}
			smallest = min(smallest, row.PHolm)
		}
	}
	return contrast, smallest
}

// curvesOf are the curves of both alphas against B and B_eff.
func curvesOf(r compare.Result) compare.Collapse {
	for _, c := range r.Collapse {
		if c.Quantity == traceKey {
			return c
		}
	}
	panic("calibrate: no such curves")
}

// distanceOf is their distance at equal B_eff.
func distanceOf(r compare.Result) compare.Difference { return curvesOf(r).BEff[0].Difference }

func weakNoise(r compare.Result) compare.WeakNoise {
	for _, w := range r.WeakNoise {
		if w.Quantity == traceKey {
			return w
		}
	}
	panic("calibrate: no such fit")
}

// atMarginCase puts the true differences at the margins, where equality may be found in 5% of the data sets.
func atMarginCase(seeds int) experiment {
	margins := compare.DefaultSettings()
	s := sweep{
		seeds: seeds, d: math.Log(1+margins.RatioMargin) / math.Log(noise.Factor(alpha)),
		spread: func(float64) float64 { return 0.02 }, draw: normal,
	}
	return experiment{
		section: sectionComparison, data: "tr Sigma at the margin of 10%", n: seeds, share: 1,
		targets: []target{test("equivalence, Welch t"), test("equivalence, distance of curves"), test("equivalence, weak noise")},
		read: func(rng *rand.Rand) []reading {
			r := s.compared(rng, s.run)
			contrast, _ := atEqualNoise(r)
			distance := distanceOf(r)
			return []reading{tested(contrast.EqualWithin(margins.RatioMargin).PValue), tested(distance.EqualWithin(margins.RatioMargin).PValue),
				tested(weakNoise(r).Equivalence.PValue)}
		},
	}
}

// compared draws the runs and compares them.
func (s sweep) compared(rng *rand.Rand, run func(*rand.Rand, *compare.Cell, uint64, float64) *compare.Run) compare.Result {
	shared := sample(rng, s.seeds, s.draw)
	g := &compare.Group{Settings: []compare.Setting{{Name: "model", Value: "f1"}, {Name: "data", Value: "invented"}}}
	for i, a := range []float64{1, alpha} {
		for _, batch := range []int{200, 500, 1250} {
			c := &compare.Cell{Alpha: a, Batch: batch}
			for k := range s.seeds {
				number := uint64(k)
				if s.shared == 0 {
					number += uint64(i * s.seeds)
				}
				z := math.Sqrt(1-s.shared)*s.draw(rng) + math.Sqrt(s.shared)*shared[k]
				c.Runs = append(c.Runs, run(rng, c, number, z))
			}
			g.Cells, g.Runs = append(g.Cells, c), append(g.Runs, c.Runs...)
		}
	}
	c, err := compare.Compare(&compare.Set{Groups: []*compare.Group{g}}, compare.DefaultSettings())
	if err != nil {
		panic("calibrate: " + err.Error()) // the settings are compare's own
	}
	return c.Groups[0]
}

func (s sweep) run(_ *rand.Rand, c *compare.Cell, seed uint64, z float64) *compare.Run {
	x := math.Log(c.BEff())
	trace := math.Exp(1 + traceSlope*x + s.d*math.Log(c.F()) + s.spread(c.BEff())*z)
	undefined := estimate.Undefined()
	return &compare.Run{
		Dir: fmt.Sprintf("alpha%g-batch%d-seed%d", c.Alpha, c.Batch, seed),
		Report: &report.Report{
			Run:      report.Run{Model: "f1", Alpha: c.Alpha, Batch: c.Batch, Seed: seed},
			Training: report.Training{Stopped: report.StoppedMaxSteps, TestAccuracy: undefined, TestLoss: undefined, TrainLoss: undefined},
			Checkpoints: []report.Checkpoint{{Unit: "sample", UnitSize: 1, TrainLoss: undefined,
				Covariance: &covariance.Covariance{TraceUnbiased: estimate.Number(trace), NoiseScale: undefined}}},
		},
	}
}
