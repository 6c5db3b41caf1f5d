package optimizer

import (
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// TestUnitsThatTheMetricReads: more units than the metric reads are no remedy.
func TestUnitsThatTheMetricReads(t *testing.T) {
	why := estimate.Reason{Why: "12 units are too few", Remedy: "it takes 54 or more", Needs: estimate.Needs{Units: 54}}
	for most, want := range map[int]string{0: why.String(), 96: why.String(), 32: "12 units are too few; in this metric at most 32 are read"} {
		if got := (Settings{MetricUnits: most}).within(why); got.String() != want || (got.Needs.Units == 54) != (most != 32) {
			t.Errorf("at most %d: %+v", most, got)
		}
	}
}

// TestFewIsBelowEnough: 29.99 is not printed as the 30 that are needed.
func TestFewIsBelowEnough(t *testing.T) {
	squares := slices.Repeat([]float64{1}, 30)
	squares[0] = 1.1 // (sum)^2 / (sum of squares) = 29.99
	if why := fewCarry(squares, 0).Why; !strings.Contains(why, "count as 29.9 of equal length, and 30 are needed") {
		t.Error(why)
	}
	if why := fewCarry(make([]float64, 30), 0); why.String() != "it is 0 or not finite" {
		t.Errorf("of nothing: %q", why)
	}
}
