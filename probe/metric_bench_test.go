package probe_test

import (
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/probe"
)

// BenchmarkInMetric is the Gram matrix of 512 units of F1 in a metric, and the variances' weighted sums.
func BenchmarkInMetric(b *testing.B) {
	const n = 512
	g, widths := &probe.Gradients{}, []int{784, 500, 500, 500, 500, 500, 500, 500, 10}
	rng := rand.New(rand.NewPCG(1, 1))
	values := func(count int) []float32 {
		x := make([]float32, count)
		for i := range x {
			x[i] = max(0, rng.Float32()-0.5) // as behind a ReLU
		}
		return x
	}
	for k, in := range widths[:8] {
		g.Layers = append(g.Layers, probe.NewFactored("dense", n, in, widths[k+1], values(n*in), values(n*widths[k+1])))
	}
	d := make([]float64, g.Parameters())
	for i := range d {
		d[i] = 1 + rng.Float64()
	}
	b.Run("gram", func(b *testing.B) {
		for b.Loop() {
			scaled, err := g.InMetric(d)
			if err != nil {
				b.Fatal(err)
			}
			scaled.Reduce(nil)
		}
	})
	b.Run("squares", func(b *testing.B) {
		for b.Loop() {
			if _, err := g.WeightedSquares(d); err != nil {
				b.Fatal(err)
			}
		}
	})
}
