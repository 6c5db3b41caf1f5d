package numbers

import (
	"bufio"
	"bytes"
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
	switch {
	case err != nil:
	case isArray:
		a, readErr := npy.Read[float64](path)
		if readErr != nil {
			return nil, nil, readErr
		}
		shape, data, err = checked(a)
	default:
		shape, data, err = readText(r)
	}
	if err != nil {
		return nil, nil, named(path, err)
	}
	return shape, data, nil
}

// ReadFrom reads from a stream what [Read] reads from a file, an array where it begins as one. The name is that of errors.
func ReadFrom(stream io.Reader, name string) (shape []int, data []float64, err error) {
	r := bufio.NewReaderSize(stream, 1<<16)
	isArray, err := isArray("", r)
	switch {
	case err != nil:
	case isArray:
		shape, data, err = decodeArray(r)
	default:
		shape, data, err = readText(r)
	}
	if err != nil {
		return nil, nil, named(name, err)
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

// decodeArray reads an array whose size is not known before its end.
func decodeArray(r io.Reader) ([]int, []float64, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, err
	}
	a, err := npy.Decode[float64](bytes.NewReader(all), int64(len(all)))
	if err != nil {
		return nil, nil, err
	}
	return checked(a)
}

// checked are the numbers of an array, if there are any, and all of them are finite.
func checked(a *npy.Array[float64]) ([]int, []float64, error) {
	switch {
	case len(a.Shape) == 0:
		return nil, nil, errors.New("a single number without an axis (shape ())")
	case len(a.Data) == 0:
		return nil, nil, fmt.Errorf("no numbers in the file (shape %v)", a.Shape)
	}
	for i, v := range a.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("%v at %v (counting from 0)", v, position(i, a.Shape))
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
