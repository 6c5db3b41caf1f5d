package train

import (
	"slices"
	"testing"
)

// What UpdateTo says is what the next step does, and saying it changes nothing.
func TestUpdateToIsTheNextStep(t *testing.T) {
	const p = 70
	o, err := NewOptimizer(OptimizerSettings{Name: "adam", Epsilon: 1e-8}, p)
	if err != nil {
		t.Fatal(err)
	}
	adam, weights, gradient, update := o.(*Adam), make([]float32, p), make([]float32, p), make([]float32, p)
	for step := range 5 {
		for i := range gradient {
			gradient[i] = float32((i*7+step*3)%11-5) / 10
		}
		clear(weights)
		m, v := adam.Moments()
		adam.UpdateTo(update, gradient, 0.01)
		if mNow, vNow := adam.Moments(); !slices.Equal(m, mNow) || !slices.Equal(v, vNow) || *adam.Steps() != step {
			t.Fatal("UpdateTo changed the optimizer")
		}
		adam.Step(weights, gradient, 0.01)
		if !slices.Equal(update, weights) {
			t.Fatalf("step %d: said %v, did %v", step, update[:4], weights[:4])
		}
	}
	if (Source{Optimizer: &SGD{}}).UpdateTo(update, gradient) {
		t.Error("plain SGD has an update of its own")
	}
}
