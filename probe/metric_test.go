package probe_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// The moments in a metric are those of gradients that were multiplied, one by one, whatever form the layers have.
func TestInMetric(t *testing.T) {
	const n, in, out, p = 9, 5, 4, 7
	rng := rand.New(rand.NewPCG(1, 2))
	a, delta, rows := make([]float32, n*in), make([]float32, n*out), make([]float64, n*p)
	for i := range a {
		a[i] = rng.Float32() + 1
	}
	for i := range delta {
		delta[i] = float32(rng.NormFloat64())
	}
	for i := range rows {
		rows[i] = rng.NormFloat64() + 3
	}
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewFactored("one", n, in, out, a, delta), probe.NewDense("two", n, p, rows)}}
	d := make([]float64, g.Parameters())
	for j := range d {
		d[j] = math.Exp(3 * rng.NormFloat64())
	}
	d[3] = 0
	scaled, err := g.InMetric(d)
	if err != nil {
		t.Fatal(err)
	}
	again, err := scaled.InMetric(d)
	if err != nil {
		t.Fatal(err)
	}
	for power, got := range map[float64]*probe.Gradients{0.5: scaled, 1: again} {
		dense := make([]float64, 0, n*g.Parameters())
		for i := range n {
			for j, v := range g.Unit(i) {
				dense = append(dense, v*math.Pow(d[j], power))
			}
		}
		u, want := got.Reduce(nil), (&probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, g.Parameters(), dense)}}).Reduce(nil)
		for _, pair := range [][2][]float64{{u.Centred, want.Centred}, {u.NormSq, want.NormSq}, {u.MeanDot, want.MeanDot}} {
			if err := numtest.AllClose(pair[0], pair[1], numtest.Tol{Rel: 1e-5, Abs: 1e-5 * want.Trace()}); err != nil {
				t.Errorf("power %g: %v", power, err)
			}
		}
	}
}
