package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// unequalCases have units whose gradients are of different lengths.
func unequalCases() (all []experiment) {
	for _, l := range []law{gaussian, skewed, t5, t3, logNormal(1), logNormal(1.5), few(0.01, 0.73)} {
		for _, n := range []int{64, 128, 512} {
			all = append(all, unequalCase(l.of(parameters, n, 6), n))
		}
	}
	return all
}

func unequalCase(l law, n int) experiment {
	e := experiment{
		section: sectionUnequal, data: l.name, n: n, share: 0.25,
		targets: []target{
			barred(covariance.KeyTraceUnbiased, l.trace()), barred(covariance.KeyNoiseScale, l.trace()/l.normSq()),
			barred(covariance.KeyGradientNormSq, l.normSq()), barred(covariance.KeyParticipationUnbiased, l.participation()),
		},
	}
	if n > 128 {
		e.share = 0.1
	}
	if !math.IsInf(l.kappa(), 0) { // that of Student t3 is infinite, and so are gamma and the excess
		e.targets = append(e.targets, barred(gammaName, l.gamma()), barred(normExcessName, l.normExcess()))
	}
	e.read = func(rng *rand.Rand) []reading { return readUnits(l.units(rng, n), e.targets) }
	return e
}

// finiteCases record a large share of a training set: what is estimated is that of the set, which is the same for every replicate.
func finiteCases() (all []experiment) {
	for _, l := range []law{gaussian, t5, few(0.02, 0.5)} {
		for _, share := range []float64{0.5, 0.85} {
			all = append(all, finiteCase(l.of(parameters, finite, 6), share))
		}
	}
	for _, l := range []law{gaussian, t5, few(0.01, 0.73)} {
		for _, n := range []int{64, 256} {
			all = append(all, normsCase(l.of(parameters, finite, 6), n))
		}
	}
	return all
}

const finite = 600

func finiteCase(l law, share float64) experiment {
	n := int(math.Round(share * finite))
	set := l.fixedSet(finite)
	m := covariance.NormMoments(set.all())
	trace := m.Trace * finite / (finite - 1)
	k := m.Polykays()
	e := experiment{
		section: sectionFinite, data: fmt.Sprintf("%s, n/N = %g", l.name, share), n: n, share: 0.1,
		targets: []target{
			barred(covariance.KeyTraceUnbiased, trace), barred(covariance.KeyParticipationUnbiased, m.Trace*m.Trace/m.TraceSquare),
			barred(gammaName, k.K4/(trace*trace)), barred(normExcessName, k.K4/(2*k.TraceOfSquare)),
		},
	}
	e.read = func(rng *rand.Rand) []reading { return readUnits(set.recorded(rng, n), e.targets) }
	return e
}

// normsCase knows the norms of all samples of the training set, and n units for tr Sigma^2 alone.
func normsCase(l law, n int) experiment {
	set := l.fixedSet(finite)
	all := set.all()
	trace, k := all.Trace()*finite/(finite-1), covariance.NormMoments(all).Polykays()
	norms := &probe.SampleNorms{NormSq: all.NormSq, MeanDot: all.MeanDot, MeanNormSq: all.MeanNormSq}
	return experiment{
		section: sectionFinite, data: l.name + ", all norms", n: n, share: 0.25,
		targets: []target{barred("population gamma", k.K4/(trace*trace)), barred("population norm_excess_unit", k.K4/(2*k.TraceOfSquare))},
		read: func(rng *rand.Rand) []reading {
			r := shape.Result{Shape: &shape.Shape{}}
			r.AddDraws(&probe.Draws{Population: finite, Samples: norms}, set.recorded(rng, n))
			p := r.Shape.Population
			return []reading{estimated(p.Gamma, p.GammaCI), estimated(p.NormExcessUnit, p.NormExcessUnitCI)}
		},
	}
}

// finiteBatchCases hold B_eff against units that are a large share of the training set.
func finiteBatchCases() (all []experiment) {
	for _, l := range []law{gaussian, t5} {
		for _, n := range []int{500, 850} {
			all = append(all, directCase(l, noise.Independent, 64, 100, n))
		}
	}
	return all
}
