package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

const parameters = 60

// covarianceCases are gradients with a strong mean, a weak one and none, as multiples of its own sampling error: the signal is
// n |grad L|^2 / tr Sigma.
func covarianceCases() (all []experiment) {
	for _, n := range []int{16, 64, 256} {
		for _, signal := range []float64{60, 6, 0} {
			all = append(all, covarianceCase(n, signal, false))
		}
	}
	return append(all, covarianceCase(64, 6, true), covarianceCase(256, 6, true), nullEdgeCase(64), nullEdgeCase(256))
}

func covarianceCase(n int, signal float64, heavy bool) experiment {
	l := law{p: parameters, heavy: heavy}
	l.mean = math.Sqrt(signal * l.trace() / float64(n*l.p))
	e := experiment{
		section: sectionCovariance, data: fmt.Sprintf("Gaussian, signal %g", signal), n: n, share: 1, targets: covarianceTargets(l, n, signal),
	}
	if heavy {
		e.data = fmt.Sprintf("Student t5, signal %g", signal)
		for i := range e.targets {
			e.targets[i].bar = false
		}
	}
	if n > 64 {
		e.share = 0.25
	}
	e.read = func(rng *rand.Rand) []reading {
		c := covariance.Analyse(units(n, l.p, l.rows(rng, n)), covariance.DefaultEigenvalues)
		var all []reading
		for _, t := range e.targets {
			all = append(all, readCovariance(&c, t.name))
		}
		return all
	}
	return e
}

// covarianceTargets are what the intervals of a report should hold. What does not depend on the mean is shown at one signal.
// Without a gradient the noise scale is infinite, and so is the diversity: they have no case there.
func covarianceTargets(l law, n int, signal float64) []target {
	t := []target{interval("gradient_norm_sq_unbiased", l.normSq())}
	if signal > 0 {
		t = append(t, barred("noise_scale", l.trace()/l.normSq()), interval("gradient_diversity_scaled", 1+l.trace()/l.normSq()))
	}
	if signal != 6 {
		return t
	}
	return append(t,
		barred("trace_unbiased", l.trace()), barred("trace", l.trace()*float64(n-1)/float64(n)),
		interval("effective_rank_participation_unbiased", l.participation()),
		interval("extrapolated effective_rank_participation", l.participation()),
		interval("extrapolated effective_rank_entropy", l.entropyRank()),
		interval("extrapolated leading_eigenvalue", 1),
		interval("eigenvalue 1", 1), interval("eigenvalue 2", 1.0/2), interval("eigenvalue 5", 1.0/5))
}

// readCovariance finds an estimate and its interval by name.
func readCovariance(c *covariance.Covariance, name string) reading {
	values := map[string]estimate.Number{
		"trace_unbiased": c.TraceUnbiased, "trace": c.Trace, "gradient_norm_sq_unbiased": c.GradientNormSqUnbiased,
		"effective_rank_participation_unbiased": c.EffectiveRankParticipationUnbiased, "noise_scale": c.NoiseScale,
		"gradient_diversity_scaled": c.GradientDiversityScaled,
	}
	if v, ok := values[name]; ok {
		ci, ok := c.CI[name]
		if !ok {
			ci = estimate.None()
		}
		return estimated(v, ci)
	}
	for key, v := range c.Extrapolated {
		if name == "extrapolated "+key && v != nil {
			return estimated(v.Value, v.CI)
		}
	}
	for i, ci := range c.EigenvaluesCI {
		if name == fmt.Sprintf("eigenvalue %d", i+1) {
			return estimated(c.Eigenvalues[i], ci)
		}
	}
	return estimated(estimate.Undefined(), estimate.None())
}

// nullEdgeCase has independent parameters, of which no eigenvalue should stand out in 95% of the data sets.
func nullEdgeCase(n int) experiment {
	l := law{p: parameters}
	return experiment{
		section: sectionCovariance, data: "Gaussian, independent parameters", n: n, share: 0.25,
		targets: []target{interval("eigenvalue 1 below null_edge", 0), interval("eigenvalue 1 below null_edge_unit_scales", 0)},
		read: func(rng *rand.Rand) []reading {
			c := covariance.Analyse(units(n, l.p, l.rows(rng, n)), 1)
			first := float64(c.Eigenvalues[0])
			below := func(edge estimate.Number) reading {
				return inBand(first, estimate.Interval{Lo: 0, Hi: float64(edge)})
			}
			return []reading{below(c.NullEdge), below(c.NullEdgeUnitScales)}
		},
	}
}
