package probe_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// TestNormsAgainstTheirDefinition: for layers of every kind, alone and together.
func TestNormsAgainstTheirDefinition(t *testing.T) {
	for _, p := range problems() {
		g := &probe.Gradients{Layers: []probe.Layer{p.layer, p.layer}}
		parameters := p.layer.Parameters()
		v := narrow(normals("v", 2*parameters))
		gotSq, got := g.Norms(v)
		var wantSq, want []float64
		for _, row := range p.rows {
			twice := slices.Concat(row, row)
			wantSq, want = append(wantSq, product(twice, twice)), append(want, onto(twice, probe.Direction{Vector: v}))
		}
		// All sums are in float64, whatever the layer: the gradients are exact products.
		if err := numtest.AllClose(gotSq, wantSq, numtest.Tol{Rel: 1e-13}); err != nil {
			t.Errorf("%s: |g|^2: %v", p.name, err)
		}
		if err := numtest.CloseToLargest(got, want, 1e-13); err != nil {
			t.Errorf("%s: g . v: %v", p.name, err)
		}
	}
	panics(t, "vector", func() {
		(&probe.Gradients{Layers: []probe.Layer{problems()[0].layer}}).Norms(make([]float32, 3))
	})
}

// More units than the 512 whose factors are widened at a time, and no multiple of them.
func TestNormsInBlocks(t *testing.T) {
	const n, in, out = 1100, 3, 2
	a, delta := narrow(normals("a", n*in)), narrow(normals("delta", n*out))
	v := narrow(normals("v", out*(in+1)))
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewFactored("dense1", n, in, out, a, delta)}}
	normSq, along := g.Norms(v)
	for i, row := range outerProducts(n, in, out, a, delta) {
		want := []float64{product(row, row), onto(row, probe.Direction{Vector: v})}
		if err := numtest.CloseToLargest([]float64{normSq[i], along[i]}, want, 1e-13); err != nil {
			t.Fatalf("unit %d: %v", i, err)
		}
	}
}

// counted is a linear model that gives the norms of its samples.
type counted struct{ *linear }

func (m counted) SampleNorms(v []float32) (normSq, dot []float64, err error) {
	if err := m.call(); err != nil {
		return nil, nil, err
	}
	for _, row := range m.g {
		normSq, dot = append(normSq, product(row, row)), append(dot, onto(row, probe.Direction{Vector: v}))
	}
	return normSq, dot, nil
}

// TestMeasureTakesAllNorms: the mean distance from the mean gradient is tr Sigma.
func TestMeasureTakesAllNorms(t *testing.T) {
	m := newLinear()
	d, err := probe.Measure(counted{m}, plan, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	distances := d.Samples.Distances()
	gram := momentsOf(m.g).Centred
	for i, got := range distances {
		if err := numtest.Close(got, gram[i*len(m.g)+i], numtest.Tol{Rel: 1e-6}); err != nil {
			t.Fatalf("sample %d: %v", i, err)
		}
	}
	trace := 0.0
	for _, v := range distances {
		trace += v / float64(len(distances))
	}
	// Rounding of the mean to float32 enters as its square, 1e-14 of |gbar|^2.
	if err := numtest.Close(trace, m.trace(), numtest.Tol{Rel: 1e-13}); err != nil {
		t.Error(err)
	}
	d.Samples = nil
	if plain := measure(t, newLinear(), plan); !reflect.DeepEqual(d, plain) {
		t.Error("the norms change the draws")
	}
}

func TestMeasurePassesErrorsOfNormsOn(t *testing.T) {
	m := newLinear()
	m.failAt = 2
	if d, err := probe.Measure(counted{m}, plan, nil, nil); d != nil || err == nil {
		t.Errorf("got %v, %v", d, err)
	}
}

// TestDistancesBelowRounding: where all gradients are alike the terms cancel, and what is left is rounding.
func TestDistancesBelowRounding(t *testing.T) {
	s := &probe.SampleNorms{
		NormSq: []float64{1e6, math.Nextafter(1e6, 0), 1e6 + 1e-6, 0}, MeanDot: []float64{1e6, 1e6, 1e6, 0}, MeanNormSq: 1e6,
	}
	if d := s.Distances(); d[0] != 0 || d[1] != 0 || !(d[2] > 0.9e-6) || d[3] != 1e6 {
		t.Errorf("distances %v", d)
	}
	if d := (&probe.SampleNorms{NormSq: []float64{4, 9}, MeanDot: []float64{0, 0}}).Distances(); !slices.Equal(d, []float64{4, 9}) {
		t.Errorf("of a mean of 0: %v", d)
	}
}
