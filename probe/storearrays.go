package probe

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// metadata are those of a file of this module.
func metadata(schema string, about any) (map[string]string, error) {
	text, err := json.Marshal(about)
	return map[string]string{"schema": schema, "about": string(text)}, err
}

func writeArrays(path, schema string, about any, arrays []safetensors.Tensor) error {
	m, err := metadata(schema, about)
	if err != nil {
		return err
	}
	return safetensors.Write(path, m, arrays)
}

func readAbout(f *safetensors.File, path string, about any) error {
	if err := json.Unmarshal([]byte(f.Metadata()["about"]), about); err != nil {
		return fmt.Errorf("%s: metadata: %w", path, err)
	}
	return nil
}

// storedArray is an array of a file, and where its numbers are in memory.
type storedArray struct {
	name   string
	values *[]float64
	shape  []int
}

// tensorsOf are the arrays as they are written. An array with a single axis has as many elements as there are numbers; a reader refuses others.
func tensorsOf(arrays []storedArray) (tensors []safetensors.Tensor) {
	for _, a := range arrays {
		shape := a.shape
		if len(shape) == 1 {
			shape = []int{len(*a.values)}
		}
		tensors = append(tensors, safetensors.F64(a.name, shape, *a.values))
	}
	return tensors
}

// readArrays reads arrays, which must have as many numbers as their shapes say.
func readArrays(f *safetensors.File, path string, arrays []storedArray) (err error) {
	for _, a := range arrays {
		if *a.values, err = f.Float64s(a.name); err != nil {
			return err
		}
		if want := product(a.shape); len(*a.values) != want {
			return fmt.Errorf("%s: %s has %d values, want %d", path, a.name, len(*a.values), want)
		}
	}
	return nil
}

// hasArrays reports whether there are arrays whose names begin so.
func hasArrays(f *safetensors.File, prefix string) bool {
	return slices.ContainsFunc(f.Names(), func(name string) bool { return strings.HasPrefix(name, prefix) })
}

// integers converts indices, which are int64 in files.
func integers[To, From int | int64](x []From) []To {
	to := make([]To, len(x))
	for i, v := range x {
		to[i] = To(v)
	}
	return to
}

// product is the number of elements of an array.
func product(shape []int) int {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return size
}
