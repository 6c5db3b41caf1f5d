package probe_test

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

var rounding = numtest.Tol{Rel: 1e-12, Abs: 1e-12}

// twoLayers returns a factored and a dense layer of n units, and all gradients written out.
func twoLayers(n int) (*probe.Gradients, [][]float64) {
	const in, out, p = 4, 3, 5
	a, delta := narrow(normals("a", n*in)), narrow(normals("delta", n*out))
	dense := rounded(normals("conv", n*p))
	rows := outerProducts(n, in, out, a, delta)
	for i := range rows {
		rows[i] = append(rows[i], dense[i*p:(i+1)*p]...)
	}
	return &probe.Gradients{
		Meta:   probe.Meta{Step: 7, Unit: probe.UnitSample, UnitSize: 1, Index: []int{3, 1}, Loss: []float64{0.5, 2}},
		Layers: []probe.Layer{probe.NewFactored("dense1", n, in, out, a, delta), probe.NewDense("conv1", n, p, dense)},
	}, rows
}

func denseOf(rows [][]float64) *probe.Gradients {
	layer := probe.NewDense("all", len(rows), len(rows[0]), slices.Concat(rows...))
	return &probe.Gradients{Layers: []probe.Layer{layer}}
}

// TestReduceIsAdditiveOverLayers: two layers give what one layer with the parameters side by side gives.
func TestReduceIsAdditiveOverLayers(t *testing.T) {
	const n = 9
	g, rows := twoLayers(n)
	random := probe.RandomDirections(1, len(rows[0]), 2)
	got, want := g.Reduce(random), denseOf(rows).Reduce(random)
	single := 2e-6 // of the factors, which are multiplied in float32
	for what, pair := range map[string][2][]float64{
		"centred":     {got.Centred, want.Centred},
		"gbar.g_i":    {got.MeanDot, want.MeanDot},
		"|g_i|^2":     {got.NormSq, want.NormSq},
		"|g_i|":       {got.Norm(), want.Norm()},
		"mean":        {g.Mean(), meanOf(rows)},
		"unit":        {g.Unit(4), rows[4]},
		"projection1": {got.Projections[0].Values, want.Projections[0].Values},
		"projection2": {got.Projections[1].Values, want.Projections[1].Values},
		"totals":      {{got.Trace(), got.MeanNormSq}, {want.Trace(), want.MeanNormSq}},
		"layers": {
			{got.Trace(), got.MeanNormSq},
			{got.Layers[0].Trace + got.Layers[1].Trace, got.Layers[0].MeanNormSq + got.Layers[1].MeanNormSq},
		},
	} {
		if err := numtest.CloseToLargest(pair[0], pair[1], single); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got.N != n || got.Parameters != len(rows[0]) || got.Step != 7 || got.Projections[1].Name != "random2" {
		t.Errorf("N %d, parameters %d, step %d, %q", got.N, got.Parameters, got.Step, got.Projections[1].Name)
	}
	if l := got.Layers[1]; l.Name != "conv1" || l.Parameters != 5 {
		t.Errorf("second layer is %+v", l)
	}
}

// TestUnitsFollowTheirDefinition: |g_i|^2 and the trace from the rows themselves.
func TestUnitsFollowTheirDefinition(t *testing.T) {
	_, rows := twoLayers(9)
	u := denseOf(rows).Reduce(nil)
	gbar := meanOf(rows)
	var normSq, norm []float64
	trace := 0.0
	for _, row := range rows {
		normSq, norm = append(normSq, product(row, row)), append(norm, math.Sqrt(product(row, row)))
		trace += (product(row, row) - product(gbar, gbar)) / float64(len(rows))
	}
	if err := numtest.AllClose(u.NormSq, normSq, rounding); err != nil {
		t.Errorf("|g_i|^2: %v", err)
	}
	if err := numtest.AllClose(u.Norm(), norm, rounding); err != nil {
		t.Errorf("|g_i|: %v", err)
	}
	if err := numtest.Close(u.Trace(), trace, rounding); err != nil {
		t.Errorf("trace: %v", err)
	}
}

func TestReducePermutes(t *testing.T) {
	_, rows := twoLayers(6)
	order := []int{3, 0, 5, 1, 4, 2}
	var permuted [][]float64
	for _, i := range order {
		permuted = append(permuted, rows[i])
	}
	u, v := denseOf(rows).Reduce(nil), denseOf(permuted).Reduce(nil)
	for i, oi := range order {
		for j, oj := range order {
			if err := numtest.Close(v.Centred[i*6+j], u.Centred[oi*6+oj], rounding); err != nil {
				t.Errorf("centred %d, %d: %v", i, j, err)
			}
		}
		if err := numtest.Close(v.MeanDot[i], u.MeanDot[oi], rounding); err != nil {
			t.Errorf("gbar . g_%d: %v", i, err)
		}
	}
	if err := numtest.Close(v.Trace(), u.Trace(), rounding); err != nil {
		t.Errorf("trace: %v", err)
	}
}

// TestReduceScales: c g has c^2 times the second moments, exactly where c is a power of 2.
func TestReduceScales(t *testing.T) {
	const c = -4
	_, rows := twoLayers(6)
	scaled := make([][]float64, len(rows))
	for i, row := range rows {
		for _, v := range row {
			scaled[i] = append(scaled[i], c*v)
		}
	}
	direction := probe.RandomDirections(1, len(rows[0]), 1)
	u, v := denseOf(rows).Reduce(direction), denseOf(scaled).Reduce(direction)
	for i := range u.Centred {
		if v.Centred[i] != c*c*u.Centred[i] {
			t.Fatalf("centred element %d: %g, want %g", i, v.Centred[i], c*c*u.Centred[i])
		}
	}
	if v.Trace() != c*c*u.Trace() || v.MeanNormSq != c*c*u.MeanNormSq {
		t.Errorf("trace %g, |gbar|^2 %g", v.Trace(), v.MeanNormSq)
	}
	for i, p := range u.Projections[0].Values {
		if v.Projections[0].Values[i] != c*p {
			t.Errorf("projection of unit %d: %g, want %g", i, v.Projections[0].Values[i], c*p)
		}
	}
}

func TestIdenticalGradientsHaveNoNoise(t *testing.T) {
	row := []float64{0.1, -0.7, 3}
	u := denseOf([][]float64{row, row, row}).Reduce(nil)
	if u.Trace() > 1e-30 {
		t.Errorf("trace %g", u.Trace())
	}
	zero := []float64{0, 0}
	for i, v := range denseOf([][]float64{zero, zero}).Reduce(nil).Norm() {
		if v != 0 {
			t.Errorf("norm of the zero gradient %d: %g", i, v)
		}
	}
}
