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
	for _, g := range factoredAndDense() {
		checkMetric(t, rand.New(rand.NewPCG(1, 2)), g)
	}
}

// A mean that is a hundred times as large as the deviations leaves their digits, and units without a gradient their zeros.
func TestInMetricOfALargeMean(t *testing.T) {
	const n, in, out = 40, 30, 20
	a, delta := narrow(normals("a", n*in)), narrow(normals("delta", n*out))
	for i := range a {
		a[i] += 100
	}
	for i := range delta {
		delta[i] += 100
	}
	clear(a[3*in : 4*in])
	clear(delta[5*out : 6*out])
	for _, zeros := range []bool{false, true} {
		f := probe.NewFactored("one", n, in, out, a, delta)
		if !zeros {
			f = probe.NewFactored("one", n-6, in, out, a[6*in:], delta[6*out:])
		}
		checkMetric(t, rand.New(rand.NewPCG(1, 3)), &probe.Gradients{Layers: []probe.Layer{f, probe.NewDense("two", f.N, 2, normals("two", 2*f.N))}})
	}
}

// factoredAndDense are a layer of factors, with a bias and without, and one of rows, whose means are not 0.
func factoredAndDense() (all []*probe.Gradients) {
	const n, in, out, p = 9, 5, 4, 7
	a, delta, rows := narrow(normals("a", n*in)), narrow(normals("delta", n*out)), normals("rows", n*p)
	for i := range a {
		a[i]++
	}
	for i := range rows {
		rows[i] += 3
	}
	for _, noBias := range []bool{false, true} {
		f := probe.NewFactored("one", n, in, out, a, delta)
		f.NoBias = noBias
		all = append(all, &probe.Gradients{Layers: []probe.Layer{f, probe.NewDense("two", n, p, rows)}})
	}
	return all
}

func checkMetric(t *testing.T, rng *rand.Rand, g *probe.Gradients) {
	t.Helper()
	n := g.Units()
	d := make([]float64, g.Parameters())
	for j := range d {
		d[j] = math.Exp(3 * rng.NormFloat64())
	}
	d[3] = 0
	scaled, err := g.InMetric(d)
	if err != nil {
		t.Fatal(err)
	}
	dense, direction := make([]float64, 0, n*g.Parameters()), probe.RandomDirections(1, g.Parameters(), 1)
	for i := range n {
		for j, v := range g.Unit(i) {
			dense = append(dense, v*math.Sqrt(d[j]))
		}
	}
	all := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, g.Parameters(), dense)}}
	u, want := scaled.Reduce(direction), all.Reduce(direction)
	for what, pair := range map[string][2][]float64{
		"Gram": {u.Centred, want.Centred}, "norms": {u.NormSq, want.NormSq}, "mean dots": {u.MeanDot, want.MeanDot},
		"|gbar|^2": {{u.MeanNormSq}, {want.MeanNormSq}}, "variances": {scaled.Variance(), all.Variance()}, "mean": {scaled.Mean(), all.Mean()},
		"projections": {u.Projections[0].Values, want.Projections[0].Values}, "coordinates": {u.Coordinates.Values, want.Coordinates.Values},
		"traces": {{u.Layers[0].Trace + u.Layers[1].Trace}, {want.Trace()}}, "unit": {scaled.Unit(3), all.Unit(3)},
	} {
		if err := numtest.CloseToLargest(pair[0], pair[1], 1e-5); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Units evenly spaced are those of a recording that had no others.
func TestSpread(t *testing.T) {
	const n, kept, in, out, p = 6, 3, 3, 2, 5
	a, delta, rows := narrow(normals("a", n*in)), narrow(normals("delta", n*out)), normals("rows", n*p)
	layers := func(step int) *probe.Gradients {
		var x, d []float32
		var r []float64
		for i := 0; i < n; i += step {
			x, d, r = append(x, a[i*in:(i+1)*in]...), append(d, delta[i*out:(i+1)*out]...), append(r, rows[i*p:(i+1)*p]...)
		}
		return &probe.Gradients{Meta: probe.Meta{Loss: make([]float64, n/step)}, Layers: []probe.Layer{
			probe.NewFactored("one", n/step, in, out, x, d), probe.NewDense("two", n/step, p, r),
		}}
	}
	whole, err := layers(1).InMetric(ones(layers(1).Parameters())) // a layer in memory becomes one that is read in blocks
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []*probe.Gradients{layers(1), {Layers: whole.Layers[1:]}} {
		some, want := g.Spread(kept), layers(n/kept)
		if len(g.Layers) == 1 {
			want.Layers = want.Layers[1:]
		}
		if err := numtest.AllClose(some.Reduce(nil).Centred, want.Reduce(nil).Centred, numtest.Tol{Rel: 1e-12, Abs: 1e-12}); err != nil {
			t.Error(err)
		}
	}
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}
