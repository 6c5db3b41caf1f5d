package experiment

import (
	"fmt"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/train"
)

// samples are the user's own: inputs and labels from two .npy files.
type samples struct {
	inputsPath, labelsPath string
	n, inputs              int
	sample                 []int     // the shape of one
	x                      []float32 // [n, inputs]
	y                      []int64
}

var _ train.Data = (*samples)(nil)

// openSamples looks at the header of the inputs, [n, ...]: floating-point numbers, for integers would be pixels that nobody
// has divided by 255.
func openSamples(inputsPath, labelsPath string) (*samples, error) {
	f, err := npy.Open(inputsPath)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if len(f.Arrays) != 1 || f.Arrays[0].Name != "" {
		return nil, fmt.Errorf("%s: is an archive, want a .npy file", inputsPath)
	}
	if err := f.Arrays[0].CheckFloat(); err != nil {
		return nil, err
	}
	shape := f.Arrays[0].Shape
	if len(shape) < 2 {
		return nil, fmt.Errorf("%s: has shape %v, want [n, ...]: the first axis are the samples", inputsPath, shape)
	}
	s := &samples{inputsPath: inputsPath, labelsPath: labelsPath, n: shape[0], inputs: 1, sample: shape[1:]}
	for _, d := range shape[1:] {
		s.inputs *= d
	}
	switch {
	case s.n < 2:
		return nil, fmt.Errorf("%s: has shape %v, and a covariance needs at least 2 samples", inputsPath, shape)
	case s.inputs == 0:
		return nil, fmt.Errorf("%s: has shape %v, samples without inputs", inputsPath, shape)
	}
	return s, nil
}

// checkAxes refuses inputs whose first axis is not that of the samples, as the weights show. Another fault of theirs is found later.
func (s *samples) checkAxes(weightsPath string) error {
	if s == nil || len(s.sample) != 1 {
		return nil
	}
	f, err := safetensors.Open(weightsPath)
	if err != nil {
		return nil
	}
	defer f.Close()
	if takes(f, s.inputs) || !takes(f, s.n) {
		return nil
	}
	return fmt.Errorf("%s: has shape [%d %d], and the network of %s takes %d inputs: the array is transposed, its first axis must be the samples",
		s.inputsPath, s.n, s.inputs, weightsPath, s.n)
}

// readLabels reads the classes of the samples, 0 to classes-1. They are whole numbers of any type, [n] or [n, 1], or one-hot rows
// [n, classes].
func (s *samples) readLabels(classes int) error {
	f, err := npy.Open(s.labelsPath)
	if err != nil {
		return err
	}
	defer f.Close()
	// An array of another shape may be too large to be read.
	column, oneHot := []int{s.n, 1}, []int{s.n, classes}
	shape := f.Arrays[0].Shape
	if len(f.Arrays) != 1 || !slices.Equal(shape, column[:1]) && !slices.Equal(shape, column) && !slices.Equal(shape, oneHot) {
		return fmt.Errorf("%s: has shape %v, and %s has %d samples: labels are whole numbers [n], or one-hot rows [n, %d]", s.labelsPath, shape,
			s.inputsPath, s.n, classes)
	}
	y, err := npy.Load[float64](&f.Arrays[0])
	if err == nil && len(y.Data) != s.n {
		if y.Data, err = fromOneHot(y.Data, classes); err != nil {
			err = fmt.Errorf("%s: %w", s.labelsPath, err)
		}
	}
	if err != nil {
		return err
	}
	s.y = make([]int64, s.n)
	for i, label := range y.Data {
		if s.y[i] = int64(label); float64(s.y[i]) != label {
			return fmt.Errorf("%s: sample %d (counting from 0) has the label %v, which is no class", s.labelsPath, i, label)
		}
		if label < 0 || label >= float64(classes) {
			return fmt.Errorf("%s: sample %d (counting from 0) has the label %v, the network has the classes 0 to %d", s.labelsPath, i, label,
				classes-1)
		}
	}
	return nil
}

// fromOneHot returns the places of the ones in rows of zeros with a single one.
func fromOneHot(rows []float64, classes int) (labels []float64, err error) {
	for row := range slices.Chunk(rows, classes) {
		one := slices.Index(row, 1)
		for k, v := range row {
			if one < 0 || v != 0 && k != one {
				return nil, fmt.Errorf("sample %d (counting from 0) has no one-hot label: one 1, the rest 0", len(labels))
			}
		}
		labels = append(labels, float64(one))
	}
	return labels, nil
}

// read reads both files.
func (s *samples) read(classes int) error {
	if err := s.readLabels(classes); err != nil {
		return err
	}
	x, err := npy.Read[float32](s.inputsPath)
	if err != nil {
		return err
	}
	if len(x.Data) != s.n*s.inputs {
		return fmt.Errorf("%s: changed while it was read", s.inputsPath)
	}
	if i := firstNotFinite(x.Data); i >= 0 {
		return fmt.Errorf("%s: sample %d is %v in float32 at input %d (counting from 0)", s.inputsPath, i/s.inputs, x.Data[i], i%s.inputs)
	}
	s.x = x.Data
	return nil
}

// N is the number of samples.
func (s *samples) N() int { return s.n }

// Gather writes the samples of these indices.
func (s *samples) Gather(dst []float32, index []int) {
	for row, i := range index {
		copy(dst[row*s.inputs:(row+1)*s.inputs], s.x[i*s.inputs:])
	}
}

// Labels writes their classes.
func (s *samples) Labels(dst []int32, index []int) {
	for row, i := range index {
		dst[row] = int32(s.y[i])
	}
}
