package analysis

import (
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// settings have a batch below a default run's, for the time that it takes.
var settings = Settings{Alpha: 1.5, Batch: 50, Pairing: noise.Disjoint, LearningRate: 0.001, Seed: 1, Eigenvalues: 20}

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

// denseUnits are n gradients with independent coordinates made by draw.
func denseUnits(n, p int, draw func(k int) float64) *probe.Units {
	flat := make([]float64, n*p)
	for i := range flat {
		flat[i] = draw(i % p)
	}
	g := probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p, flat)}}
	return g.Reduce(probe.RandomDirections(1, p, 2))
}

// directDraws are as many pairs with noise that is Gaussian along each of three coordinates.
func directDraws(draws int, alpha float64) *probe.Draws {
	rng := seed.New(1, "direct draws")
	d := &probe.Draws{
		Plan:       probe.Plan{Draws: draws, Batch: 500, Alpha: alpha, Pairing: noise.Independent},
		Population: 10000, Effective: 200, Projections: []probe.DrawProjection{{Name: "random1"}, {Name: "mean-gradient"}},
	}
	for range draws {
		var x, prime, ne, single [3]float64
		for k := range x {
			x[k], prime[k], single[k] = rng.NormFloat64(), rng.NormFloat64(), 1.6*rng.NormFloat64()
			ne[k] = alpha*x[k] + (1-alpha)*prime[k]
		}
		d.NormSq, d.PrimeNormSq = append(d.NormSq, dot(x, x)), append(d.PrimeNormSq, dot(prime, prime))
		d.Cross, d.EnhancedSq = append(d.Cross, dot(x, prime)), append(d.EnhancedSq, dot(ne, ne))
		d.EffectiveSq, d.UpdateError = append(d.EffectiveSq, dot(single, single)), append(d.UpdateError, 1e-7)
		for k := range d.Projections {
			p := &d.Projections[k]
			p.X, p.XPrime = append(p.X, x[k]), append(p.XPrime, prime[k])
			p.NE, p.Effective = append(p.NE, ne[k]), append(p.Effective, single[k])
		}
	}
	return d
}

func dot(x, y [3]float64) float64 { return x[0]*y[0] + x[1]*y[1] + x[2]*y[2] }
