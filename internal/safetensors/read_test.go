package safetensors

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// raw is a tensor of any dtype from its bytes.
func raw(dtype string, n int, data ...byte) Tensor {
	return Tensor{Name: dtype, DType: dtype, Shape: []int{n}, Data: func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

func writeAndOpen(t testing.TB, tensors ...Tensor) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.safetensors")
	if err := Write(path, nil, tensors); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

func TestConversions(t *testing.T) {
	f := writeAndOpen(t,
		// 1, 65504 (the largest), 2^-24 (the smallest), -0.5: IEEE 754-2019, table 3.5
		raw("F16", 4, 0x00, 0x3c, 0xff, 0x7b, 0x01, 0x00, 0x00, 0xb8),
		// the upper half of the float32 numbers 1 and -3.140625
		raw("BF16", 2, 0x80, 0x3f, 0x49, 0xc0),
		raw("F64", 1, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f), // 0.1
		raw("F32", 1, 0xcd, 0xcc, 0xcc, 0x3d),                         // 0.1 in float32
		raw("I64", 1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		raw("I32", 1, 0xfe, 0xff, 0xff, 0xff),
		raw("I16", 1, 0xfe, 0xff),
		raw("I8", 1, 0xfe),
		raw("U32", 1, 0xfe, 0xff, 0xff, 0xff),
		raw("U16", 1, 0xfe, 0xff),
		raw("U8", 1, 0xfe),
		raw("BOOL", 2, 1, 0),
		raw("U64", 1, 0, 0, 0, 0, 0, 0, 0, 0x80),
		raw("F8_E5M2", 1, 0),
	)
	floats := map[string][]float64{
		"F16": {1, 65504, 0x1p-24, -0.5}, "BF16": {1, -3.140625}, "F64": {0.1}, "F32": {float64(float32(0.1))},
	}
	integers := map[string][]int64{
		"I64": {-2}, "I32": {-2}, "I16": {-2}, "I8": {-2}, "U32": {1<<32 - 2}, "U16": {65534}, "U8": {254}, "BOOL": {1, 0},
	}
	for _, name := range f.Names() {
		x, err := f.Float64s(name)
		if want, ok := floats[name]; ok && !slices.Equal(x, want) || ok != (err == nil) {
			t.Errorf("%s as float64: %v, %v, want %v", name, x, err, want)
		}
		single, err := f.Float32s(name)
		if want, ok := floats[name]; ok && numtest.AllClose32(single, narrow(want), numtest.Tol{}) != nil || ok != (err == nil) {
			t.Errorf("%s as float32: %v, %v, want %v", name, single, err, want)
		}
		i, err := f.Int64s(name)
		if want, ok := integers[name]; ok && !slices.Equal(i, want) || ok != (err == nil) {
			t.Errorf("%s as int64: %v, %v, want %v", name, i, err, want)
		}
	}
	_, err := f.Float32s("I64")
	numtest.Refused(t, err, f.path, `tensor "I64": dtype I64 does not convert to float32`)
	_, err = f.Float32s("w")
	numtest.Refused(t, err, f.path, `no tensor "w"`)
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

func TestRowsAreSlicesOfTheWhole(t *testing.T) {
	x := make([]float64, 5*20_000) // more than one buffer
	for i := range x {
		x[i] = float64(i)
	}
	f := writeAndOpen(t, F32("single", []int{5, 4, 5000}, narrow(x)), F64("double", []int{5, 20_000}, x),
		F64("scalar", nil, x[:1]), F32("empty", []int{0, 3}, nil))
	for _, name := range []string{"single", "double"} {
		for _, r := range [][2]int{{0, 5}, {1, 3}, {4, 5}, {2, 2}, {5, 5}} {
			want := x[r[0]*20_000 : r[1]*20_000]
			dst := make([]float32, len(want))
			single, err := f.Float32Rows(dst, name, r[0], r[1])
			if err != nil || !slices.Equal(dst, narrow(want)) || len(single) != len(dst) {
				t.Errorf("%s rows %v: wrong values, %v", name, r, err)
			}
		}
	}
	if got, err := f.Float32Rows(nil, "empty", 0, 0); len(got) != 0 || err != nil {
		t.Errorf("rows of nothing: %v, %v", got, err)
	}
	_, err := f.Float32Rows(nil, "scalar", 0, 1)
	numtest.Refused(t, err, f.path, "has no rows")
	numtest.Panics(t, "rows after the last", "safetensors: ", func() { f.Float32Rows(nil, "double", 4, 6) })
	numtest.Panics(t, "rows backwards", "safetensors: ", func() { f.Float32Rows(nil, "double", 2, 1) })
	numtest.Panics(t, "short dst", "safetensors: ", func() { f.Float32Rows(make([]float32, 3), "double", 0, 1) })
}

func TestReadingAfterTruncation(t *testing.T) {
	path := writeSample(t)
	f := open(t, path)
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-1)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Float32s("a.weight")
	numtest.Refused(t, err, path, `tensor "a.weight": `)
	numtest.Refused(t, f.Verify(), path, "the shape needs")
}

func TestOpenOfWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(dir)
	numtest.Refused(t, err, dir, "not a regular file")
	if _, err := Open(filepath.Join(dir, "none")); !os.IsNotExist(err) || !strings.Contains(err.Error(), "none") {
		t.Errorf("missing file: %v", err)
	}
}

func TestOpenVerified(t *testing.T) {
	path := writeSample(t)
	_, err := OpenVerified(path, "noiseprobe/other/1")
	numtest.Refused(t, err, path, `schema is "noiseprobe/test/1", want "noiseprobe/other/1"`)

	good, _ := os.ReadFile(path)
	last := bytes.Clone(good)
	last[len(last)-1] ^= 1
	if err := os.WriteFile(path, last, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = OpenVerified(path, "noiseprobe/test/1")
	numtest.Refused(t, err, path, "is damaged: the checksum of its contents starts with sha256:")
}

func ExampleWrite() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "weights.safetensors")

	weights := []float32{1, 2, 3, 4, 5, 6}
	err := Write(path, map[string]string{"schema": "example/1"}, []Tensor{F32("dense1.weight", []int{2, 3}, weights)})
	if err != nil {
		fmt.Println(err)
	}
	f, err := OpenVerified(path, "example/1")
	if err != nil {
		fmt.Println(err)
	}
	defer f.Close()
	row, err := f.Float32Rows(nil, "dense1.weight", 1, 2)
	fmt.Println(f.Names(), row, err)
	// Output: [dense1.weight] [4 5 6] <nil>
}

func BenchmarkRead30MB(b *testing.B) {
	f := writeAndOpen(b, F32("x", []int{7_500_000}, make([]float32, 7_500_000)))
	b.SetBytes(30_000_000)
	for b.Loop() {
		f.Float32s("x")
	}
}

func BenchmarkReadConverted30MB(b *testing.B) {
	f := writeAndOpen(b, F32("x", []int{7_500_000}, make([]float32, 7_500_000)))
	b.SetBytes(30_000_000)
	for b.Loop() {
		f.Float64s("x")
	}
}

func BenchmarkEncode30MB(b *testing.B) {
	x := make([]float32, 7_500_000)
	for _, swapped := range []bool{false, true} {
		b.Run(fmt.Sprintf("swapped=%v", swapped), func(b *testing.B) {
			b.SetBytes(30_000_000)
			for b.Loop() {
				encode(io.Discard, x, swapped)
			}
		})
	}
}

func BenchmarkWrite30MB(b *testing.B) {
	x := F32("x", []int{7_500_000}, make([]float32, 7_500_000))
	b.SetBytes(30_000_000)
	for b.Loop() {
		WriteTo(io.Discard, nil, []Tensor{x})
	}
}
