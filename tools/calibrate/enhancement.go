package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// alpha is that of all cases.
const alpha = 1.5

const (
	population = 1000
	recorded   = 128
)

func enhancementCases() []experiment {
	return []experiment{
		directCase(noise.Independent, 16, 100, false), directCase(noise.Independent, 64, 100, false), directCase(noise.Independent, 256, 100, false),
		directCase(noise.Disjoint, 16, 200, false), directCase(noise.Disjoint, 64, 200, false),
		directCase(noise.Replacement, 16, 100, false), directCase(noise.Replacement, 64, 100, false),
		directCase(noise.Independent, 64, 100, true),
		equivalenceCase(64), equivalenceCase(256),
		resampledCase(256), resampledCase(2048),
		matchedCase(2048), matchedCase(16384),
		tailComparisonCase("Gaussian", normal), tailComparisonCase("Student t3", student(3)),
		exponentCase("Gaussian", 2, 64), exponentCase("Gaussian", 2, 512),
		exponentCase("stable, s = 1.5", 1.5, 64), exponentCase("stable, s = 1.5", 1.5, 512),
	}
}

// directCase draws pairs of minibatches of one fixed training set, and the units that are recorded of it.
func directCase(p noise.Pairing, draws, batch int, heavy bool) experiment {
	l := law{p: 30, mean: 0.1, heavy: heavy}
	data := "Gaussian"
	if heavy {
		data = "Student t5"
	}
	set := trainingSet{l.p, l.rows(seed.New(1, "calibrate/training set/"+data), population)}
	size := noise.EffectiveBatch(p, population, batch, alpha)
	bar := barred
	if heavy {
		bar = interval
	}
	return experiment{
		section: sectionEnhancement, data: fmt.Sprintf("%s, direct, %s, B = %d", data, p, batch), n: draws, share: 1,
		targets: []target{
			bar("rho", noise.Correlation(p, population, batch)), bar("f", noise.Enhancement(p, population, batch, alpha)),
			bar("f, naive", alpha*alpha), bar("B_eff against recorded units", size), bar("B_eff against SGD at B_eff", size),
			bar("B_eff against SGD at B", size), interval("trace-ratio to SGD at B_eff", 0),
			test("rho"), test("B_eff against recorded units"), test("B_eff against SGD at B_eff"), test("trace-ratio to SGD at B_eff"),
		},
		read: func(rng *rand.Rand) []reading {
			d, err := probe.Measure(set, probe.Plan{Draws: draws, Batch: batch, Alpha: alpha, Pairing: p, Seed: rng.Uint64()}, nil, nil)
			if err != nil {
				panic("calibrate: " + err.Error()) // a training set in memory fails at nothing
			}
			s := enhancement.OfDraws(d)
			rho, f, naive := enhancement.MeasureCorrelation(s), enhancement.Factors(s, []float64{alpha})[0], enhancement.Naive(s, alpha)
			units := enhancement.AgainstUnits(d, set.recorded(rng, recorded))
			sgd, _ := enhancement.AgainstSGD(d)
			atB := enhancement.EffectiveBatches(s, []float64{alpha})[0]
			matched, _ := enhancement.MatchedDraws(d)
			return []reading{
				estimated(rho.Measured, rho.CI), estimated(f.Measured, f.CI), estimated(naive.Measured, naive.CI),
				estimated(units.Measured, units.CI), estimated(sgd.Measured, sgd.CI), estimated(atB.Measured, atB.CI), compared(matched),
				tested(rho.PValue), tested(units.PValue), tested(sgd.PValue), tested(matched.PValue),
			}
		},
	}
}

func compared(c enhancement.Comparison) reading {
	return against(c.Measured, c.CI, float64(c.Predicted))
}

// equivalenceCase puts the true f at the margin, where the test of equivalence may hold in 5% of the data sets: disjoint pairs of 142 of
// 994 have rho = -1/6, so that f is 2.75, and passed off as independent ones they are predicted to have 2.5.
func equivalenceCase(draws int) experiment {
	const samples, batch = 994, 142
	l := law{p: 30, mean: 0.1}
	set := trainingSet{l.p, l.rows(seed.New(1, "calibrate/training set of 994"), samples)}
	return experiment{
		section: sectionEnhancement, data: "f at the margin of 10%", n: draws, share: 1, targets: []target{test("equivalence")},
		read: func(rng *rand.Rand) []reading {
			d, err := probe.Measure(set, probe.Plan{Draws: draws, Batch: batch, Alpha: alpha, Pairing: noise.Disjoint, Seed: rng.Uint64()}, nil, nil)
			if err != nil {
				panic("calibrate: " + err.Error())
			}
			s := enhancement.OfDraws(d)
			s.Pairing = noise.Independent
			return []reading{tested(enhancement.Factors(s, []float64{alpha})[0].Equivalence.PValue)}
		},
	}
}

// resampledCase draws pairs with replacement from 64 fixed units.
func resampledCase(draws int) experiment {
	const n, batch = 64, 20
	l := law{p: 30, mean: 0.1}
	u := units(n, l.p, l.rows(seed.New(1, "calibrate/resampled units"), n))
	return experiment{
		section: sectionEnhancement, data: fmt.Sprintf("64 units, resampled, B = %d", batch), n: draws, share: 1,
		targets: []target{
			barred("rho", 0), barred("f", noise.Factor(alpha)), barred("B_eff against SGD at B", batch/noise.Factor(alpha)),
			test("rho"),
		},
		read: func(rng *rand.Rand) []reading {
			s := enhancement.Resample(u, batch, draws, rng.Uint64())
			rho, f := enhancement.MeasureCorrelation(s), enhancement.Factors(s, []float64{alpha})[0]
			b := enhancement.EffectiveBatches(s, []float64{alpha})[0]
			return []reading{estimated(rho.Measured, rho.CI), estimated(f.Measured, f.CI), estimated(b.Measured, b.CI), tested(rho.PValue)}
		},
	}
}

// matchedQuantities are the rows of a comparison along one direction, in their order.
var matchedQuantities = []string{
	enhancement.VarianceRatio, enhancement.ThirdCumulantNE, enhancement.ThirdCumulantSGD, enhancement.ThirdCumulantRatio,
	enhancement.FourthCumulantNE, enhancement.FourthCumulantSGD, enhancement.FourthCumulantRatio,
}

// matchedCase compares NE at B = 5 with SGD at B_eff = 2, drawn with replacement from fixed units that are skewed.
func matchedCase(draws int) experiment {
	units := sample(seed.New(1, "calibrate/matched units"), 64, exponential)
	m, _ := enhancement.Match(alpha, 5, false)
	e := experiment{
		section: sectionEnhancement, data: "64 exponential units, matched covariance, B = 5", n: draws, share: 1,
		read: func(rng *rand.Rand) []reading {
			var intervals, tests []reading
			for _, c := range m.Along("", units, resampledNE(rng, units, m, draws), resampled(rng, units, m.Effective, draws)) {
				intervals, tests = append(intervals, compared(c)), append(tests, tested(c.PValue))
			}
			return append(intervals, tests...)
		},
	}
	for _, q := range matchedQuantities {
		e.targets = append(e.targets, interval(q, 0))
	}
	for _, q := range matchedQuantities {
		e.targets = append(e.targets, test(q))
	}
	return e
}

func resampled(rng *rand.Rand, x []float64, batch, draws int) []float64 {
	counts, y := make([]float64, len(x)), make([]float64, draws)
	for k := range y {
		noise.Counts(rng, batch, counts)
		for i, c := range counts {
			y[k] += c * x[i] / float64(batch)
		}
	}
	return y
}

func resampledNE(rng *rand.Rand, x []float64, m enhancement.Matching, draws int) []float64 {
	y, prime := resampled(rng, x, m.Batch, draws), resampled(rng, x, m.Batch, draws)
	for k := range y {
		y[k] = m.Alpha*y[k] + (1-m.Alpha)*prime[k]
	}
	return y
}

// tailComparisonCase compares two samples of one law: no difference.
func tailComparisonCase(name string, draw func(*rand.Rand) float64) experiment {
	const n = 4096
	m, _ := enhancement.Match(alpha, 5, false)
	return experiment{
		section: sectionEnhancement, data: name + ", twice", n: n, share: 1,
		targets: []target{
			interval(enhancement.HillDifference, 0), interval(enhancement.MomentDifference, 0),
			test(enhancement.HillDifference), test(enhancement.MomentDifference),
		},
		read: func(rng *rand.Rand) []reading {
			c := m.Tails("", sample(rng, n, draw), sample(rng, n, draw))
			return []reading{estimated(c[0].Measured, c[0].CI), estimated(c[1].Measured, c[1].CI), tested(c[0].PValue), tested(c[1].PValue)}
		},
	}
}

// exponentCase fits the exponent of the scale; its Gaussian surrogates are a case where the pairs are Gaussian.
func exponentCase(name string, s float64, pairs int) experiment {
	e := experiment{
		section: sectionEnhancement, data: name + " pairs", n: pairs, share: 2, targets: []target{interval("exponent s", s)},
	}
	if s == 2 {
		e.targets = append(e.targets, interval("exponent s in its Gaussian band", 0))
	}
	e.read = func(rng *rand.Rand) []reading {
		x := enhancement.Exponent(sample(rng, pairs, stable(s)), sample(rng, pairs, stable(s)), enhancement.Alphas, 1)
		band := inBand(float64(x.S), x.GaussianSurrogate)
		return []reading{estimated(x.S, x.CI), band}[:len(e.targets)]
	}
	return e
}
