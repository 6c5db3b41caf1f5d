package npy

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio"
)

// readNpyio reads a file with another library, as float64 in the order of the file.
func readNpyio(t *testing.T, path string) (shape []int, fortran bool, data []float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := npyio.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	h := r.Header.Descr
	if strings.Contains(h.Type, "f4") {
		var x []float32
		err = r.Read(&x)
		for _, v := range x {
			data = append(data, float64(v))
		}
	} else {
		err = r.Read(&data)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return h.Shape, h.Fortran, data
}

// Two independent readers agree to the bit on every reference file.
func TestReadAgainstNpyio(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/data/*.npy")
	for _, path := range paths {
		got, err := Read[float64](path)
		if err != nil {
			t.Fatal(err)
		}
		shape, fortran, data := readNpyio(t, path)
		if fortran && len(shape) > 1 {
			data = rowMajor(data, shape)
		}
		if !slices.Equal(got.Shape, shape) || !slices.Equal(got.Data, data) {
			t.Errorf("%s: npyio reads something else, of shape %v", path, shape)
		}
	}
}

// What is written here, the other library reads, and the other way round; every special value among it.
func TestWriteAgainstNpyio(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := []float64{0, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(-1), 1.0 / 3}
	for len(x) < 24 {
		x = append(x, rng.NormFloat64())
	}
	path := filepath.Join(t.TempDir(), "x.npy")
	for _, shape := range [][]int{{24}, {6, 4}, {2, 3, 4}} {
		if err := Write(path, shape, x); err != nil {
			t.Fatal(err)
		}
		if s, fortran, data := readNpyio(t, path); fortran || !slices.Equal(s, shape) || !slices.Equal(data, x) {
			t.Errorf("npyio reads shape %v (want %v), %v", s, shape, data)
		}
	}
	f, err := os.Create(path)
	if err == nil {
		err = npyio.Write(f, x)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if a, err := Read[float64](path); err != nil || !slices.Equal(a.Data, x) {
		t.Errorf("a file of npyio's: %v, %v", a, err)
	}
}
