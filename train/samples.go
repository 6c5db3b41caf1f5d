package train

import (
	"fmt"

	"gorgonia.org/tensor"
)

// samples are gathered samples and their labels.
type samples struct {
	x      *tensor.Dense // [rows, inputs]
	pixels []float32     // behind x
	labels []int32
}

func newSamples(rows, inputs int) *samples {
	pixels := make([]float32, rows*inputs)
	return &samples{x: buffer(pixels, rows, inputs), pixels: pixels, labels: make([]int32, rows)}
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
