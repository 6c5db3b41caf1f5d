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
