package train

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// pytorchCurvature is a network's part of testdata/pytorch/curvature.json, by PyTorch autograd in float64.
type pytorchCurvature struct {
	Trace             float64
	Frobenius         float64
	Eigenvalues       []float64
	NoiseTrace        float64     `json:"noise_trace"`
	GradientCurvature float64     `json:"gradient_curvature"`
	UnitTrace         []float64   `json:"unit_trace"`
	Pair              [][]float64 `json:"pair"`
	Hessian           float64     `json:"hessian_noise_trace"`
}

func readPyTorchCurvature(t *testing.T) map[string]pytorchCurvature {
	t.Helper()
	var all map[string]pytorchCurvature
	numtest.ReadJSON(t, "../testdata/pytorch/curvature.json", &all)
	return all
}

// columnsOf records columns of n units into memory.
func columnsOf(t *testing.T, m *Model, n, each, size int, record func(r *probe.Record) error) *probe.Columns {
	t.Helper()
	r := probe.NewRecord(probe.Meta{Index: upTo(n * each)}, n*each, m.Forms(size))
	if err := record(r); err != nil {
		t.Fatal(err)
	}
	g, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return &probe.Columns{Gradients: g, Each: each, Unit: upTo(n)}
}

// compare allows for float32 arithmetic (testdata/vectors/README.md).
func (want pytorchCurvature) compare(t *testing.T, c *probe.Curvature) {
	t.Helper()
	n := float64(c.N)
	total := func(x []float64) float64 { return mean(x) * float64(len(x)) }
	got := []float64{total(c.Trace) / n, math.Sqrt(total(c.Pair)) / n, total(c.Deviation) / (n * n), total(c.MeanSq) / n}
	if err := numtest.AllClose(got, []float64{want.Trace, want.Frobenius, want.NoiseTrace, want.GradientCurvature}, numtest.Tol{Rel: single}); err != nil {
		t.Error("tr F, |F|, tr(F Sigma), gbar' F gbar:", err)
	}
	if err := numtest.CloseToLargest(c.Eigenvalues, want.Eigenvalues, single); err != nil {
		t.Error("eigenvalues:", err)
	}
	if err := numtest.AllClose(c.Trace, want.UnitTrace, numtest.Tol{Rel: 3 * single}); err != nil {
		t.Error("tr F_k:", err)
	}
}

func TestClassesAgainstPyTorch(t *testing.T) {
	want := readPyTorchCurvature(t)
	mlp, conv := loadMLP(t), loadConv(t)
	for _, c := range []struct {
		name string
		m    *Model
		data Data
	}{{"mlp", mlp.model, mlp.data}, {"frozen", conv.model, conv.data}} {
		n := c.data.N()
		columns := columnsOf(t, c.m, n, 10, 1, func(r *probe.Record) error { return c.m.RecordClasses(r, c.data, upTo(n)) })
		g, err := c.m.Record(c.data, upTo(n), probe.Meta{})
		if err != nil {
			t.Fatal(err)
		}
		want[c.name].compare(t, columns.Reduce(g))
	}
}

// TestDrawnLabelsAgainstPyTorch compares means over 100 labels a unit. Per unit the trace of one draw has about the standard deviation of an exponential
// variable, its mean, so that 5 standard errors are 50%; of all 12 or 3 units 25% are 9 or 4; the seed is fixed.
func TestDrawnLabelsAgainstPyTorch(t *testing.T) {
	const labels = 100
	all := readPyTorchCurvature(t)
	c := loadConv(t)
	check := func(name string, columns *probe.Columns, g *probe.Gradients) {
		t.Helper()
		want := all[name]
		columns.Drawn = true
		r := columns.Reduce(g)
		if err := numtest.AllClose(r.Trace, want.UnitTrace, numtest.Tol{Rel: 0.5}); err != nil {
			t.Errorf("%s: tr F_k: %v", name, err)
		}
		n := float64(r.N)
		got := []float64{mean(r.Trace), mean(r.Deviation), mean(r.MeanSq)}
		if err := numtest.AllClose(got, []float64{want.Trace, want.NoiseTrace, want.GradientCurvature}, numtest.Tol{Rel: 0.25}); err != nil {
			t.Errorf("%s: tr F, tr(F Sigma), gbar' F gbar: %v", name, err)
		}
		for k, row := range want.Pair {
			if err := numtest.AllClose(r.Pair[k*r.N:(k+1)*r.N], row, numtest.Tol{Rel: 0.25}); err != nil {
				t.Errorf("%s: tr F_%d F_l of %v units: %v", name, k, n, err)
			}
		}
	}
	frozen := columnsOf(t, c.model, c.N, labels, 1, func(r *probe.Record) error {
		return c.model.RecordDrawn(r, c.data, upTo(c.N), labels, seed.New(1, "labels"))
	})
	g, err := c.model.Record(c.data, upTo(c.N), probe.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	check("frozen", frozen, g)

	var units [][]int
	for at := 0; at < c.N; at += c.Layout.Ghost {
		units = append(units, upTo(c.N)[at:at+c.Layout.Ghost])
	}
	ghost := columnsOf(t, c.model, len(units), labels, c.Layout.Ghost, func(r *probe.Record) error {
		return c.model.RecordDrawnGhostBatches(r, c.data, units, labels, seed.New(1, "labels"))
	})
	r := probe.NewRecord(probe.Meta{Index: upTo(len(units))}, len(units), c.model.Forms(c.Layout.Ghost))
	if err := c.model.RecordGhostBatches(r, c.data, units); err != nil {
		t.Fatal(err)
	}
	if g, err = r.Finish(); err != nil {
		t.Fatal(err)
	}
	check("ghost", ghost, g)
}

// TestColumnsLeaveGradientsAlone: what is recorded afterwards has the bits of before.
func TestColumnsLeaveGradientsAlone(t *testing.T) {
	c := loadMLP(t)
	record := func() *probe.Gradients {
		g, err := c.model.Record(c.data, upTo(c.N), probe.Meta{})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	before := record()
	columnsOf(t, c.model, c.N, 10, 1, func(r *probe.Record) error { return c.model.RecordClasses(r, c.data, upTo(c.N)) })
	after := record()
	for l := range before.Layers {
		x, y := after.Layers[l].(*probe.Factored), before.Layers[l].(*probe.Factored)
		if !slices.Equal(x.A, y.A) || !slices.Equal(x.Delta, y.Delta) || !slices.Equal(x.Mean, y.Mean) {
			t.Errorf("layer %s has changed", x.Layer)
		}
	}
}

// TestQuantile: a class is drawn with its probability, by the sum of those before it.
func TestQuantile(t *testing.T) {
	z := []float32{0, float32(math.Log(2)), 0} // 1/4, 1/2, 1/4
	for u, want := range map[float64]int{0: 0, 0.24: 0, 0.26: 1, 0.74: 1, 0.76: 2, 0.999: 2} {
		if got := quantile(z, largest(z), u); got != want {
			t.Errorf("%v: class %d, want %d", u, got, want)
		}
	}
	if got := quantile([]float32{float32(math.NaN()), 0}, 0, 0.5); got != 0 {
		t.Errorf("NaN: class %d", got)
	}
}
