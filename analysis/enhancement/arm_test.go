package enhancement

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestMinibatches: by hand, B_eff = B / (alpha^2 + (1-alpha)^2).
func TestMinibatches(t *testing.T) {
	for _, c := range []struct {
		alpha       float64
		batch, unit int
		want        []Minibatch
	}{
		{1.5, 500, 1, []Minibatch{{ArmNE, 1.5, 500, 500}, {ArmSGD, 1, 500, 500}, {ArmEffective, 1, 200, 200}}},
		{1, 500, 1, []Minibatch{{ArmSGD, 1, 500, 500}}},
		{0.5, 500, 1, []Minibatch{{ArmNE, 0.5, 500, 500}, {ArmSGD, 1, 500, 500}, {ArmEffective, 1, 1000, 1000}}},
		{3, 1, 1, []Minibatch{{ArmNE, 3, 1, 1}, {ArmSGD, 1, 1, 1}}},       // B_eff = 1/13
		{1.01, 2, 1, []Minibatch{{ArmNE, 1.01, 2, 2}, {ArmSGD, 1, 2, 2}}}, // B_eff = 1.96, rounded B itself
		// 15 samples are 2 ghost batches of 10; B_eff = 2/0.68 = 2.9 of them.
		{0.8, 15, 10, []Minibatch{{ArmNE, 0.8, 2, 20}, {ArmSGD, 1, 2, 20}, {ArmEffective, 1, 3, 30}}},
		{2, 300, 100, []Minibatch{{ArmNE, 2, 3, 300}, {ArmSGD, 1, 3, 300}}}, // B_eff = 0.6 of a ghost batch
	} {
		if got := Minibatches(c.alpha, c.batch, c.unit); !slices.Equal(got, c.want) {
			t.Errorf("alpha = %g, B = %d, units of %d: %v, want %v", c.alpha, c.batch, c.unit, got, c.want)
		}
	}
}

func TestArmsInJSON(t *testing.T) {
	text, err := json.Marshal(append(Arms(), ""))
	if err != nil || string(text) != `["ne","sgd","effective",null]` {
		t.Errorf("%s, %v", text, err)
	}
	var back []Arm
	if err := json.Unmarshal(text, &back); err != nil || !slices.Equal(back, append(Arms(), "")) {
		t.Errorf("%v, %v", back, err)
	}
}
