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
