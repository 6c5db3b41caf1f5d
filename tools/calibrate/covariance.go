package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/probe"
)

const parameters = 60

// covarianceCases are gradients with a strong mean, a weak one and none, as multiples of its own sampling error: the signal is
// n |grad L|^2 / tr Sigma. Of 16 units no interval is made.
func covarianceCases() (all []experiment) {
	for _, n := range []int{16, 32, 64, 256} {
		for _, signal := range []float64{60, 6, 0} {
			if n >= covariance.FewestEffective || signal == 6 {
				all = append(all, covarianceCase(n, signal))
			}
		}
	}
	return append(append(all, nullEdgeCase(64), nullEdgeCase(256)), slices.Concat(noScaleCases(), outstandingCases())...)
}

func covarianceCase(n int, signal float64) experiment {
	l := gaussian.of(parameters, n, signal)
	e := experiment{
		section: sectionCovariance, data: fmt.Sprintf("Gaussian, signal %g", signal), n: n, share: 1, targets: covarianceTargets(l, n, signal),
	}
	if n > 64 {
		e.share = 0.25
	}
	e.read = func(rng *rand.Rand) []reading { return readUnits(l.units(rng, n), e.targets) }
	return e
}

// covarianceTargets are what the intervals of a report should hold. What does not depend on the mean is shown at one signal.
// Without a gradient the noise scale is infinite: it has no case there.
func covarianceTargets(l law, n int, signal float64) []target {
	if n < covariance.FewestEffective {
		return []target{interval(covariance.KeyTraceUnbiased, l.trace())}
	}
	t := []target{interval(covariance.KeyGradientNormSq, l.normSq())}
	if signal > 0 {
		t = append(t, barred(covariance.KeyNoiseScale, l.trace()/l.normSq()))
	}
	if signal != 6 {
		return t
	}
	return append(t,
		barred(covariance.KeyTraceUnbiased, l.trace()), barred(covariance.KeyTrace, l.trace()*float64(n-1)/float64(n)),
		barred(covariance.KeyParticipationUnbiased, l.participation()),
		interval("extrapolated "+covariance.KeyParticipation, l.participation()),
		interval("extrapolated "+covariance.KeyEntropy, l.entropyRank()),
		interval("extrapolated "+covariance.KeyLeadingEigenvalue, 1),
		interval("eigenvalue 1", 1), interval("eigenvalue 2", 1.0/2), interval("eigenvalue 5", 1.0/5))
}

// The names of what package shape gives an interval to.
const (
	gammaName      = "gamma"
	normExcessName = "norm_excess_unit"
)

// readUnits finds what a report says of units: an estimate and its interval for each target, by name.
func readUnits(u *probe.Units, targets []target) (all []reading) {
	c := covariance.Analyse(u, covariance.DefaultEigenvalues)
	found := map[string]reading{
		covariance.KeyTrace:                 estimated(c.Trace, c.Interval(covariance.KeyTrace)),
		covariance.KeyTraceUnbiased:         estimated(c.TraceUnbiased, c.Interval(covariance.KeyTraceUnbiased)),
		covariance.KeyGradientNormSq:        estimated(c.GradientNormSqUnbiased, c.Interval(covariance.KeyGradientNormSq)),
		covariance.KeyNoiseScale:            estimated(c.NoiseScale, c.Interval(covariance.KeyNoiseScale)),
		covariance.KeyParticipationUnbiased: estimated(c.EffectiveRankParticipationUnbiased, c.Interval(covariance.KeyParticipationUnbiased)),
	}
	for key, v := range c.Extrapolated {
		if v != nil {
			found["extrapolated "+key] = estimated(v.Value, v.CI)
		}
	}
	for i, ci := range c.EigenvaluesCI {
		found[fmt.Sprintf("eigenvalue %d", i+1)] = estimated(c.Eigenvalues[i], ci)
	}
	if slices.ContainsFunc(targets, func(t target) bool { return t.name == gammaName }) {
		s := shape.Of(u, shape.Settings{Alpha: math.NaN(), Resamples: shape.FewestResamples}).Shape
		found[gammaName], found[normExcessName] = estimated(s.Gamma, s.CI.Gamma), estimated(s.NormExcessUnit, s.CI.NormExcessUnit)
	}
	for _, t := range targets {
		r, ok := found[t.name]
		if !ok {
			r = estimated(estimate.Undefined(), estimate.None())
		}
		all = append(all, r)
	}
	return all
}

// nullEdgeCase has independent parameters, of which no eigenvalue should stand out in 95% of the data sets.
func nullEdgeCase(n int) experiment {
	l := gaussian.of(parameters, n, 0)
	return experiment{
		section: sectionCovariance, data: "Gaussian, independent parameters", n: n, share: 0.25,
		targets: []target{interval("eigenvalue 1 below null_edge", 0), interval("eigenvalue 1 below null_edge_unit_scales", 0)},
		read: func(rng *rand.Rand) []reading {
			c := covariance.Analyse(l.units(rng, n), 1)
			first := float64(c.Eigenvalues[0])
			below := func(edge estimate.Number) reading {
				return inBand(first, estimate.Interval{Lo: 0, Hi: float64(edge)})
			}
			return []reading{below(c.NullEdge), below(c.NullEdgeUnitScales)}
		},
	}
}

// noScaleCases ask whether there is a noise scale.
func noScaleCases() (all []experiment) {
	for _, signal := range []float64{0, 1, 6, 60} {
		for _, n := range []int{64, 256} {
			l := gaussian.of(parameters, n, signal)
			all = append(all, experiment{
				section: sectionCovariance, data: fmt.Sprintf("Gaussian, signal %g, a noise scale", signal), n: n, share: 0.5, targets: statements("no noise scale"),
				read: func(rng *rand.Rand) []reading {
					return said(!covariance.Analyse(l.units(rng, n), 1).NoiseScale.Defined())
				},
			})
		}
	}
	return all
}

// outstandingCases count eigenvalues above what the variances of single parameters explain. With a direction that carries a share of the trace there is one.
func outstandingCases() (all []experiment) {
	for _, spectrum := range []struct {
		name     string
		p        int
		variance func(k int) float64
		shares   []float64
	}{
		{"60 parameters, variances 1/k", parameters, func(k int) float64 { return 1 / float64(k+1) }, []float64{0, 0.1, 0.2, 0.4}},
		{"400 parameters, equal variances", 400, func(int) float64 { return 1 }, []float64{0, 0.005, 0.01, 0.02}},
	} {
		deviation := make([]float64, spectrum.p)
		trace := 0.0
		for k := range deviation {
			deviation[k], trace = math.Sqrt(spectrum.variance(k)), trace+spectrum.variance(k)
		}
		for _, share := range spectrum.shares {
			name := fmt.Sprintf("%s, %g%% of tr Sigma along a direction", spectrum.name, 100*share)
			rows := shared(deviation, math.Sqrt(share/(1-share)*trace/float64(spectrum.p)))
			all = append(all, outstandingCase(name, 64, spectrum.p, rows), outstandingCase(name, 256, spectrum.p, rows))
		}
	}
	l := t5.of(parameters, 0, 0)
	return append(all, outstandingCase("Student t5", 64, l.p, l.rows), outstandingCase("Student t5", 256, l.p, l.rows))
}

// shared draws Gaussian gradients with independent parameters of these standard deviations, and one more number, the same for all of them, of the standard
// deviation common.
func shared(deviation []float64, common float64) func(*rand.Rand, int) []float64 {
	return func(rng *rand.Rand, n int) (rows []float64) {
		for range n {
			z := common * rng.NormFloat64()
			for _, d := range deviation {
				rows = append(rows, z+d*rng.NormFloat64())
			}
		}
		return rows
	}
}

func outstandingCase(data string, n, p int, rows func(*rand.Rand, int) []float64) experiment {
	return experiment{
		section: sectionCovariance, data: data, n: n, share: 0.5, targets: statements("an outstanding eigenvalue", "two or more", "if units are of equal length"),
		read: func(rng *rand.Rand) []reading {
			c := covariance.Analyse(units(n, p, rows(rng, n)), 1)
			if c.Outstanding == nil { // withheld
				return said(false, false, false)
			}
			return said(*c.OutstandingUnitScales > 0, *c.OutstandingUnitScales > 1, *c.Outstanding > 0)
		},
	}
}
