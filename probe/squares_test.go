package probe_test

import (
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// The sums of factors and of rows are those of gradients that are formed one by one.
func TestWeightedSquares(t *testing.T) {
	const n, in, out, p = 8, 6, 3, 4
	rng := rand.New(rand.NewPCG(3, 4))
	a, delta, rows := make([]float32, n*in), make([]float32, n*out), make([]float64, n*p)
	for i := range a {
		a[i] = rng.Float32() + 0.5
	}
	for i := range delta {
		delta[i] = float32(rng.NormFloat64())
	}
	for i := range rows {
		rows[i] = rng.NormFloat64() + 3
	}
	for _, noBias := range []bool{false, true} {
		f := probe.NewFactored("one", n, in, out, a, delta)
		f.NoBias = noBias
		checkWeightedSquares(t, rng, &probe.Gradients{Layers: []probe.Layer{f, probe.NewDense("two", n, p, rows)}})
	}
}

func checkWeightedSquares(t *testing.T, rng *rand.Rand, g *probe.Gradients) {
	t.Helper()
	n := g.Units()
	w := make([]float64, g.Parameters())
	for j := range w {
		w[j] = rng.NormFloat64()
	}
	got, err := g.WeightedSquares(w)
	if err != nil {
		t.Fatal(err)
	}
	want, mean := make([]float64, n), g.Mean()
	for i := range want {
		for j, v := range g.Unit(i) {
			want[i] += w[j] * (v - mean[j]) * (v - mean[j])
		}
	}
	if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-6, Abs: 1e-6}); err != nil {
		t.Error(err)
	}
}
