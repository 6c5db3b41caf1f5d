package enhancement

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// TestJudge: a prediction of 2 with a margin of 10%, so from 1.8 to 2.2.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   Verdict
	}{
		{1.9, 2.1, Equal}, {1.9, 1.95, Equal}, {1.7, 2.1, Undecided}, {1.5, 2.5, Undecided}, {1.5, 1.9, Differs}, {1.5, 1.7, BeyondMargin}, {2.3, 9, BeyondMargin},
	} {
		if got := judge(estimate.Interval{Lo: c.lo, Hi: c.hi}, 2, 0.1); got != c.want {
			t.Errorf("[%g, %g]: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
	if got := judge(estimate.None(), 2, 0.1); got != Undecided {
		t.Errorf("no interval: %s", got)
	}
}
