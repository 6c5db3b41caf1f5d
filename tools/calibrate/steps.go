package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
)

// stepCases read the verdicts on a step: whether its noise is larger than its gradient, and costs more than it gains. Where the two are equal any
// verdict is false.
func stepCases() (all []experiment) {
	for _, ratio := range []float64{1, 0.25, 4} {
		for _, n := range []int{64, 256} {
			all = append(all, signalCase(n, ratio))
		}
	}
	for _, ratio := range []float64{1, 0.25, 4} {
		all = append(all, gainCase(256, ratio))
	}
	return all
}

// signalCase has a gradient of n |grad L|^2 / tr Sigma = 60, and a batch of the size at which the noise of a step has ratio times its squared length.
func signalCase(n int, ratio float64) experiment {
	l := gaussian.of(parameters, n, 60)
	return experiment{
		section: sectionStep, data: fmt.Sprintf("noise %g times the gradient", ratio), n: n, share: 1,
		targets: statements("noise is larger", "gradient is larger", "undecided"),
		read: func(rng *rand.Rand) []reading {
			u := l.units(rng, n)
			c := covariance.Analyse(u, 1)
			size := covariance.SizeOf(u, &c, nil)
			step := size.Trace * estimate.Number(ratio*l.normSq()/l.trace())
			v := along.Of([]along.Point{{Size: size, StepTrace: step}, {Step: 1, Size: size, StepTrace: step}}).Signal.Verdict
			return said(v == along.Noise, v == along.Gradient, v == along.Undecided)
		},
	}
}

// gainCase is a step of the learning rate 0.1 with batches of one sample, and an alpha at which the noise costs ratio times what the step gains.
func gainCase(n int, ratio float64) experiment {
	const rate, samples = 0.1, 1e6
	norm := 0.0 // of the gradient H w
	for k := range regressionParameters {
		norm += regressionError * regressionError / math.Pow(float64(k+1), 2)
	}
	truth := map[string]float64{}
	for _, t := range regressionTargets() {
		truth[t.name] = t.truth
	}
	gain := rate*norm - rate*rate/2*truth[curvature.KeyGradientCurvature]
	f := ratio * gain / (rate * rate / 2 * truth[curvature.KeyNoiseTrace])
	settings := curvature.Settings{Alpha: (1 + math.Sqrt(2*f-1)) / 2, Batch: 1, Pairing: noise.Independent, LearningRate: rate}
	return experiment{
		section: sectionStep, data: fmt.Sprintf("noise costs %g times the gain", ratio), n: n, share: 0.5,
		targets: statements("cost is larger", "gain is larger", "undecided", "no verdict"),
		read: func(rng *rand.Rand) []reading {
			c, u, _ := regression(rng, n, n)
			u.Population = samples
			v := curvature.Of(c, u, settings).StepVerdict
			return said(v == curvature.Cost, v == curvature.Gain, v == curvature.Undecided, v == "")
		},
	}
}
