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

	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/strided"
	"gonum.org/v1/gonum/stat/combin"
)

// maxNumbers bounds what is read into memory, 2 GiB of it: a file that claims more would end the program.
const maxNumbers = 1 << 28

// Table is the numbers of a file, in row-major order: finite, and at least one. Axes of length 1 are left out where only one other is
// there: a column and a row are a sample.
type Table struct {
	Shape []int
	Data  []float64
	// Notice says what of a text was skipped; empty if there is nothing to say.
	Notice string
}

// Read reads the numbers in a file.
//
// A file whose name ends in .npy, or whose contents begin like one, is an array of one or more axes. Any other file is text with a row
// of numbers in every line, separated by blanks or commas. Blank lines, what follows a #, and a header of words before the
// first row are skipped. One number in each line, or one line, gives the shape [n], else it is [n, d].
func Read(path string) (Table, error) {
	if filekind.IsOpenPipe(path) {
		pipe, err := os.Open(path)
		if err != nil {
			return Table{}, err
		}
		defer pipe.Close()
		return ReadFrom(pipe, path)
	}
	file, size, err := filekind.Open(path)
	if err != nil {
		return Table{}, err
	}
	defer file.Close()
	return read(file, path, path, func(io.Reader) (Table, error) { return readArray(file, size) })
}

// ReadFrom reads from a stream what [Read] reads from a file, an array where it begins as one. The name is that of errors.
func ReadFrom(stream io.Reader, name string) (Table, error) { return read(stream, name, "", readAll) }

// read reads a text, or by array what begins as an array, or has a path that says so.
func read(stream io.Reader, name, path string, array func(io.Reader) (Table, error)) (t Table, err error) {
	r := bufio.NewReaderSize(stream, 1<<16)
	isArray, err := isArray(path, r)
	switch {
	case err != nil:
	case isArray:
		t, err = array(r)
	default:
		t, err = readText(r)
	}
	if pathErr := new(os.PathError); errors.As(err, &pathErr) {
		return Table{}, err // has the path already
	}
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", name, err)
	}
	t.Shape = squeezed(t.Shape, len(t.Data))
	if t.Notice != "" {
		t.Notice = name + ": " + t.Notice
	}
	return t, nil
}

// squeezed is [n] where one axis has all n numbers.
func squeezed(shape []int, n int) []int {
	for _, d := range shape {
		if d == n {
			return []int{n}
		}
	}
	return shape
}

// isArray tells .npy files from text, and refuses files that are known to be neither.
func isArray(path string, r *bufio.Reader) (bool, error) {
	start, err := r.Peek(512)
	switch {
	case len(start) == 0 && err == io.EOF:
		return false, errors.New("empty file")
	case err != nil && err != io.EOF:
		return false, err
	}
	several := errors.New("may hold several arrays: needs a .npy file, or text")
	suffix := strings.ToLower(filepath.Ext(path))
	switch kind := filekind.Of(start); {
	case kind == filekind.Array && suffix == ".npz":
		return false, errors.New(kind.Instead("not a .npz file (not a zip archive)"))
	case kind == filekind.Array || suffix == ".npy":
		return true, nil
	case kind == filekind.Archive || kind == filekind.Safetensors:
		return false, several
	case kind.Name != "":
		return false, errors.New(kind.Instead("not numbers"))
	case suffix == ".npz" || suffix == ".safetensors":
		return false, several
	}
	return false, nil
}

var errTooMany = fmt.Errorf("more than %d numbers: a random part of them says nearly the same", maxNumbers)

// readAll reads an array whose size is not known before its end.
func readAll(r io.Reader) (Table, error) {
	const most int64 = 8*maxNumbers + 1<<20 // with a header
	all, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return Table{}, err
	}
	if int64(len(all)) > most {
		return Table{}, errTooMany
	}
	return readArray(bytes.NewReader(all), int64(len(all)))
}

// readArray reads the array in a .npy file of size bytes, if its header says that it has not too many numbers.
func readArray(r io.ReaderAt, size int64) (Table, error) {
	stored, err := npy.Parse(r, size)
	if err != nil {
		return Table{}, err
	}
	if n, _ := strided.Elements(stored.Shape); n > maxNumbers {
		return Table{}, errTooMany
	}
	a, err := npy.Load[float64](stored)
	if err != nil {
		return Table{}, err
	}
	return checked(a)
}

// checked are the numbers of an array, if there are any, and all of them are finite.
func checked(a *npy.Array[float64]) (Table, error) {
	switch {
	case len(a.Shape) == 0:
		return Table{}, errors.New("a single number without an axis (shape ())")
	case len(a.Data) == 0:
		return Table{}, fmt.Errorf("no numbers in the file (shape %v)", a.Shape)
	}
	for i, v := range a.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Table{}, fmt.Errorf("%v at %v (counting from 0)", v, combin.SubFor(nil, i, a.Shape))
		}
	}
	return Table{Shape: a.Shape, Data: a.Data}, nil
}
