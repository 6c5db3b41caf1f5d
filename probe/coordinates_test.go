package probe

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// The slow version writes out every unit's gradient.
func TestCoordinatesAreThoseOfTheUnits(t *testing.T) {
	rng := seed.New(1, "coordinates test")
	const n, in, out, p = 5, 3, 4, 7
	a, delta, flat := make([]float32, n*in), make([]float32, n*out), make([]float64, n*p)
	for i := range a {
		a[i] = float32(rng.NormFloat64())
	}
	for i := range delta {
		delta[i] = float32(rng.NormFloat64())
	}
	for i := range flat {
		flat[i] = rng.NormFloat64()
	}
	g := &Gradients{Layers: []Layer{NewFactored("dense1", n, in, out, a, delta), NewDense("rest", n, p, flat)}}
	for _, index := range [][]int{{0, 1, 11, 12, 15, 16, 22}, {3}, {20, 21}, {}} {
		got := coordinatesOf(g, index)
		for i := range n {
			row := g.Unit(i)
			for k, j := range index {
				if v := got[i*len(index)+k]; v != row[j] {
					t.Errorf("unit %d, parameter %d: %g, want %g", i, j, v, row[j])
				}
			}
		}
	}
	// The 23 parameters are fewer than the coordinates of a sample, so all are in it.
	c := g.Reduce(nil).Coordinates
	if len(c.Index) != 23 || !slices.Equal(c.Values, coordinatesOf(g, c.Index)) {
		t.Errorf("sampled %v", c.Index)
	}
	// Layers that can give only whole gradients.
	bare := &Gradients{Layers: []Layer{struct{ Layer }{g.Layers[0]}, struct{ Layer }{g.Layers[1]}}}
	if !slices.Equal(coordinatesOf(bare, c.Index), c.Values) || !slices.Equal(bare.Reduce(nil).Coordinates.Values, c.Values) {
		t.Error("other numbers from whole gradients")
	}
}

// coordinatesOf copies some columns of all layers.
func coordinatesOf(g *Gradients, index []int) []float64 {
	s := selection{index: index, dst: make([]float64, g.Units()*len(index)), stride: len(index)}
	at := 0
	for _, l := range g.Layers {
		s.of(l, at).copyFrom(l)
		at += l.Parameters()
	}
	return s.dst
}

func TestSampledCoordinatesAreAscendingAndFixed(t *testing.T) {
	layer := func(v float64) *Gradients {
		flat := make([]float64, 2*1000)
		for i := range flat {
			flat[i] = v * float64(i)
		}
		return &Gradients{Layers: []Layer{NewDense("all", 2, 1000, flat)}}
	}
	first, second := layer(1).newSample(), layer(2).newSample()
	if len(first.Index) != sampledCoordinates || !slices.IsSorted(first.Index) || !slices.Equal(first.Index, second.Index) {
		t.Errorf("%v, %v", first.Index, second.Index)
	}
}
