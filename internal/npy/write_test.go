package npy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// written returns the bytes of a file.
func written[T Float](t testing.TB, shape []int, data []T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteStream(&b, shape, func(emit func([]T) error) error { return emit(data) }); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A file that is version 1.0 and in C order comes out as NumPy wrote it, byte for byte.
func TestReferenceFilesAreWrittenAlike(t *testing.T) {
	compared := 0
	for _, path := range goodFiles(t, ".npy") {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if want[6] != 1 || bytes.Contains(want[:80], []byte("True")) || bytes.Contains(want[:80], []byte("<i8")) {
			continue
		}
		var got []byte
		if bytes.Contains(want[:80], []byte("<f4")) {
			got = writtenAgain[float32](t, path)
		} else {
			got = writtenAgain[float64](t, path)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: wrote %q..., NumPy has %q...", path, got[:128], want[:128])
		}
		compared++
	}
	if compared < 40 {
		t.Errorf("compared %d files", compared)
	}
}

func writtenAgain[T Float](t *testing.T, path string) []byte {
	t.Helper()
	a, err := Read[T](path)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, a.Shape, a.Data)
}

func TestHeaderIsAligned(t *testing.T) {
	for _, shape := range [][]int{nil, {1}, {10}, {123456789, 12345}, slices.Repeat([]int{1000}, 6), slices.Repeat([]int{1}, 64)} {
		b := formatHeader[float32](shape)
		h, rest, err := readHeader(bytes.NewReader(b), int64(len(b)))
		if err != nil || rest != 0 || len(b)%64 != 0 || !slices.Equal(h.shape, shape) || h.descr != "<f4" || h.fortran {
			t.Errorf("shape %v: %d bytes, %+v, %v", shape, len(b), h, err)
		}
	}
}

func TestStreamWritesTheSameBytes(t *testing.T) {
	x := make([]float64, 20_000)
	for i := range x {
		x[i] = math.Sqrt(float64(i))
	}
	before := slices.Clone(x)
	dir := t.TempDir()
	whole, pieces := filepath.Join(dir, "whole.npy"), filepath.Join(dir, "pieces.npy")
	err := errors.Join(
		Write(whole, []int{4, 5000}, x),
		writeFile(pieces, []int{4, 5000}, func(emit func([]float64) error) error {
			return errors.Join(emit(x[:3]), emit(nil), emit(x[3:15_000]), emit(x[15_000:]))
		}))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(whole)
	b, _ := os.ReadFile(pieces)
	if !bytes.Equal(a, b) || !slices.Equal(x, before) {
		t.Error("the bytes differ, or the argument has changed")
	}
	back, err := Read[float64](whole)
	if err != nil || !slices.Equal(back.Data, x) || !slices.Equal(back.Shape, []int{4, 5000}) {
		t.Errorf("read back: %v", err)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	broken := errors.New("disk on fire")
	for reason, fill := range map[string]func(emit func([]float32) error) error{
		"1 elements for shape [2], which has 2": func(emit func([]float32) error) error { return emit([]float32{1}) },
		"3 elements for shape [2], which has 2": func(emit func([]float32) error) error { return emit([]float32{1, 2, 3}) },
		"disk on fire":                          func(func([]float32) error) error { return broken },
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.npy")
		numtest.Refused(t, writeFile(path, []int{2}, fill), path, reason)
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("left %v behind", left)
		}
	}
}

func TestWrongShapesPanic(t *testing.T) {
	for _, shape := range [][]int{{3}, {-1, -2}, {math.MaxInt, 3}, nil, append(slices.Repeat([]int{1}, 64), 2)} {
		numtest.Panics(t, fmt.Sprint(shape), "npy: ", func() { Write(filepath.Join(t.TempDir(), "x.npy"), shape, make([]float32, 2)) })
	}
}

func ExampleRead() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "gradients.npy")

	if err := Write(path, []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}); err != nil {
		fmt.Println(err)
	}
	a, err := Read[float64](path)
	fmt.Println(a.Shape, a.Data, err)
	// Output: [2 3] [1 2 3 4 5 6] <nil>
}

func BenchmarkWrite30MB(b *testing.B) {
	x := make([]float32, 7_500_000)
	b.SetBytes(30_000_000)
	for b.Loop() {
		encode(new(bytes.Buffer), x)
	}
}

func writeFile[T Float](path string, shape []int, fill func(emit func([]T) error) error) error {
	return atomicfile.Write(path, func(w io.Writer) error { return WriteStream(w, shape, fill) })
}
