package safetensors

import (
	"fmt"

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
		return nil, fmt.Errorf("%s: tensor %q: dtype %s holds no floating-point numbers", f.path, name, e.DType)
	}
	if len(e.Shape) == 0 {
		return nil, fmt.Errorf("%s: tensor %q has no rows (shape [])", f.path, name)
	}
	return &strided.Matrix{R: f.section(e), Element: element, Shape: e.Shape}, nil
}
