package probe_test

import (
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// The sums of factors and of rows are those of gradients that are formed one by one.
func TestWeightedSquares(t *testing.T) {
	for _, g := range factoredAndDense() {
		checkWeightedSquares(t, rand.New(rand.NewPCG(3, 4)), g)
	}
}

func checkWeightedSquares(t *testing.T, rng *rand.Rand, g *probe.Gradients) {
	t.Helper()
	n := g.Units()
	w, equal := make([]float64, g.Parameters()), ones(g.Parameters())
	for j := range w {
		w[j] = rng.NormFloat64()
	}
	all, err := g.WeightedSquares(equal, w)
	if err != nil {
		t.Fatal(err)
	}
	for k, w := range [][]float64{equal, w} {
		want, mean := make([]float64, n), g.Mean()
		for i := range want {
			for j, v := range g.Unit(i) {
				want[i] += w[j] * (v - mean[j]) * (v - mean[j])
			}
		}
		if err := numtest.AllClose(all[k], want, numtest.Tol{Rel: 1e-6, Abs: 1e-6}); err != nil {
			t.Error(err)
		}
	}
}
