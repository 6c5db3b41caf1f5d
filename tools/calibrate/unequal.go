package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/noise"
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
		section: sectionUnequal, data: l.name, n: n, share: 0.5,
		targets: []target{
			interval(covariance.KeyTraceUnbiased, l.trace()), interval(covariance.KeyNoiseScale, l.trace()/l.normSq()),
			interval(covariance.KeyGradientNormSq, l.normSq()), interval(covariance.KeyParticipationUnbiased, l.participation()),
		},
	}
	if n > 128 {
		e.share = 0.1
	}
	if !math.IsInf(l.kappa(), 0) { // that of Student t3 is infinite, and so are gamma and the excess
		e.targets = append(e.targets, interval(gammaName, l.gamma()), interval(normExcessName, l.normExcess()))
	}
	for i := range e.targets {
		e.targets[i].bar = true
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
	return all
}

const finite = 800

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

// finiteBatchCases hold B_eff against units that are a large share of the training set.
func finiteBatchCases() (all []experiment) {
	for _, l := range []law{gaussian, t5} {
		for _, n := range []int{500, 850} {
			all = append(all, directCase(l, noise.Independent, 64, 100, n))
		}
	}
	return all
}
