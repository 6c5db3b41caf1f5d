package main

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// curvatureCases are linear regressions, the curvature of all recorded units or of a fourth of them.
func curvatureCases() []experiment {
	return []experiment{curvatureCase("linear regression, all units", 128, 128), curvatureCase("linear regression, all units", 256, 256),
		curvatureCase("linear regression, 64 units", 256, 64)}
}

// regression is y = w0'x + e with x from N(0, H), H diagonal with 1/k, and e of variance 1, at weights that differ from w0 by w = 1/2 in every coordinate. The gradient of
// the squared loss is (w'x - e) x, its Gauss-Newton matrix x x', and by Isserlis Sigma = (1 + w'Hw) H + H w w' H.
const regressionParameters, regressionError = 20, 0.5

func curvatureCase(data string, n, k int) experiment {
	e := experiment{section: sectionCurvature, data: data, n: n, share: 1, targets: regressionTargets()}
	if n > 64 {
		e.share = 0.5
	}
	e.read = func(rng *rand.Rand) []reading {
		c := curvature.Of(regression(rng, n, k))
		estimates := []estimate.Number{c.Trace, c.FrobeniusUnbiased, c.NoiseTraceUnbiased, c.AlignmentUnbiased, c.AnisotropyUnbiased, c.GradientCurvatureUnbiased, c.NoiseScale}
		var all []reading
		for i, t := range e.targets {
			all = append(all, estimated(estimates[i], c.Interval(t.name)))
		}
		return all
	}
	return e
}

// regressionTargets are the values for an infinite population.
func regressionTargets() []target {
	power := func(r float64) (sum float64) {
		for k := range regressionParameters {
			sum += math.Pow(float64(k+1), -r)
		}
		return sum
	}
	const w2 = regressionError * regressionError
	a := 1 + w2*power(1)
	noise, gradient := a*power(2)+w2*power(3), w2*power(3)
	sigma := a*power(1) + w2*power(2)
	square := a*a*power(2) + 2*a*w2*power(3) + w2*w2*power(2)*power(2)
	return []target{
		barred(curvature.KeyTrace, power(1)), barred(curvature.KeyFrobenius, math.Sqrt(power(2))), barred(curvature.KeyNoiseTrace, noise),
		barred(curvature.KeyAlignment, noise/math.Sqrt(power(2)*square)), barred(curvature.KeyAnisotropy, regressionParameters*noise/(power(1)*sigma)),
		interval(curvature.KeyGradientCurvature, gradient), interval(curvature.KeyNoiseScale, noise/gradient),
	}
}

// regression draws the units, and the curvature of the first k.
func regression(rng *rand.Rand, n, k int) (*probe.Curvature, *probe.Units, curvature.Settings) {
	columns, gradients := regressionRecords(rng, n, k)
	return columns.Reduce(gradients), gradients.Reduce(nil), curvature.Settings{Alpha: math.NaN()}
}

func regressionRecords(rng *rand.Rand, n, k int) (*probe.Columns, *probe.Gradients) {
	var x, g []float64
	for range n {
		at, residual := len(x), -rng.NormFloat64()
		for j := range regressionParameters {
			x = append(x, rng.NormFloat64()/math.Sqrt(float64(j+1)))
			residual += regressionError * x[at+j]
		}
		for _, v := range x[at:] {
			g = append(g, residual*v)
		}
	}
	const p = regressionParameters
	gradients := &probe.Gradients{Meta: probe.Meta{Index: make([]int, n), Loss: make([]float64, n)}, Layers: []probe.Layer{probe.NewDense("output", n, p, g)}}
	columns := &probe.Columns{Gradients: &probe.Gradients{Layers: []probe.Layer{probe.NewDense("output", k, p, x[:k*p])}}, Each: 1, Unit: indices(k)}
	return columns, gradients
}
