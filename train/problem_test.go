package train

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// images returns n random images of the given size in so many classes.
func images(n, inputs, classes int, root uint64) dataset.Split {
	rng := seed.New(root, "test images")
	s := dataset.Split{Pixels: make([]uint8, n*inputs), Y: make([]int, n)}
	for i := range s.Pixels {
		s.Pixels[i] = uint8(rng.IntN(256))
	}
	for i := range s.Y {
		s.Y[i] = rng.IntN(classes)
	}
	return s
}

func newModel(t testing.TB, spec string, inputs, classes int) *Model {
	t.Helper()
	parsed, err := ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewModel(parsed, []int{inputs}, classes, 1)
	if err != nil {
		t.Fatal(err)
	}
	// Biases start at zero; other values exercise their path.
	rng := seed.New(2, "test biases")
	for _, l := range denseLayers(m) {
		for i := range l.bias.Value {
			l.bias.Value[i] = float32(0.1 * rng.NormFloat64())
		}
	}
	return m
}

// denseLayers are the dense layers of a network.
func denseLayers(m *Model) (all []*Dense) {
	for _, l := range m.layers {
		if d, ok := l.Layer.(*Dense); ok {
			all = append(all, d)
		}
	}
	return all
}

// computeGradient is [Model.EnhancedGradient], which leaves the gradient in the model and returns the loss.
func computeGradient(t testing.TB, m *Model, data Data, alpha float64, b, bPrime []int) float64 {
	t.Helper()
	loss, err := m.EnhancedGradient(data, alpha, b, bPrime)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}
