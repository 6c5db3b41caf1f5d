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
	"github.com/noiseprobe/noiseprobe/probe"
)

// stepCases read the verdicts on a step: whether its noise is larger than its gradient, and costs more than it gains. Where the two are equal any
// verdict is false.
func stepCases() (all []experiment) {
	for _, ratio := range []float64{1, 0.25, 4} {
		for _, n := range []int{64, 256} {
			all = append(all, signalCase(n, ratio))
		}
	}
	for _, o := range []*probe.Optimizer{nil, settledAdam()} {
		for _, ratio := range []float64{1, 0.25, 4} {
			all = append(all, gainCase(256, ratio, o))
		}
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

// gainCase is a step c D g of the learning rate c = 0.1 with batches of one sample, D = 1 of plain SGD or the metric of an optimizer, and an alpha at
// which the noise costs ratio times what the step gains.
func gainCase(n int, ratio float64, o *probe.Optimizer) experiment {
	const rate, samples = 0.1, 1e6
	var norm, curved, noisy float64 // gbar' D gbar, (D gbar)' F (D gbar) and tr(F D Sigma D), by the closed form of [regressionTargets]
	a := 1.0
	for k := range regressionParameters {
		a += regressionError * regressionError / float64(k+1)
	}
	for k := range regressionParameters {
		h, d := 1/float64(k+1), 1.0
		if o != nil {
			d = o.Metric()[k]
		}
		mean := h * regressionError
		norm, curved, noisy = norm+d*mean*mean, curved+h*d*d*mean*mean, noisy+h*d*d*(a*h+mean*mean)
	}
	f := ratio * (rate*norm - rate*rate/2*curved) / (rate * rate / 2 * noisy)
	settings := curvature.Settings{Alpha: (1 + math.Sqrt(2*f-1)) / 2, Batch: 1, Pairing: noise.Independent, LearningRate: rate}
	data := fmt.Sprintf("noise costs %g times the gain", ratio)
	if o != nil {
		data += ", Adam"
	}
	return experiment{
		section: sectionStep, data: data, n: n, share: 0.5,
		targets: statements("cost is larger", "gain is larger", "undecided", "no verdict"),
		read: func(rng *rand.Rand) []reading {
			columns, gradients := regressionRecords(rng, n, n)
			c, u := columns.Reduce(gradients), gradients.Reduce(nil)
			u.Population = samples
			if o != nil {
				var err error
				if c.Preconditioned, err = columns.Precondition(gradients, o); err != nil {
					panic(err)
				}
			}
			r := curvature.Of(c, u, settings)
			v := r.StepVerdict
			if o != nil {
				v = r.Preconditioned.StepVerdict
			}
			return said(v == curvature.Cost, v == curvature.Gain, v == curvature.Undecided, v == "")
		},
	}
}

// settledAdam divides the parameters by 1 to 4 and makes steps of c = 0.1.
func settledAdam() *probe.Optimizer {
	o := &probe.Optimizer{Name: "adam", Step: 100_000, Beta1: 0.9, Beta2: 0.999, LearningRate: 1, M: make([]float32, regressionParameters)}
	for k := range regressionParameters {
		root := float32(1 + k%4)
		o.V = append(o.V, root*root)
	}
	return o
}
