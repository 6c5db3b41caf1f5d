package optimizer

import (
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
