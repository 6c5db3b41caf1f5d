package probe_test

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/probe"
)

func dot32(x, y []float32) float64 {
	sum := 0.0
	for i := range x {
		sum += float64(x[i]) * float64(y[i])
	}
	return sum
}

func TestRandomDirections(t *testing.T) {
	const parameters = 10000
	two, three := probe.RandomDirections(5, parameters, 2), probe.RandomDirections(5, parameters, 3)
	for k, d := range two {
		if d.Name != three[k].Name || !slices.Equal(d.Vector, three[k].Vector) {
			t.Errorf("direction %d changes when another one is asked for", k)
		}
	}
	if slices.Equal(two[0].Vector, probe.RandomDirections(6, parameters, 1)[0].Vector) {
		t.Error("another seed gives the same direction")
	}
	for i, u := range three {
		if norm := dot32(u.Vector, u.Vector); math.Abs(norm-1) > 1e-6 {
			t.Errorf("%s: |u|^2 = %g", u.Name, norm)
		}
		for _, v := range three[:i] {
			// u.v is normal with standard deviation 1/sqrt(P): 5 of them happen once in 2 million.
			if cosine := dot32(u.Vector, v.Vector); math.Abs(cosine) > 5/math.Sqrt(parameters) {
				t.Errorf("%s and %s: cosine %g", u.Name, v.Name, cosine)
			}
		}
	}
	if name := three[2].Name; name != "random3" {
		t.Errorf("third name %q", name)
	}
}

func TestMeanDirection(t *testing.T) {
	gradient := []float32{3, 0, -4}
	d := probe.MeanDirection(gradient)
	if d.Name != "mean-gradient" || !slices.Equal(d.Vector, []float32{0.6, 0, -0.8}) {
		t.Errorf("got %+v", d)
	}
	if !slices.Equal(gradient, []float32{3, 0, -4}) {
		t.Errorf("the gradient became %v", gradient)
	}
	if d := probe.MeanDirection(make([]float32, 3)); d.Vector != nil {
		t.Errorf("the zero gradient has the direction %v", d.Vector)
	}
}
