package safetensors

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// matrixElements are the dtypes that a matrix can have.
var matrixElements = map[string]strided.Element{
	"F16": strided.Float16, "BF16": strided.BFloat16, "F32": strided.Float32, "F64": strided.Float64,
}

// Matrix returns a tensor of floating-point numbers, of at least one axis, as a matrix that is read from the open file.
func (f *File) Matrix(name string) (*strided.Matrix, error) {
	e, err := f.entry(name)
	if err != nil {
		return nil, err
	}
	element, ok := matrixElements[e.DType]
	if !ok {
		return nil, f.unread(e.Tensor, "holds no floating-point numbers")
	}
	if len(e.Shape) == 0 {
		return nil, fmt.Errorf("%s: tensor %q has no rows (shape [])", f.path, name)
	}
	return &strided.Matrix{R: f.section(e), Element: element, Shape: e.Shape}, nil
}

// CheckRead returns an error if a tensor has numbers of a kind that no method of f returns.
func (f *File) CheckRead() error {
	for _, t := range f.tensors {
		if isFloat8(t) {
			return f.unread(t, "")
		}
	}
	return nil
}

func isFloat8(t Tensor) bool { return strings.HasPrefix(t.DType, "F8_") }

// unread is the error for a dtype that is not read as what is asked for. Float8 are numbers, scaled by other tensors that only their
// writer knows.
func (f *File) unread(t Tensor, why string) error {
	if isFloat8(t) {
		why = "is not read: save the tensor as float32"
	}
	return fmt.Errorf("%s: tensor %q: dtype %s %s", f.path, t.Name, t.DType, why)
}
