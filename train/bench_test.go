package train

import (
	"fmt"
	"testing"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

func BenchmarkF1Step(b *testing.B) {
	for _, size := range []int{100, 1000} {
		b.Run(fmt.Sprintf("B=%d", size), func(b *testing.B) {
			trainer, err := NewTrainer(newModel(b, "f1", 784, 10), images(2000, 784, 10, 1), Settings{
				Alpha: 1, Batch: size, Pairing: noise.Independent, Optimizer: OptimizerSettings{Name: "adam", Epsilon: 1e-8}, LearningRate: 1e-3,
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := trainer.Step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkF1PerSample(b *testing.B) {
	m, data := newModel(b, "f1", 784, 10), images(1000, 784, 10, 1)
	index := upTo(1000)
	b.Run("backward", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.EnhancedGradient(data, 1, index, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("record+gram", func(b *testing.B) {
		for b.Loop() {
			record, err := m.Record(data, index, probe.Meta{})
			if err != nil {
				b.Fatal(err)
			}
			record.Reduce(nil)
		}
	})
}

func BenchmarkC1Step(b *testing.B) {
	for _, size := range []int{100, 500} {
		b.Run(fmt.Sprintf("B=%d", size), func(b *testing.B) {
			trainer, err := NewTrainer(newImageModel(b, "c1", []int{3, 32, 32}, 10, DefaultGhost), images(1000, 3*32*32, 10, 1), Settings{
				Alpha: 1, Batch: size, Pairing: noise.Independent, Optimizer: OptimizerSettings{Name: "adam", Epsilon: 1e-8}, LearningRate: 1e-3,
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := trainer.Step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkF1Curvature compares a plain pass over 1280 samples with the exact curvature of 128 units: the same number of columns, and what they are
// reduced to beside the gradients of 512 units.
func BenchmarkF1Curvature(b *testing.B) {
	spec, err := ParseSpec("f1")
	if err != nil {
		b.Fatal(err)
	}
	m, err := NewModel(spec, []int{784}, 10, 1)
	if err != nil {
		b.Fatal(err)
	}
	data := images(1280, 784, 10, 1)
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if err := m.eachChunk(data, upTo(1280), nil, func(*Graph, int) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	g, err := m.Record(data, upTo(512), probe.Meta{})
	if err != nil {
		b.Fatal(err)
	}
	columns := &probe.Columns{Each: 10, Unit: upTo(128)}
	b.Run("columns", func(b *testing.B) {
		for b.Loop() {
			r := probe.NewRecord(probe.Meta{Index: upTo(1280)}, 1280, m.Forms(1))
			if err := m.RecordClasses(r, data, upTo(128)); err != nil {
				b.Fatal(err)
			}
			if columns.Gradients, err = r.Finish(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("reduce", func(b *testing.B) {
		for b.Loop() {
			columns.Reduce(g)
		}
	})
	o := &probe.Optimizer{Step: 1, LearningRate: 1e-3, Epsilon: 1e-8, V: make([]float32, g.Parameters())}
	for j, v := range g.Variance() {
		o.V[j] = float32(v)
	}
	b.Run("precondition", func(b *testing.B) {
		for b.Loop() {
			if _, err := columns.Precondition(g, o); err != nil {
				b.Fatal(err)
			}
		}
	})
}
