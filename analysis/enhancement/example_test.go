package enhancement_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/probe"
)

// gradients are 200 per-sample gradients of 20 parameters with exponential coordinates.
func gradients() *probe.Units {
	rng := rand.New(rand.NewPCG(1, 2))
	flat := make([]float64, 200*20)
	for i := range flat {
		flat[i] = rng.ExpFloat64()
	}
	g := probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", 200, 20, flat)}}
	return g.Reduce(nil)
}

// One call takes recorded gradients and gives f and B_eff over a grid of alpha, each with its interval, and the test of rho.
func ExampleAnalyse() {
	r := enhancement.Analyse(gradients(), nil, enhancement.Settings{Alpha: 1.5, Batch: 100, Alphas: []float64{0.5, 1, 1.5, 3}, Seed: 1})
	for i, f := range r.Factors {
		b := r.EffectiveBatches[i]
		fmt.Printf("alpha %.1f: f = %.2f, predicted %.2f; B_eff = %.1f, predicted %.1f\n", f.Alpha, f.Measured, f.Predicted, b.Measured, b.Predicted)
	}
	rho := r.Correlations[0]
	fmt.Printf("%s: rho in [%.3f, %.3f], p = %.2f\n", rho.Evidence, rho.CI.Lo, rho.CI.Hi, rho.PValue)
	// Output:
	// alpha 0.5: f = 0.50, predicted 0.50; B_eff = 199.6, predicted 200.0
	// alpha 1.0: f = 1.00, predicted 1.00; B_eff = 100.0, predicted 100.0
	// alpha 1.5: f = 2.50, predicted 2.50; B_eff = 40.0, predicted 40.0
	// alpha 3.0: f = 12.98, predicted 13.00; B_eff = 7.7, predicted 7.7
	// resampled: rho in [-0.009, 0.012], p = 0.73
}

// The scale of Cauchy noise follows alpha with s = 1, that of Gaussian noise with s = 2.
func ExampleExponent() {
	rng := rand.New(rand.NewPCG(1, 2))
	var gaussian, cauchy [2][]float64
	for range 4000 {
		for k := range 2 {
			gaussian[k] = append(gaussian[k], rng.NormFloat64())
			cauchy[k] = append(cauchy[k], rng.NormFloat64()/rng.NormFloat64())
		}
	}
	for _, x := range [][2][]float64{gaussian, cauchy} {
		e := enhancement.Exponent(x[0], x[1], enhancement.Alphas, 1)
		fmt.Printf("s = %.2f in [%.2f, %.2f]: %s\n", e.S, e.CI.Lo, e.CI.Hi, e.Reading())
	}
	// Output:
	// s = 2.04 in [1.88, 2.24]: finite variance
	// s = 0.97 in [0.93, 1.02]: stable-like
}
