package probe_test

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/probe"
)

func TestRepeats(t *testing.T) {
	random := normals("rows", 12)
	for name, c := range map[string]struct {
		rows        []float64 // [n, 3]
		zero, equal int
	}{
		"different":      {random, 0, 0},
		"zeros":          {make([]float64, 12), 4, 0},
		"some zeros":     {slices.Concat(random[:6], make([]float64, 6)), 2, 0},
		"all equal":      {slices.Repeat(random[:3], 4), 0, 3},
		"one again":      {slices.Concat(random[:9], random[3:6]), 0, 1},
		"unit vectors":   {[]float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, 0, 0}, // equal norms and products with the mean
		"opposite signs": {[]float64{1, 2, 3, -1, -2, -3}, 0, 0},
	} {
		g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("l", len(c.rows)/3, 3, c.rows)}}
		if zero, equal := g.Reduce(nil).Repeats(); zero != c.zero || equal != c.equal {
			t.Errorf("%s: %d and %d, want %d and %d", name, zero, equal, c.zero, c.equal)
		}
	}
}
