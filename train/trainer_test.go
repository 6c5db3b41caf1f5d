package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

func settings() Settings {
	return Settings{
		Alpha: 1.5, Batch: 20, Pairing: noise.Independent, Optimizer: OptimizerSettings{Name: "sgd"}, LearningRate: 0.1, Seed: 1,
		LStar: 0.5, LStop: 0.1, LossBound: 1e4,
	}
}

func newTrainer(t *testing.T, s Settings) *Trainer {
	t.Helper()
	trainer, err := NewTrainer(newModel(t, "[7]", 6, 4), images(100, 6, 4, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func TestStepIsOneEnhancedUpdate(t *testing.T) {
	trainer := newTrainer(t, settings())
	b, bPrime := make([]int, 20), make([]int, 20)
	trainer.Order.At(0, b, bPrime)
	before := slices.Clone(trainer.Model.Weights)
	gradient := gradientOf(t, Source{Model: trainer.Model, Data: trainer.Data}, 1.5, b, bPrime)
	if err := trainer.Step(); err != nil {
		t.Fatal(err)
	}
	for i, w := range before {
		if want := w - 0.1*gradient[i]; trainer.Model.Weights[i] != want {
			t.Fatalf("weight %d: %v, want %v", i, trainer.Model.Weights[i], want)
		}
	}
}

// A run that is rebuilt from its state goes on with the same bits, whatever the step.
func TestStateIsComplete(t *testing.T) {
	for _, o := range []OptimizerSettings{
		{Name: "sgd"}, {Name: "sgd", Momentum: 0.9}, {Name: "adam", Epsilon: 1e-8}, {Name: "adamw", Epsilon: 1e-8, WeightDecay: 0.1},
	} {
		s := settings()
		s.Optimizer = o
		whole := newTrainer(t, s)
		for range 13 {
			if err := whole.Step(); err != nil {
				t.Fatal(err)
			}
		}
		first := newTrainer(t, s)
		for range 7 {
			if err := first.Step(); err != nil {
				t.Fatal(err)
			}
		}
		second := newTrainer(t, s)
		copy(second.Model.Weights, first.Model.Weights)
		for name, v := range first.Optimizer.State() {
			copy(second.Optimizer.State()[name], v)
		}
		*second.Optimizer.Steps() = *first.Optimizer.Steps()
		second.State = first.State
		for range 6 {
			if err := second.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(whole.Model.Weights, second.Model.Weights) || whole.State != second.State {
			t.Errorf("%+v: a continued run differs", o)
		}
	}
}

func TestDivergenceLeavesWeights(t *testing.T) {
	trainer := newTrainer(t, settings())
	trainer.Model.Weights[0] = float32(math.NaN())
	before := slices.Clone(trainer.Model.Weights[1:])
	err := trainer.Step()
	var diverged *DivergedError
	if !errors.As(err, &diverged) || diverged.Step != 0 {
		t.Fatalf("err = %v", err)
	}
	if !slices.Equal(before, trainer.Model.Weights[1:]) || trainer.State.Step != 0 {
		t.Error("the diverged step changed the run")
	}
	s := settings()
	s.LossBound = 1e-3
	if err := newTrainer(t, s).Step(); !errors.As(err, &diverged) {
		t.Errorf("a loss above the bound: %v", err)
	}
}

func TestSchedule(t *testing.T) {
	trainer := newTrainer(t, settings())
	steps := []struct {
		loss      float64
		rate      float64
		converged bool
	}{
		{2, 0.1, false},
		{0.5, 0.05, false}, // L* is reached: halved
		{0.4, 0.05, false}, // once
		{0.1, 0.05, false}, // at L**, not below
		{0.09, 0.05, true},
		{3, 0.05, true}, // convergence is kept
	}
	for i, s := range steps {
		trainer.State.Step = 10 * (i + 1)
		if got := trainer.Observe(s.loss); got != s.converged || trainer.State.LearningRate != s.rate {
			t.Errorf("loss %v: converged %v, rate %v", s.loss, got, trainer.State.LearningRate)
		}
	}
	if trainer.State.ConvergenceTime != 50 {
		t.Errorf("convergence time %d, want 50", trainer.State.ConvergenceTime)
	}
}

func TestEpochLoss(t *testing.T) {
	trainer := newTrainer(t, settings())
	var losses []float64
	for range trainer.Order.StepsPerEpoch() {
		before := trainer.State.EpochLoss
		if err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
		losses = append(losses, trainer.State.EpochLoss-before)
	}
	if !trainer.EpochEnd() || trainer.Epoch() != 1 {
		t.Fatal("5 steps of 20 are an epoch of 100")
	}
	if err := numtest.Close(trainer.EndEpoch(), mean(losses), numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
	if trainer.State.EpochLoss != 0 {
		t.Error("the next epoch does not start at 0")
	}
}

func TestNewTrainerRefuses(t *testing.T) {
	for _, change := range []func(*Settings){
		func(s *Settings) { s.Batch = 101 },
		func(s *Settings) { s.Batch, s.Pairing = 51, noise.Disjoint },
		func(s *Settings) { s.Batch = 0 },
		func(s *Settings) { s.Optimizer.Name = "lbfgs" },
	} {
		s := settings()
		change(&s)
		if _, err := NewTrainer(newModel(t, "[7]", 6, 4), images(100, 6, 4, 1), s); err == nil {
			t.Errorf("%+v was accepted", s)
		}
	}
}

// The paper's network learns on the embedded images. Rounding, and with it the BLAS in use, changes the path: over seeds 1 to
// 4 the accuracy was 83.0 to 84.7%.
func TestF1LearnsFashionMNIST(t *testing.T) {
	numtest.NeedFull(t, "F1 trained for 350 steps")
	data, err := dataset.Open("embedded", dataset.Options{Want: "fashion-mnist"})
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(t, "f1", 784, 10)
	trainer, err := NewTrainer(m, data.Train, Settings{
		Alpha: 1.5, Batch: 100, Pairing: noise.Independent, Optimizer: OptimizerSettings{Name: "adam", Epsilon: 1e-8}, LearningRate: 5e-4, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for step := range 350 {
		if step == 250 {
			trainer.State.LearningRate /= 5 // at the full rate the accuracy jumps by some 5%, with rounding
		}
		if err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
	}
	_, accuracy, err := m.Evaluate(data.Test, 0)
	if err != nil {
		t.Fatal(err)
	}
	if accuracy < 0.80 {
		t.Errorf("test accuracy %.1f%% after 350 steps, want at least 80%%", 100*accuracy)
	}
}

func TestMinibatchesOfDifferentSizesPanic(t *testing.T) {
	m, data := newModel(t, "[7]", 6, 4), images(20, 6, 4, 1)
	for _, c := range []struct {
		alpha     float64
		b, bPrime []int
	}{{1.5, []int{1, 2}, nil}, {1.5, []int{1, 2}, []int{3}}, {1, nil, nil}} {
		numtest.Panics(t, fmt.Sprintf("%+v", c), "train: ", func() { m.EnhancedGradient(data, c.alpha, c.b, c.bPrime) })
	}
}

func TestNaNPredictsNothing(t *testing.T) {
	m, data := newModel(t, "[7]", 6, 4), images(20, 6, 4, 1)
	for i := range m.Weights {
		m.Weights[i] = float32(math.NaN())
	}
	loss, accuracy, err := m.Evaluate(data, 0)
	if err != nil || !math.IsNaN(loss) || accuracy != 0 {
		t.Errorf("loss %v, accuracy %v, %v", loss, accuracy, err)
	}
}

func TestZeroTurnsTheScheduleOff(t *testing.T) {
	s := settings()
	s.LStar, s.LStop = 0, 0
	trainer := newTrainer(t, s)
	if trainer.Observe(0) || trainer.State.LearningRate != s.LearningRate {
		t.Error("a loss of 0 reached L* = 0")
	}
}
