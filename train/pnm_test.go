package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

// TestPNMStep: three steps by hand, beta = 0.5, alpha = 2, f = 5.
func TestPNMStep(t *testing.T) {
	s := Settings{Method: noise.PNM, Alpha: 2, Optimizer: OptimizerSettings{Name: NameSGD, Momentum: 0.5}}
	o, err := newOptimizerOf(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	weights, even, odd, want := []float32{0}, 0.0, 0.0, 0.0
	for step, g := range []float64{1, -2, 4} {
		if step%2 == 0 {
			even = 0.25*even + 0.75*g
			want -= 0.1 * (2*even - odd) / math.Sqrt(5)
		} else {
			odd = 0.25*odd + 0.75*g
			want -= 0.1 * (2*odd - even) / math.Sqrt(5)
		}
		o.Step(weights, []float32{float32(g)}, 0.1)
		if err := numtest.Close(float64(weights[0]), want, numtest.Tol{Rel: 1e-6}); err != nil {
			t.Errorf("step %d: %v", step, err)
		}
	}
}

// TestMethodsOfATrainer: the gradient of a step is g + c (g' - g”), and that of PNM one minibatch's; each can take norms without changing a bit.
func TestMethodsOfATrainer(t *testing.T) {
	const batch = 20
	data := images(400, 12, 4, 1)
	for _, c := range []struct {
		method noise.Method
		read   int
	}{{noise.NE, 2}, {noise.LargeNoise, 3}, {noise.PNM, 1}} {
		s := settings()
		s.Alpha, s.Batch, s.Method, s.Optimizer = 1.5, batch, c.method, OptimizerSettings{Name: NameSGD}
		plain, err := NewTrainer(newModel(t, "[7],[5]", 12, 4), data, s)
		if err != nil {
			t.Fatal(err)
		}
		s.Norms = true
		trainer, err := NewTrainer(newModel(t, "[7],[5]", 12, 4), data, s)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, trainer.Model.Parameters())
		weights := c.method.MinibatchWeights(1.5)
		for k, w := range weights {
			index := make([][]int, 3)
			for i := range index {
				index[i] = make([]int, batch)
			}
			trainer.Order.At(0, index[0], index[1])
			trainer.Order.Third(0, index[2])
			for i, v := range gradientOf(t, Source{Model: trainer.Model, Data: data}, 1, index[k], nil) {
				want[i] += w * float64(v)
			}
		}
		if err := plain.Step(); err != nil {
			t.Fatal(err)
		}
		if err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
		got := make([]float64, len(want))
		for i, v := range trainer.Model.Gradient {
			got[i] = float64(v)
		}
		if err := numtest.CloseToLargest(got, want, 1e-5); err != nil {
			t.Errorf("%s: %v", c.method, err)
		}
		if len(trainer.reading.labels) != c.read*batch || !slices.Equal(plain.Model.Weights, trainer.Model.Weights) {
			t.Errorf("%s: reads %d samples; norms change the training", c.method, len(trainer.reading.labels))
		}
	}
}

// TestMethodsRefuse: one line with the way out.
func TestMethodsRefuse(t *testing.T) {
	for want, s := range map[string]Settings{
		"alpha is 1 or more":   {Method: noise.LargeNoise, Alpha: 0.5},
		"are independent":      {Method: noise.LargeNoise, Alpha: 2, Pairing: noise.Disjoint},
		"is a momentum of sgd": {Method: noise.PNM, Alpha: 2, Optimizer: OptimizerSettings{Name: NameAdam}},
	} {
		if err := s.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
