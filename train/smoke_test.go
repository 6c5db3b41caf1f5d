package train

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

func BenchmarkStep(b *testing.B) {
	d := dataset.Split{Pixels: make([]uint8, 2000*784), Y: make([]int, 2000)}
	for i := range d.Pixels {
		d.Pixels[i] = uint8(i * 7919)
	}
	spec, _ := ParseSpec("f1")
	m, err := NewModel(spec, 784, 10, 1)
	if err != nil {
		b.Fatal(err)
	}
	t, err := NewTrainer(m, d, Settings{Alpha: 1, Batch: 1000, Pairing: noise.Independent, Optimizer: "adam", LearningRate: 1e-3, AdamEpsilon: 1e-8})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := t.Step(); err != nil {
			b.Fatal(err)
		}
	}
}
