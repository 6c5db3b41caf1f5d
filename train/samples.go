package train

import (
	"fmt"

	"gorgonia.org/tensor"
)

// samples are gathered samples and their labels.
type samples struct {
	x      *tensor.Dense // [rows, inputs]
	pixels []float32     // the memory of x
	labels []int32
}

func newSamples(rows, inputs int) *samples {
	return samplesOver(make([]float32, rows*inputs), make([]int32, rows))
}

func samplesOver(pixels []float32, labels []int32) *samples {
	return &samples{x: buffer(pixels, len(labels), len(pixels)/len(labels)), pixels: pixels, labels: labels}
}

// part returns the samples lo to hi-1.
func (s *samples) part(lo, hi int) *samples {
	if lo == 0 && hi == len(s.labels) {
		return s
	}
	inputs := len(s.pixels) / len(s.labels)
	return samplesOver(s.pixels[lo*inputs:hi*inputs], s.labels[lo:hi])
}

// gather reads the samples with these indices; their labels must be classes of the model.
func (s *samples) gather(data Data, index []int, classes int) error {
	data.Gather(s.pixels, index)
	data.Labels(s.labels, index)
	for i, label := range s.labels {
		if label < 0 || int(label) >= classes {
			return fmt.Errorf("train: sample %d has the label %d, the model has the classes 0 to %d", index[i], label, classes-1)
		}
	}
	return nil
}
