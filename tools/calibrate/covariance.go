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
	return append(all, nullEdgeCase(64), nullEdgeCase(256))
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
