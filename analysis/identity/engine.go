package identity

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// rounding32 is the tolerance, relative to the largest entry, of computations in float32.
const rounding32 = 1e-5

// engine checks what every result depends on: second moments that are computed without forming gradients, and unbiased estimates.
func (v *verification) engine() []Check {
	return append(v.unbiased(), v.factoredGram(), v.spectrum())
}

// factoredGram compares the centred Gram matrix from factors with that from the gradients themselves.
func (v *verification) factoredGram() Check {
	const n = 40
	rng := seed.New(v.root, "factors")
	values := func(count int) []float32 {
		x := make([]float32, count)
		for i := range x {
			x[i] = float32(0.3 + rng.NormFloat64())
		}
		return x
	}
	var factored, dense probe.Gradients
	for _, shape := range []struct{ in, out int }{{13, 7}, {7, 5}} {
		f := probe.NewFactored("layer", n, shape.in, shape.out, values(n*shape.in), values(n*shape.out))
		g := make([]float64, n*f.Parameters())
		for i := range n {
			f.UnitTo(g[i*f.Parameters():(i+1)*f.Parameters()], i)
		}
		factored.Layers = append(factored.Layers, f)
		dense.Layers = append(dense.Layers, probe.NewDense("layer", n, f.Parameters(), g))
	}
	return exact("Gram matrix of factors against that of gradients: largest difference", 0,
		apart(factored.Reduce(nil).Centred, dense.Reduce(nil).Centred), rounding32)
}

// spectrum compares the eigenvalues from the Gram matrix with those of the covariance matrix itself.
func (v *verification) spectrum() Check {
	const n, d = 40, 12
	g := v.population("spectrum", n, d)
	matrix := mat.NewSymDense(d, nil)
	for j, row := range g.covariance() {
		for k, c := range row {
			matrix.SetSym(j, k, c)
		}
	}
	var e mat.EigenSym
	want := make([]float64, n) // gonum's values ascend, and all but d of the Gram matrix's are 0
	if e.Factorize(matrix, false) {
		for k, value := range e.Values(nil) {
			want[d-1-k] = value
		}
	}
	return exact("spectrum of the Gram matrix against that of the covariance: largest difference", 0,
		apart(covariance.Spectrum(g.units(everyIndex(n))), want), rounding)
}

// unbiased averages the unbiased estimates over every sample of 4 units out of 8.
func (v *verification) unbiased() []Check {
	const n, recorded = 8, 4
	g := v.population("unbiased", n, 3)
	samples := everyMinibatch(noise.Independent, n, recorded)
	trace, norm := 0.0, 0.0
	for _, index := range samples {
		c := covariance.Analyse(g.units(index), 0)
		trace += float64(c.TraceUnbiased) / float64(len(samples))
		norm += float64(c.GradientNormSqUnbiased) / float64(len(samples))
	}
	want := 0.0
	for _, m := range g.mean(nil) {
		want += float64(m * m)
	}
	return []Check{
		exact("trace_unbiased: mean over every sample of units", g.trace()*n/(n-1), trace, rounding),
		exact("gradient_norm_sq_unbiased: mean over every sample of units", want, norm, rounding),
	}
}

// apart is the largest difference between two slices, relative to the largest absolute value in the second.
func apart(x, y []float64) float64 {
	difference, largest := 0.0, 0.0
	for i := range y {
		difference = max(difference, math.Abs(x[i]-y[i]))
		largest = max(largest, math.Abs(y[i]))
	}
	return difference / largest
}
