package train

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// Momentum and decay against the definitions of PyTorch's SGD (dampening 0) and AdamW, in float64.
func TestOptimizersAgainstTheirDefinitions(t *testing.T) {
	const rate, p, steps = 0.05, 9, 6
	for _, s := range []OptimizerSettings{
		{Name: "sgd", Momentum: 0.9}, {Name: "adam", Epsilon: 1e-3}, {Name: "adamw", Epsilon: 1e-3, WeightDecay: 0.1},
	} {
		o, err := NewOptimizer(s, p)
		if err != nil {
			t.Fatal(err)
		}
		weights, gradient := make([]float32, p), make([]float32, p)
		w, m, v := make([]float64, p), make([]float64, p), make([]float64, p)
		for i := range w {
			weights[i], w[i] = float32(i)-4, float64(i)-4
		}
		for step := 1; step <= steps; step++ {
			for i := range gradient {
				gradient[i] = float32((i*5+step*3)%7-3) / 4
				g := float64(gradient[i])
				if s.Name == "sgd" {
					m[i] = 0.9*m[i] + g
					w[i] -= rate * m[i]
					continue
				}
				m[i], v[i] = 0.9*m[i]+0.1*g, 0.999*v[i]+0.001*g*g
				mHat, vHat := m[i]/(1-math.Pow(0.9, float64(step))), v[i]/(1-math.Pow(0.999, float64(step)))
				w[i] -= rate * s.WeightDecay * w[i]
				w[i] -= rate * mHat / (math.Sqrt(vHat) + s.Epsilon)
			}
			o.Step(weights, gradient, rate)
		}
		if err := numtest.AllClose(numtest.Widen(weights), w, numtest.Tol{Rel: 1e-5, Abs: 1e-6}); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestOptimizersRefuse(t *testing.T) {
	for _, s := range []OptimizerSettings{{Name: "lbfgs"}, {Name: "adam", Momentum: 0.9}, {Name: "sgd", WeightDecay: 0.1}} {
		if _, err := NewOptimizer(s, 3); err == nil {
			t.Errorf("%+v was accepted", s)
		}
	}
}
