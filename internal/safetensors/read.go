package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/half"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// Float32s returns all elements of a tensor of dtype F32, F16, BF16 or F64, the last rounded to the nearest float32
// (infinite beyond its range).
func (f *File) Float32s(name string) ([]float32, error) { return readAll[float32](f, name, floats) }

// Float64s returns all elements of a tensor of dtype F64, F32, F16 or BF16, exactly.
func (f *File) Float64s(name string) ([]float64, error) { return readAll[float64](f, name, floats) }

// Int64s returns all elements of a tensor of integers (any but U64) or BOOL, exactly.
func (f *File) Int64s(name string) ([]int64, error) { return readAll[int64](f, name, integers) }

// Float32Rows is Float32s for the rows from <= i < to, where a row is all elements with the same index on the first axis. They are
// stored in dst, whose length must be their number; nil allocates it. A tensor without axes has no rows, which is an error.
func (f *File) Float32Rows(dst []float32, name string, from, to int) ([]float32, error) {
	e, err := f.entry(name)
	if err != nil {
		return nil, err
	}
	if len(e.Shape) == 0 {
		return nil, fmt.Errorf("%s: tensor %q has no rows (shape [])", f.path, name)
	}
	if from < 0 || to < from || to > e.Shape[0] {
		panic(fmt.Sprintf("safetensors: rows %d to %d of shape %v", from, to, e.Shape))
	}
	row, _ := strided.Elements(e.Shape[1:])
	if dst == nil {
		dst = make([]float32, (to-from)*row)
	}
	if len(dst) != (to-from)*row {
		panic(fmt.Sprintf("safetensors: dst has %d elements, want %d", len(dst), (to-from)*row))
	}
	return dst, readInto(f, dst, e, from*row, floats)
}

var le = binary.LittleEndian

// floats converts the dtypes whose every value is a float64.
var floats = map[string]func([]byte) float64{
	"F64":  func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) },
	"F32":  func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) },
	"BF16": func(b []byte) float64 { return float64(math.Float32frombits(uint32(le.Uint16(b)) << 16)) },
	"F16":  func(b []byte) float64 { return half.Value(le.Uint16(b)) },
}

// integers converts the dtypes whose every value is an int64.
var integers = map[string]func([]byte) int64{
	"I64":  func(b []byte) int64 { return int64(le.Uint64(b)) },
	"I32":  func(b []byte) int64 { return int64(int32(le.Uint32(b))) },
	"I16":  func(b []byte) int64 { return int64(int16(le.Uint16(b))) },
	"I8":   func(b []byte) int64 { return int64(int8(b[0])) },
	"U32":  func(b []byte) int64 { return int64(le.Uint32(b)) },
	"U16":  func(b []byte) int64 { return int64(le.Uint16(b)) },
	"U8":   func(b []byte) int64 { return int64(b[0]) },
	"BOOL": func(b []byte) int64 { return int64(b[0]) },
}

func readAll[T, V element](f *File, name string, table map[string]func([]byte) V) ([]T, error) {
	e, err := f.entry(name)
	if err != nil {
		return nil, err
	}
	n, _ := strided.Elements(e.Shape)
	dst := make([]T, n)
	return dst, readInto(f, dst, e, 0, table)
}

// readInto fills dst with the elements of e from number first on, without conversion where the file holds the same type.
func readInto[T, V element](f *File, dst []T, e entry, first int, table map[string]func([]byte) V) error {
	convert, ok := table[e.DType]
	if !ok {
		return f.unread(e.Tensor, fmt.Sprintf("does not convert to %T", *new(T)))
	}
	item := itemSize[e.DType]
	r := io.NewSectionReader(f.r, f.dataAt+int64(e.begin+first*item), int64(len(dst)*item))
	var err error
	if e.DType == dtypeOf[T]() {
		_, err = io.ReadFull(r, view(dst))
		if !littleEndian {
			swap(view(dst), item)
		}
	} else {
		err = convertInto(dst, r, item, convert)
	}
	if err != nil {
		return fmt.Errorf("%s: tensor %q: %w", f.path, e.Name, err)
	}
	return nil
}

func convertInto[T, V element](dst []T, r io.Reader, item int, convert func([]byte) V) error {
	buffer := make([]byte, min(len(dst)*item, 1<<16))
	for len(dst) > 0 {
		b := buffer[:min(len(dst)*item, len(buffer))]
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		for i := range len(b) / item {
			dst[i] = T(convert(b[i*item:]))
		}
		dst = dst[len(b)/item:]
	}
	return nil
}
