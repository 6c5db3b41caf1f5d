package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func TestBytesOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	err := Write(path, map[string]string{"schema": "s/1"}, []Tensor{F32("w", []int{2}, []float32{1, -2}), I64("i", nil, []int64{-1})})
	if err != nil {
		t.Fatal(err)
	}
	// The checksum by its definition.
	var b bytes.Buffer
	put := func(fields ...any) {
		for _, v := range fields {
			binary.Write(&b, binary.LittleEndian, v)
		}
	}
	put(uint64(1), uint64(6), []byte("schema"), uint64(3), []byte("s/1"), uint64(2))
	put(uint64(1), []byte("i"), uint64(3), []byte("I64"), uint64(0), int64(-1))
	put(uint64(1), []byte("w"), uint64(3), []byte("F32"), uint64(1), uint64(2), float32(1), float32(-2))
	sum := sha256.Sum256(b.Bytes())
	// The format's description: length, header with padding, elements; 8-byte elements come first.
	head := fmt.Sprintf(`{"__metadata__":{"checksum":"sha256:%x","schema":"s/1"},`+
		`"w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"i":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, sum)
	for len(head)%8 != 0 {
		head += " "
	}
	b.Reset()
	put(uint64(len(head)), []byte(head), int64(-1), float32(1), float32(-2))
	if got, _ := os.ReadFile(path); !bytes.Equal(got, b.Bytes()) {
		t.Errorf("got\n%q, want\n%q", got, b.Bytes())
	}
}

// sample returns tensors of several sizes, with numbers of all magnitudes, and an odd number of 4-byte elements.
func sample() []Tensor {
	rng := seed.New(1, "sample")
	x := make([]float32, 3*5)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * math.Exp(20*rng.NormFloat64()))
	}
	return []Tensor{
		F32("a.weight", []int{3, 5}, x),
		F64("b", []int{4}, []float64{math.Inf(-1), math.NaN(), 5e-324, math.Copysign(0, -1)}),
		I64("c", []int{2}, []int64{math.MinInt64, math.MaxInt64}),
		F32("none", []int{0, 7}, nil),
		F64("ünï\"<&\n", nil, []float64{0.1}),
	}
}

func writeSample(t testing.TB) string {
	path := filepath.Join(t.TempDir(), "sample.safetensors")
	if err := Write(path, map[string]string{"schema": "noiseprobe/test/1", "note": "<\"\n>"}, sample()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRoundTrip(t *testing.T) {
	f, err := OpenVerified(writeSample(t), "noiseprobe/test/1")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Metadata()["note"] != "<\"\n>" || len(f.Metadata()) != 3 {
		t.Errorf("metadata %q", f.Metadata())
	}
	want := sample()
	for i, name := range f.Names() {
		got, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := sameTensor(got, want[i]); err != nil {
			t.Error(err)
		}
		if e := f.index[name]; (f.dataAt+int64(e.begin))%int64(itemSize[e.DType]) != 0 {
			t.Errorf("%s starts at byte %d of the file", name, f.dataAt+int64(e.begin))
		}
	}
}

// sameTensor compares everything, the data bit by bit.
func sameTensor(got, want Tensor) error {
	var a, b bytes.Buffer
	if err := errors.Join(got.Data(&a), want.Data(&b)); err != nil {
		return err
	}
	if got.Name != want.Name || got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(a.Bytes(), b.Bytes()) {
		return fmt.Errorf("got %q %s %v %x, want %q %s %v %x",
			got.Name, got.DType, got.Shape, a.Bytes(), want.Name, want.DType, want.Shape, b.Bytes())
	}
	return nil
}

// equal compares all tensors, and the metadata but for the checksum.
func equal(f, g *File) error {
	if !slices.Equal(f.Names(), g.Names()) {
		return fmt.Errorf("names %q and %q", f.Names(), g.Names())
	}
	for i := range f.tensors {
		if err := sameTensor(f.tensors[i], g.tensors[i]); err != nil {
			return err
		}
	}
	a, b := f.Metadata(), g.Metadata()
	delete(a, checksumKey)
	delete(b, checksumKey)
	if !maps.Equal(a, b) {
		return fmt.Errorf("metadata %q and %q", a, b)
	}
	return nil
}

func TestChecksumDoesNotDependOnOrder(t *testing.T) {
	tensors := sample()
	want, _ := checksum(nil, tensors)
	slices.Reverse(tensors)
	if got, err := checksum(map[string]string{"checksum": "another"}, tensors); got != want || err != nil {
		t.Errorf("%s and %s, %v", want, got, err)
	}
}

func TestStreamWritesTheSameBytes(t *testing.T) {
	x := make([]float64, 7*3)
	for i := range x {
		x[i] = float64(i)
	}
	rows := func(emit func([]float64) error) error {
		for row := range slices.Chunk(x, 3) {
			if err := emit(row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := sameTensor(Stream("x", []int{7, 3}, rows), F64("x", []int{7, 3}, x)); err != nil {
		t.Error(err)
	}
}

func TestSwappedEncodingIsBigEndian(t *testing.T) {
	x := make([]float32, 20_000)
	for i := range x {
		x[i] = float32(i) + 0.5
	}
	// encoding/binary is the slow version. On a big-endian machine the swapped bytes are the little-endian ones.
	var swappedOrder binary.ByteOrder = binary.BigEndian
	if !littleEndian {
		swappedOrder = binary.LittleEndian
	}
	for _, c := range []struct {
		swapped bool
		order   binary.ByteOrder
	}{{!littleEndian, binary.LittleEndian}, {true, swappedOrder}} {
		var got, want bytes.Buffer
		if err := encode(&got, x, c.swapped); err != nil {
			t.Fatal(err)
		}
		binary.Write(&want, c.order, x)
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("swapped %v: the bytes differ from %v", c.swapped, c.order)
		}
	}
	if x[1] != 1.5 {
		t.Error("the values were swapped in place")
	}
}

func TestWriteChangesNoArgument(t *testing.T) {
	x, shape := []float32{1, 2, 3, 4}, []int{2, 2}
	metadata := map[string]string{"schema": "s", "checksum": "mine"}
	tensors := []Tensor{F32("b", shape, x), F64("a", nil, []float64{1})}
	if err := Write(filepath.Join(t.TempDir(), "f"), metadata, tensors); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x, []float32{1, 2, 3, 4}) || !slices.Equal(shape, []int{2, 2}) ||
		metadata["checksum"] != "mine" || len(metadata) != 2 || tensors[0].Name != "b" || tensors[1].Name != "a" {
		t.Error("an argument has changed")
	}
}

func TestWriteRefuses(t *testing.T) {
	one := F32("w", nil, []float32{1})
	cases := []struct {
		reason   string
		metadata map[string]string
		tensors  []Tensor
	}{
		{"no tensors to write", nil, nil},
		{"reserved, taken or not UTF-8", nil, []Tensor{one, one}},
		{"reserved, taken or not UTF-8", nil, []Tensor{F32("__metadata__", nil, []float32{1})}},
		{"reserved, taken or not UTF-8", nil, []Tensor{F32("\xff", nil, []float32{1})}},
		{"not UTF-8", map[string]string{"a": "\xff"}, []Tensor{one}},
		{"unknown dtype", nil, []Tensor{{Name: "w", DType: "F31", Data: one.Data}}},
		{"out of range", nil, []Tensor{{Name: "w", DType: "F32", Shape: []int{math.MaxInt / 2}, Data: one.Data}}},
		{"out of range", nil, []Tensor{{Name: "w", DType: "F32", Shape: []int{-1}, Data: one.Data}}},
		{`tensor "w": data have 4 bytes, the shape needs 8`, nil, []Tensor{{Name: "w", DType: "F32", Shape: []int{2}, Data: one.Data}}},
		{"disk on fire", nil, []Tensor{{Name: "w", DType: "F32", Data: func(io.Writer) error { return errors.New("disk on fire") }}}},
	}
	for _, c := range cases {
		dir := t.TempDir()
		path := filepath.Join(dir, "f.safetensors")
		numtest.Refused(t, Write(path, c.metadata, c.tensors), path, c.reason)
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left %v behind", c.reason, left)
		}
	}
	path := filepath.Join(t.TempDir(), "no", "f")
	if err := Write(path, nil, []Tensor{one}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("missing directory: %v", err)
	}
}

func TestWrongShapesPanic(t *testing.T) {
	for _, shape := range [][]int{{3}, {-1, -2}, {math.MaxInt, 3}, nil} {
		numtest.Panics(t, fmt.Sprint(shape), "safetensors: ", func() { F32("w", shape, make([]float32, 2)) })
	}
}
