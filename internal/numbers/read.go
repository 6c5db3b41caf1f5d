package numbers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/npy"
)

// Read reads the numbers in a file, in row-major order, all of them finite and at least one.
//
// A file whose name ends in .npy, or whose contents begin like one, is an array of one or more axes, whose shape is returned. Any other
// file is text with a row of numbers in every line, separated by blanks, commas or semicolons. Blank lines, and what follows a #, are
// ignored. One number in each line gives the shape [n], more give [n, d].
func Read(path string) (shape []int, data []float64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 1<<16)
	isArray, err := isArray(path, r)
	if err == nil && isArray {
		return readArray(path)
	}
	if err == nil {
		shape, data, err = readText(r)
	}
	if err != nil {
		return nil, nil, named(path, err)
	}
	return shape, data, nil
}

// named adds the path to an error, unless it is one of the file system, which contains it already.
func named(path string, err error) error {
	if pathErr := new(os.PathError); errors.As(err, &pathErr) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// isArray tells .npy files from text, and refuses files that are known to be neither.
func isArray(path string, r *bufio.Reader) (bool, error) {
	archive := errors.New("may hold several arrays: needs a .npy file, or text")
	switch strings.ToLower(filepath.Ext(path)) {
	case ".npy":
		return true, nil
	case ".npz", ".safetensors":
		return false, archive
	}
	start, err := r.Peek(6)
	switch {
	case len(start) == 0 && err == io.EOF:
		return false, errors.New("empty file")
	case err != nil && err != io.EOF:
		return false, err
	case strings.HasPrefix(string(start), "PK\x03\x04"):
		return false, archive
	}
	return string(start) == "\x93NUMPY", nil
}

func readArray(path string) ([]int, []float64, error) {
	a, err := npy.Read[float64](path)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case len(a.Shape) == 0:
		return nil, nil, fmt.Errorf("%s: a single number without an axis (shape ())", path)
	case len(a.Data) == 0:
		return nil, nil, fmt.Errorf("%s: no numbers in the file (shape %v)", path, a.Shape)
	}
	for i, v := range a.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("%s: %v at %v (counting from 0)", path, v, position(i, a.Shape))
		}
	}
	return a.Shape, a.Data, nil
}

// position returns the index of element i of an array.
func position(i int, shape []int) []int {
	at := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		at[k] = i % shape[k]
		i /= shape[k]
	}
	return at
}
