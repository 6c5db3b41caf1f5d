package probe

import (
	"fmt"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

const (
	diagonalVariance   = "diagonal.variance"
	diagonalParameters = "diagonal.parameters"
)

func (u *Units) diagonalArrays() []safetensors.Tensor {
	if u.Diagonal == nil {
		return nil
	}
	var variance []float64
	var parameters []int64
	for _, v := range u.Diagonal {
		variance, parameters = append(variance, v.Variance), append(parameters, int64(v.Parameters))
	}
	shape := []int{len(variance)}
	return []safetensors.Tensor{safetensors.F64(diagonalVariance, shape, variance), safetensors.I64(diagonalParameters, shape, parameters)}
}

// readDiagonal leaves Diagonal nil where the file has none.
func (u *Units) readDiagonal(f *safetensors.File, path string) error {
	if !slices.Contains(f.Names(), diagonalVariance) {
		return nil
	}
	variance, err := f.Float64s(diagonalVariance)
	if err != nil {
		return err
	}
	parameters, err := f.Int64s(diagonalParameters)
	if err != nil {
		return err
	}
	if len(variance) != len(parameters) {
		return fmt.Errorf("%s: %d variances for %d numbers of parameters", path, len(variance), len(parameters))
	}
	total := 0
	for i, v := range variance {
		if !(v >= 0) || parameters[i] < 1 {
			return fmt.Errorf("%s: %s: %d parameters of variance %g", path, diagonalVariance, parameters[i], v)
		}
		u.Diagonal = append(u.Diagonal, Variances{Parameters: int(parameters[i]), Variance: v})
		total += int(parameters[i])
	}
	if total != u.Parameters {
		return fmt.Errorf("%s: variances of %d parameters, want %d", path, total, u.Parameters)
	}
	return nil
}
