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
		g, units := crossed("units", 12, dense)
		got, err := c.Precondition(g, o)
		if err != nil {
			t.Fatal(err)
		}
		slow := probe.Columns{Gradients: writtenOut(rows, o.Metric(), 0), Each: 3, Unit: c.Unit}
		want := slow.Reduce(writtenOut(units, o.Metric(), 1)).Meeting(writtenOut(units, o.Metric(), 0.5).Reduce(nil))
		if err := numtest.CloseToLargest(meetingNumbers(*got.Meeting), meetingNumbers(want), 1e-5); err != nil {
			t.Errorf("dense %v: %v", dense, err)
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
		r := c.Reduce(g)
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
	got, err := c.Precondition(c.Gradients, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.AllClose([]float64{got.Sharpness, got.HeldOut}, []float64{want, want}, numtest.Tol{Rel: 1e-9}); err != nil || got.Units >= n {
		t.Errorf("%v, of %d units", err, got.Units)
	}
}

// writtenOut are these gradients times D to a power, one by one.
func writtenOut(rows [][]float64, d []float64, power float64) *probe.Gradients {
	var all []float64
	for _, row := range rows {
		for j, v := range row {
			all = append(all, v*math.Pow(d[j], power))
		}
	}
	meta := probe.Meta{Index: make([]int, len(rows)), Loss: make([]float64, len(rows))}
	return &probe.Gradients{Meta: meta, Layers: []probe.Layer{probe.NewDense("all", len(rows), len(d), all)}}
}

func meetingNumbers(m probe.Meeting) (all []float64) {
	for _, v := range [][]float64{m.MeanSq, m.Spread, m.Self, m.SelfAlong, m.Deviation, m.Along, m.Own, {m.MeanNormSq}, m.MeanAlong, m.Square} {
		all = append(all, v...)
	}
	return all
}

// TestMetricCross: columns of the same and of other inputs, inputs and deltas that are 0, with a bias and without, and gradients in any form.
func TestMetricCross(t *testing.T) {
	const n, in, out = 9, 7, 5
	for _, noBias := range []bool{false, true} {
		a, delta := narrow(normals("a", n*in)), narrow(normals("delta", n*out))
		copy(a[in:3*in], a) // three columns of one unit
		a[4], delta[3] = 0, 0
		clear(delta[6*out : 7*out])
		clear(a[8*in:])
		columns := probe.NewFactored("one", n, in, out, a, delta)
		columns.NoBias = noBias
		units := probe.NewFactored("one", n, in, out, narrow(normals("b", n*in)), narrow(normals("epsilon", n*out)))
		units.NoBias = noBias
		c, g := &probe.Gradients{Layers: []probe.Layer{columns}}, &probe.Gradients{Layers: []probe.Layer{units}}
		d := make([]float64, c.Parameters())
		for j := range d {
			d[j] = float64(j%11) / 3
		}
		var want []float64
		for i := range n {
			for k := range n {
				sum := 0.0
				for j, v := range c.Unit(i) {
					sum += v * d[j] * g.Unit(k)[j]
				}
				want = append(want, sum)
			}
		}
		x, err := c.InMetric(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []*probe.Gradients{g, {Layers: []probe.Layer{probe.NewDense("one", n, len(d), rowsOut(g))}}} {
			y, err := form.InMetric(d)
			if err != nil {
				t.Fatal(err)
			}
			if err := numtest.CloseToLargest(probe.CrossGram(x, y), want, 1e-5); err != nil {
				t.Errorf("without bias %v: %v", noBias, err)
			}
		}
	}
}

func rowsOut(g *probe.Gradients) (all []float64) {
	for i := range g.Units() {
		all = append(all, g.Unit(i)...)
	}
	return all
}
