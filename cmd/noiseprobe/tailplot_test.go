package main

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// TestThresholds: a line a method, and a mark where each stands.
func TestThresholds(t *testing.T) {
	points := func(method string) tail.Curve {
		return tail.Curve{Method: method, Points: []tail.Estimate{{Method: method, K: 5, Gamma: 0.5}, {Method: method, K: 10, Gamma: 0.25}}}
	}
	f := thresholds([]tail.Curve{points("hill"), points("pickands"), points("gpd")},
		[]tail.Estimate{{Method: "hill", K: 7, Gamma: 0.4}, {Method: "pickands", K: 3, Gamma: 1}, {Method: "gpd", K: 0}})
	if s := f.Series[1]; s.Name != "hill" || !slices.Equal(s.X, []float64{5, 10}) || !slices.Equal(s.Y, []float64{0.5, 0.25}) {
		t.Errorf("hill: %+v", s)
	}
	if s := f.Series[0]; s.Name != "chosen k" || !slices.Equal(s.X, []float64{7}) || !slices.Equal(s.Y, []float64{0.4}) {
		t.Errorf("chosen: %+v", s)
	}
	if len(f.Series) != 5 {
		t.Errorf("%d series", len(f.Series))
	}
}
