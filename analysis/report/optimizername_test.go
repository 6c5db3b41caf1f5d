package report

import "testing"

func TestOptimizerName(t *testing.T) {
	for want, run := range map[string]Run{
		"adam": {Optimizer: "adam"}, "sgd with momentum 0.9": {Optimizer: "sgd", Momentum: 0.9}, "adamw with weight decay 0.1": {Optimizer: "adamw", WeightDecay: 0.1},
	} {
		if got := run.OptimizerName(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
