package shape

import (
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// denseUnits are n gradients with independent coordinates made by draw.
func denseUnits(n, p int, draw func(k int) float64) *probe.Units {
	flat := make([]float64, n*p)
	for i := range flat {
		flat[i] = draw(i % p)
	}
	return unitsOf(n, flat)
}

func unitsOf(n int, flat []float64) *probe.Units {
	g := probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, len(flat)/n, flat)}}
	return g.Reduce(probe.RandomDirections(1, len(flat)/n, 2))
}

// factoredUnits are n gradients of two dense layers with random factors: products of normals, so not Gaussian.
func factoredUnits(n int) *probe.Units {
	rng := seed.New(1, "factors")
	normals := func(size int) []float32 {
		x := make([]float32, size)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	g := probe.Gradients{
		Meta: probe.Meta{Step: 10, Unit: probe.UnitSample, UnitSize: 1, Population: 10000},
		Layers: []probe.Layer{
			probe.NewFactored("dense1", n, 20, 30, normals(n*20), normals(n*30)),
			probe.NewFactored("output", n, 30, 10, normals(n*30), normals(n*10)),
		},
	}
	for range n {
		g.Loss = append(g.Loss, rng.ExpFloat64())
	}
	return g.Reduce(probe.RandomDirections(1, g.Parameters(), 2))
}

// radial has Gaussian vectors of p coordinates with the variances 1/k, each times a radius.
func radial(rng *rand.Rand, n, p int, radius func() float64) []float64 {
	flat := make([]float64, n*p)
	for i := range n {
		r := radius()
		for k := range p {
			flat[i*p+k] = r * rng.NormFloat64() / sqrt(float64(k+1))
		}
	}
	return flat
}
