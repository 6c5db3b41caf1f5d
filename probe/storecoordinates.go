package probe

import (
	"fmt"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

const (
	coordinatesIndex  = "coordinates.index"
	coordinatesValues = "coordinates.values"
)

func (u *Units) coordinateArrays() []safetensors.Tensor {
	if u.Coordinates == nil {
		return nil
	}
	index := integers[int64](u.Coordinates.Index)
	return []safetensors.Tensor{
		safetensors.I64(coordinatesIndex, []int{len(index)}, index),
		safetensors.F64(coordinatesValues, []int{u.N, len(index)}, u.Coordinates.Values),
	}
}

// readCoordinates leaves Coordinates nil where the file has none.
func (u *Units) readCoordinates(f *safetensors.File, path string) error {
	if !slices.Contains(f.Names(), coordinatesIndex) {
		return nil
	}
	index, err := f.Int64s(coordinatesIndex)
	if err != nil {
		return err
	}
	values, err := f.Float64s(coordinatesValues)
	if err != nil {
		return err
	}
	if len(values) != u.N*len(index) {
		return fmt.Errorf("%s: %d values for %d coordinates of %d units", path, len(values), len(index), u.N)
	}
	for _, j := range index {
		if j < 0 || j >= int64(u.Parameters) {
			return fmt.Errorf("%s: %s: there is no parameter %d", path, coordinatesIndex, j)
		}
	}
	u.Coordinates = &Coordinates{Index: integers[int](index), Values: values}
	return nil
}
