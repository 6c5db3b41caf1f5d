package probe_test

import (
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/eigen"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// adamOf has another second moment for every parameter.
func adamOf(parameters int) *probe.Optimizer {
	o := &probe.Optimizer{Name: "adam", Step: 1000, LearningRate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, M: make([]float32, parameters)}
	for j := range parameters {
		o.V = append(o.V, float32(j+1))
	}
	return o
}

// TestPrecondition writes D^(1/2) F D^(1/2) out. The edge of Adam with beta1 = 0.9 is 38 / eta (Cohen et al., arXiv:2207.14484).
func TestPrecondition(t *testing.T) {
	for _, dense := range []bool{true, false} {
		columns, rows := crossed("columns", 18, dense)
		p := len(rows[0])
		o, matrix := adamOf(p), make([]float64, p*p)
		for _, h := range rows {
			for i, di := range o.Metric() {
				for j, dj := range o.Metric() {
					matrix[i*p+j] += math.Sqrt(di*dj) * h[i] * h[j] / 6
				}
			}
		}
		values, _ := eigen.Values(p, matrix)
		c := probe.Columns{Gradients: columns, Each: 3, Unit: []int{1, 3, 5, 7, 9, 11}}
		got, err := c.Precondition(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := numtest.Close(got.Sharpness, values[0], numtest.Tol{Rel: 1e-5}); err != nil || got.Units != 6 {
			t.Errorf("dense %v: %v of %d units", dense, err, got.Units)
		}
		if err := numtest.Close(got.Edge, 38_000, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Error(err)
		}
		if !(got.HeldOut > 0 && got.HeldOut < got.Sharpness) {
			t.Errorf("held out %g of %g", got.HeldOut, got.Sharpness)
		}
		r := c.Reduce(columns)
		r.Preconditioned = got
		path := filepath.Join(t.TempDir(), "curvature.safetensors")
		if err := probe.WriteCurvature(path, r); err != nil {
			t.Fatal(err)
		}
		if back, err := probe.ReadCurvature(path); err != nil || !reflect.DeepEqual(back.Preconditioned, got) {
			t.Errorf("%+v, %v, want %+v", back, err, got)
		}
	}
}

// Where all units are alike, each half sees what the other does. Of many units some are taken.
func TestPreconditionOfUnitsAlike(t *testing.T) {
	one, rows := crossed("columns", 1, true)
	const n = 700
	var all []float64
	unit := make([]int, n)
	for i := range n {
		all, unit[i] = append(all, rows[0]...), i
	}
	c := probe.Columns{Gradients: &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, one.Parameters(), all)}}, Each: 1, Unit: unit}
	o, want := adamOf(one.Parameters()), 0.0
	for j, d := range o.Metric() {
		want += d * rows[0][j] * rows[0][j]
	}
	got, err := c.Precondition(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.AllClose([]float64{got.Sharpness, got.HeldOut}, []float64{want, want}, numtest.Tol{Rel: 1e-9}); err != nil || got.Units >= n {
		t.Errorf("%v, of %d units", err, got.Units)
	}
}
