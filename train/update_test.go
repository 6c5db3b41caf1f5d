package train

import (
	"math"
	"math/rand/v2"
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

// Without memory Adam is sign descent: of noise around 0 the update's is the same at any strength, so that f_u = 1.
func TestUpdateWithoutMemory(t *testing.T) {
	const p, draws = 50, 200
	adam := &Adam{m: make([]float32, p), v: make([]float32, p)}
	rng, gradient, update := rand.New(rand.NewPCG(1, 2)), make([]float32, p), make([]float32, p)
	var trace [2]float64
	for k, sd := range []float64{1, math.Sqrt(5)} { // alpha = 2
		for range draws {
			for i := range gradient {
				gradient[i] = float32(sd * rng.NormFloat64())
			}
			adam.UpdateTo(update, gradient, 0.01)
			for i, u := range update {
				if math.Abs(float64(u)) < 0.0099999 || (u < 0) != (gradient[i] > 0) {
					t.Fatalf("gradient %g, update %g", gradient[i], u)
				}
				trace[k] += float64(u) * float64(u)
			}
		}
	}
	if f := trace[1] / trace[0]; math.Abs(f-1) > 1e-6 {
		t.Errorf("f_u = %g", f)
	}
}
