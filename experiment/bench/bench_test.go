package bench

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/train"
)

// smallBench takes a fraction of a second.
func smallBench() Settings {
	s := Default()
	s.Model, s.Batch, s.Units, s.BLAS, s.Time = "[16],[8]", 20, 32, "gonum", 10*time.Millisecond
	return s
}

func TestBench(t *testing.T) {
	for alpha, samples := range map[float64]int{1: 20, 1.5: 40} {
		s := smallBench()
		s.Alpha = alpha
		r, err := Run(context.Background(), s, experiment.Observer{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Samples != samples {
			t.Errorf("alpha %v: %d samples, want %d", alpha, r.Samples, samples)
		}
		if !(r.GradientMS > 0 && r.StepMS >= r.GradientMS && r.GemmGFLOPS > 0 && r.GemmShare > 0 && r.SamplesPerSecond > 0) {
			t.Errorf("alpha %v: %+v", alpha, r)
		}
		for key, timing := range r.Timings {
			if timing.Repeats < minRepeats || !(timing.Lowest > 0 && timing.Lowest <= timing.Median && timing.Median <= timing.Highest) {
				t.Errorf("alpha %v: %s: %+v", alpha, key, timing)
			}
		}
		// Factors of 784+16, 16+8 and 8+10 numbers for each of 32 units and the mean of 12,786 parameters, of 4 bytes; index
		// and loss of every unit, 32×32 products and two numbers more a unit, of 8 bytes.
		if want := int64(4*(32*(784+16+16+8+8+10)+12786) + 8*(2*32+32*32+2*32)); r.Gram.Bytes != want {
			t.Errorf("alpha %v: %d bytes, want %d", alpha, r.Gram.Bytes, want)
		}
	}
}

func TestBenchRefuses(t *testing.T) {
	for name, change := range map[string]func(*Settings){
		"batch":   func(s *Settings) { s.Batch = 0 },
		"alpha":   func(s *Settings) { s.Alpha = math.NaN() },
		"units 1": func(s *Settings) { s.Units = 1 },
		"units":   func(s *Settings) { s.Units = -2 },
		"workers": func(s *Settings) { s.Workers = -1 },
		"memory":  func(s *Settings) { s.Memory = 0 },
		"blas":    func(s *Settings) { s.BLAS = "fast" },
		"model":   func(s *Settings) { s.Model = "[" },
	} {
		s := smallBench()
		change(&s)
		_, err := Run(context.Background(), s, experiment.Observer{})
		var usage *experiment.UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// TestBenchWithoutTheBLAS: what this machine lacks is a failure, no wrong usage.
func TestBenchWithoutTheBLAS(t *testing.T) {
	for _, name := range gemm.Names() {
		if gemm.Use(name, 1) == nil {
			continue
		}
		s := smallBench()
		s.BLAS = name
		_, err := Run(context.Background(), s, experiment.Observer{})
		var usage *experiment.UsageError
		if err == nil || errors.As(err, &usage) {
			t.Errorf("%s: err = %v", name, err)
		}
		return
	}
	t.Skip("this machine has every BLAS")
}

func TestBenchEndsWithItsContext(t *testing.T) {
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(context.Background())
	shown := 0
	_, err := Run(ctx, smallBench(), experiment.Observer{Progress: func(phase string, done, total int) {
		if shown++; shown == 3 {
			cancel(over)
		}
	}})
	if !errors.Is(err, over) || shown != 3 {
		t.Errorf("err = %v after progress was shown %d times", err, shown)
	}
}

// TestBenchKeepsTheWeights: every repeat of a step does the work of the first.
func TestBenchKeepsTheWeights(t *testing.T) {
	s := smallBench()
	spec, err := s.resolve()
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBench(s, spec)
	if err != nil {
		t.Fatal(err)
	}
	weights := slices.Clone(b.model.Weights)
	if err := b.pass(); err != nil {
		t.Fatal(err)
	}
	gradient := slices.Clone(b.model.Gradient)
	if err := errors.Join(b.update(), b.pass()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(weights, b.model.Weights) || !slices.Equal(gradient, b.model.Gradient) {
		t.Error("the second step differs from the first")
	}
	if slices.Max(gradient) == 0 {
		t.Error("the gradient is 0")
	}
}

func TestHeldBatch(t *testing.T) {
	h := heldBatch{samples: 4, classes: 3, filled: map[*float32]bool{}}
	dst := make([]float32, 8)
	h.Gather(dst, []int{0, 1})
	if slices.Min(dst) < 0 || slices.Max(dst) >= 1 || slices.Max(dst) == slices.Min(dst) {
		t.Errorf("pixels %v", dst)
	}
	held := slices.Clone(dst)
	h.Gather(dst, []int{2, 3})
	if !slices.Equal(dst, held) {
		t.Error("the buffer was filled again")
	}
	other := make([]float32, 8)
	h.Gather(other, []int{0, 1})
	if !slices.Equal(other, held) {
		t.Error("another buffer has other pixels")
	}
	labels := make([]int32, 4)
	h.Labels(labels, []int{0, 1, 2, 3})
	if !slices.Equal(labels, []int32{0, 1, 2, 0}) {
		t.Errorf("labels %v", labels)
	}
}

func TestOperations(t *testing.T) {
	spec, err := train.ParseSpec("[16],[8]")
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.NewModel(spec, []int{784}, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	// Two products in the first layer, three in the others.
	want := 2.0 * (2*784*16 + 3*16*8 + 3*8*10)
	if got := m.Operations(); got != want {
		t.Errorf("%v operations, want %v", got, want)
	}
}
