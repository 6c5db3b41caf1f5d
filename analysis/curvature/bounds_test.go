package curvature

import (
	"math"
	"strconv"
	"testing"

	"github.com/noiseprobe/noiseprobe/noise"
)

// TestAlignmentOfAtMostOne: of nearly proportional matrices the interval ends at 1, which no alignment is above; without its bound it would be above in some of these.
func TestAlignmentOfAtMostOne(t *testing.T) {
	reached := false
	for seed := range 20 {
		r := random("alignment"+strconv.Itoa(seed), 120, 2, 8)
		c, u := r.reduced(everyone(120))
		ci := Of(c, u, Settings{Alpha: math.NaN()}).Interval(KeyAlignment)
		if reached = reached || ci.Hi == 1; ci.Defined() && !(ci.Lo < 1 && ci.Hi <= 1) {
			t.Errorf("%v", ci)
		}
	}
	if !reached {
		t.Error("no interval reaches 1: the test says nothing")
	}
}

// TestStepOfFewUnits: the number that would do stands beside the step as beside what it is made of.
func TestStepOfFewUnits(t *testing.T) {
	c, u := random("nulls", 150, 1, 5).subset([]int{0, 1}).reduced([]int{0})
	u.Population = 500
	if got := Of(c, u, Settings{Alpha: 2, Batch: 10, Pairing: noise.Independent, LearningRate: 0.1}); got.StepCostUnbiased.Defined() || got.CostOverGain.Defined() ||
		got.Reasons[KeyCostOverGain] != "2 units are too few; 3 would do" || got.Reasons[KeyStepCost] != got.Reasons[KeyCostOverGain] {
		t.Errorf("%+v", got)
	}
}

// TestNoMoreUnitsThanThereAre: of 4 units one carries the sum, 1 of 30 needed, for which it takes 120, or all of a population of fewer.
func TestNoMoreUnitsThanThereAre(t *testing.T) {
	for population, want := range map[int]string{0: "it takes 120 or more", 121: "it takes 120 or more", 120: "all 120 would do", 50: "all 50 would do"} {
		if reason := tooFew("it", []float64{3, 0, 0, 0}, population); reason.Remedy != want {
			t.Errorf("of %d: %q, want %q", population, reason.Remedy, want)
		}
	}
	if reason := tooFew("it", []float64{0, 0}, 50); reason.String() != "it is 0 or not finite" {
		t.Errorf("of nothing: %q", reason)
	}
}
