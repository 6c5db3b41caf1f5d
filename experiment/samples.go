package experiment

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/npy"
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

// read reads both files; labels are 0 to classes-1.
func (s *samples) read(classes int) error {
	y, err := npy.Read[int64](s.labelsPath)
	if err != nil {
		return err
	}
	if len(y.Shape) != 1 || y.Shape[0] != s.n {
		return fmt.Errorf("%s: has shape %v, and %s has %d samples", s.labelsPath, y.Shape, s.inputsPath, s.n)
	}
	for i, label := range y.Data {
		if label < 0 || label >= int64(classes) {
			return fmt.Errorf("%s: sample %d (counting from 0) has the label %d, the network has the classes 0 to %d", s.labelsPath, i, label,
				classes-1)
		}
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
	s.x, s.y = x.Data, y.Data
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
