package identity

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// fromUniform is Kolmogorov's distance of values from the uniform law on [0, 1].
func fromUniform(u []float64) float64 {
	u = slices.Sorted(slices.Values(u))
	d, n := 0.0, float64(len(u))
	for i, v := range u {
		d = max(d, v-float64(i)/n, float64(i+1)/n-v)
	}
	return d
}

func TestFromUniform(t *testing.T) {
	// By hand: the step at 0.9 from 1/2 to 1 is 0.4 above the diagonal's left side.
	if got := fromUniform([]float64{0.9, 0.25}); math.Abs(got-0.4) > 1e-15 {
		t.Errorf("distance %g", got)
	}
}

// TestFamilyWiseRate verifies at many seeds with few draws. With 30 seeds, a family-wise rate of 0.001 fails twice with
// probability 0.0004, and one of 0.05 more than 7 times with probability 0.0001: a false alarm at new seeds has a probability
// below 0.001. docs/calibration.md has the same with 1000 seeds.
func TestFamilyWiseRate(t *testing.T) {
	numtest.NeedFull(t, "the family-wise rate at 30 seeds")
	t.Parallel()
	alarms, atFive := 0, 0
	for seed := range uint64(30) {
		r := Verify(Settings{Seed: 1000 + seed, Shrink: 64})
		smallest, random := 1.0, 0.0
		for _, c := range r.Checks {
			if c.PValue.Defined() {
				smallest, random = min(smallest, float64(c.PValue)), random+1
			}
		}
		if !r.OK {
			alarms++
			t.Logf("seed %d: %q", 1000+seed, failures(r))
		}
		if smallest*random < 0.05 {
			atFive++
		}
	}
	t.Logf("%d of 30 fail at 0.001, %d at 0.05", alarms, atFive)
	if alarms > 1 || atFive > 7 {
		t.Errorf("%d of 30 fail at 0.001, %d at 0.05", alarms, atFive)
	}
}
