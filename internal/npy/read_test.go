package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// fileOf is a file of version 1.0 with the header text and the little-endian bytes of the values.
func fileOf(text string, values ...any) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\x01\x00", magic)
	binary.Write(&b, le, uint16(len(text)))
	b.WriteString(text)
	for _, v := range values {
		binary.Write(&b, le, v)
	}
	return b.Bytes()
}

func describe(descr string, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
}

func readBytes[T Number](b []byte) (*Array[T], error) {
	return readArray[T](bytes.NewReader(b), int64(len(b)))
}

func TestHeadersThatAreRight(t *testing.T) {
	for text, shape := range map[string][]int{
		"{'descr': '<f8', 'fortran_order': False, 'shape': (), }":         {},
		"{'descr': '<f8', 'fortran_order': True, 'shape': (3,), }  \n":    {3},
		"{'shape': (2, 3), 'fortran_order': False, 'descr': '<f8'}":       {2, 3},
		"{\"descr\":\"<f8\",\"fortran_order\":False,\"shape\":(2L,3L,),}": {2, 3},
		" { 'descr' : '<f8' ,'fortran_order':False,'shape':( 0 , 5 )} ":   {0, 5},
	} {
		h, err := parseHeader(text)
		if err != nil || !slices.Equal(h.shape, shape) || h.descr != "<f8" || h.fortran != strings.Contains(text, "True") {
			t.Errorf("%s: %+v, %v", text, h, err)
		}
	}
}

func TestHeadersThatAreWrong(t *testing.T) {
	cases := []struct{ reason, text string }{
		{"malformed", ""},
		{"malformed", "{"},
		{"malformed", "{'descr'"},
		{"malformed", "{'descr': '<f8"},
		{"malformed", "{'descr': f8, 'fortran_order': False, 'shape': (1,)}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,)}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': (1)}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': [1]}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': (1 2)}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': (,)}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': (1.5,)}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': (0x1,)}"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} more"},
		{"malformed", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'extra': 1}"},
		{"malformed", "{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"},
		{"malformed", "{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}"},
		{"malformed", "{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}"},
		{"header has no descr", "{}"},
		{"header has no fortran_order", "{'descr': '<f8', 'shape': (1,)}"},
		{"negative dimension in shape (-1)", "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"},
		{"larger than the file", "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}"},
		{"has 65 dimensions", "{'descr': '<f8', 'fortran_order': False, 'shape': (" + strings.Repeat("1,", 65) + ")}"},
		{"structured", "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}"},
	}
	for _, c := range cases {
		if _, err := parseHeader(c.text); err == nil || !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", c.text, err, c.reason)
		}
	}
}

func TestDTypes(t *testing.T) {
	// The values as Go has them, stored by encoding/binary; float16 1, -2 and 65504 as in IEEE 754.
	cases := []struct {
		descr  string
		stored any
		want   []float64
	}{
		{"<f8", []float64{0.1, -1e300, math.Inf(1)}, []float64{0.1, -1e300, math.Inf(1)}},
		{"<f4", []float32{0.1, -1e30, 0}, []float64{float64(float32(0.1)), float64(float32(-1e30)), 0}},
		{"<f2", []uint16{0x3c00, 0xc000, 0x7bff}, []float64{1, -2, 65504}},
		{"<i8", []int64{1, -2, 1 << 52}, []float64{1, -2, 1 << 52}},
		{"<i4", []int32{1, -2, math.MaxInt32}, []float64{1, -2, math.MaxInt32}},
		{"<i2", []int16{1, -2, math.MaxInt16}, []float64{1, -2, math.MaxInt16}},
		{"|i1", []int8{1, -2, 127}, []float64{1, -2, 127}},
		{"<u8", []uint64{1, 2, 1 << 63}, []float64{1, 2, 1 << 63}},
		{"<u4", []uint32{1, 2, math.MaxUint32}, []float64{1, 2, math.MaxUint32}},
		{"<u2", []uint16{1, 2, math.MaxUint16}, []float64{1, 2, math.MaxUint16}},
		{"|u1", []uint8{1, 2, 255}, []float64{1, 2, 255}},
		{"|b1", []bool{true, false, true}, []float64{1, 0, 1}},
	}
	for _, c := range cases {
		little := fileOf(describe(c.descr, "(3,)"), c.stored)
		big := fileOf(describe(strings.Replace(c.descr, "<", ">", 1), "(3,)"))
		var b bytes.Buffer
		binary.Write(&b, binary.BigEndian, c.stored)
		for _, file := range [][]byte{little, append(big, b.Bytes()...)} {
			double, err := readBytes[float64](file)
			if err != nil || !slices.Equal(double.Data, c.want) {
				t.Errorf("%s as float64: %v, %v, want %v", c.descr, double, err, c.want)
				continue
			}
			single, err := readBytes[float32](file)
			if err != nil || numtest.AllClose(numtest.Widen(single.Data), double.Data, numtest.Tol{Rel: 0x1p-24}) != nil && c.descr != "<f8" {
				t.Errorf("%s as float32: %v, %v", c.descr, single, err)
			}
			checkIntegers(t, c.descr, file, c.want)
		}
	}
}

func checkIntegers(t *testing.T, descr string, file []byte, want []float64) {
	t.Helper()
	a, err := readBytes[int64](file)
	if descr[1] == 'f' || descr == "<u8" {
		if err == nil || !strings.Contains(err.Error(), "does not convert to int64") {
			t.Errorf("%s as int64: %v, %v", descr, a, err)
		}
		return
	}
	if err != nil {
		t.Errorf("%s as int64: %v", descr, err)
		return
	}
	for i, v := range a.Data {
		if float64(v) != want[i] {
			t.Errorf("%s as int64: %v, want %v", descr, a.Data, want)
		}
	}
}

func TestDTypesThatAreRefused(t *testing.T) {
	for descr, reason := range map[string]string{
		"|O": "pickled data is refused", "<c8": "complex", "|S3": "string", "<U3": "string", "|V2": "bfloat16", "|V8": "structured",
		"<M8": "time", "<m8": "time", "<f16": "save it as float64", "<i3": "unknown dtype <i3", "|f8": "byte order", "=f8": "byte order",
		"f8": "byte order", "": "unknown dtype", "<f8 ": "unknown dtype", "float64": "unknown dtype", "<M8[ns]": "unknown dtype",
	} {
		if _, err := readBytes[float64](fileOf(describe(descr, "()"), 1.0)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: error %v, want %q", descr, err, reason)
		}
	}
}

// Fortran order stores element (i, j, k) at i + I (j + J k).
func TestRowMajorAgainstDefinition(t *testing.T) {
	for _, shape := range [][]int{{2, 3, 4}, {1, 5, 1}, {4, 1, 3}, {7, 2, 1}, {0, 2, 3}, {2, 0, 3}} {
		I, J, K := shape[0], shape[1], shape[2]
		fortran, want := make([]float64, I*J*K), make([]float64, I*J*K)
		for i := range I {
			for j := range J {
				for k := range K {
					fortran[i+I*(j+J*k)] = float64(100*i + 10*j + k)
					want[(i*J+j)*K+k] = float64(100*i + 10*j + k)
				}
			}
		}
		before := slices.Clone(fortran)
		if got := rowMajor(fortran, shape); !slices.Equal(got, want) {
			t.Errorf("shape %v: %v, want %v", shape, got, want)
		}
		if !slices.Equal(fortran, before) {
			t.Error("the argument has changed")
		}
	}
}

func TestVersionsDifferInTheLengthOnly(t *testing.T) {
	one := fileOf(describe("<f8", "(2,)"), 1.0, 2.0)
	for version := byte(2); version <= 3; version++ {
		long := append([]byte(magic), version, 0, one[8], one[9], 0, 0)
		a, err := readBytes[float64](append(long, one[10:]...))
		if err != nil || !slices.Equal(a.Data, []float64{1, 2}) {
			t.Errorf("version %d: %v, %v", version, a, err)
		}
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	good := fileOf(describe("<f8", "(2, 1)"), 1.0, 2.0)
	for n := range good {
		_, err := readBytes[float64](good[:n])
		if err == nil || !strings.Contains(err.Error(), "file ends inside") && n > 0 {
			t.Errorf("the first %d of %d bytes: %v", n, len(good), err)
		}
	}
	if _, err := readBytes[float64](append(good, 0)); err == nil || err.Error() != "1 bytes after the data" {
		t.Errorf("trailing byte: %v", err)
	}
}

// The size is a claim when the array is a member of an archive.
func TestReaderShorterThanItsSize(t *testing.T) {
	good := fileOf(describe("<f8", "(2,)"), 1.0, 2.0)
	for n := 8; n < len(good); n++ {
		if _, err := readArray[float64](bytes.NewReader(good[:n]), int64(len(good))); err == nil {
			t.Errorf("%d bytes for %d were enough", n, len(good))
		}
	}
	long := append([]byte(magic), 2, 0, 0, 0, 0, 0x7f)
	if _, err := readArray[float64](bytes.NewReader(long), 1<<40); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a header of 2 GB: %v", err)
	}
}

func TestReadErrorsAreKept(t *testing.T) {
	good := fileOf(describe("<f8", "(2,)"), 1.0, 2.0)
	for _, n := range []int{3, len(good) - 3} {
		r := io.MultiReader(bytes.NewReader(good[:n]), brokenReader{})
		if _, err := readArray[float64](r, int64(len(good))); err != errBroken {
			t.Errorf("failure at byte %d: %v", n, err)
		}
	}
}

var errBroken = fmt.Errorf("disk on fire")

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

func TestReadOfWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	_, err := Read[float64](dir)
	numtest.Refused(t, err, dir, "not a regular file")
	_, err = Open(dir)
	numtest.Refused(t, err, dir, "not a regular file")
	for _, name := range []string{"none.npy", "none.npz"} {
		if err := readAny(filepath.Join(dir, name)); !os.IsNotExist(err) || !strings.Contains(err.Error(), name) {
			t.Errorf("missing file: %v", err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"analyze/bad/*.npy", "analyze/data/n2*.npy", "analyze/data/version2*.npy"} {
		paths, _ := filepath.Glob(vectors + pattern)
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add(fileOf(describe("|b1", "(1, 2)"), true, false))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := readBytes[float64](b)
		if err != nil {
			if text := err.Error(); text == "" || strings.ContainsAny(text, "\n\r") {
				t.Errorf("error %q is not one line", text)
			}
			return
		}
		again, err := readBytes[float64](written(t, a.Shape, a.Data))
		if err != nil || !slices.Equal(again.Shape, a.Shape) {
			t.Fatalf("written again: %v, shape %v, want %v", err, again, a.Shape)
		}
		if err := numtest.AllClose(again.Data, a.Data, numtest.Tol{}); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkRead30MB(b *testing.B) {
	file := written(b, []int{7_500_000}, make([]float32, 7_500_000))
	b.SetBytes(30_000_000)
	for b.Loop() {
		readBytes[float32](file)
	}
}
