package safetensors

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// Tensor is a named array that can write its data.
type Tensor struct {
	Name  string
	DType string // "F32", "F64", "I64", ...: the format's names
	Shape []int  // row-major; empty for a scalar

	// Data writes the elements, little-endian. It may be called repeatedly and writes the same bytes each time.
	Data func(io.Writer) error
}

// F32 is a tensor of float32 values. The data are not copied: they must not change until the tensor is written.
func F32(name string, shape []int, data []float32) Tensor { return whole(name, shape, data) }

// F64 is F32 for float64 values.
func F64(name string, shape []int, data []float64) Tensor { return whole(name, shape, data) }

// I64 is F32 for int64 values.
func I64(name string, shape []int, data []int64) Tensor { return whole(name, shape, data) }

func whole[T element](name string, shape []int, data []T) Tensor {
	if n, ok := strided.Elements(shape); !ok || n != len(data) {
		panic(fmt.Sprintf("safetensors: shape %v for %d elements", shape, len(data)))
	}
	return Stream(name, shape, func(emit func([]T) error) error { return emit(data) })
}

// Stream is a tensor whose elements need not be in memory together: fill passes them to emit in order, in pieces of any size. Write
// calls fill twice, once for the checksum and once for the file.
func Stream[T element](name string, shape []int, fill func(emit func([]T) error) error) Tensor {
	return Tensor{name, dtypeOf[T](), slices.Clone(shape), func(w io.Writer) error {
		return fill(func(piece []T) error { return encode(w, piece, !littleEndian) })
	}}
}

// itemSize holds the bytes per element of every dtype that fills whole bytes.
var itemSize = map[string]int{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
	"U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4,
	"U64": 8, "I64": 8, "F64": 8, "C64": 8,
}

// size returns the number of bytes of a tensor with this dtype and shape.
func (t Tensor) size() (int, error) {
	item, known := itemSize[t.DType]
	if !known {
		return 0, fmt.Errorf("tensor %q: unknown dtype %.20q", t.Name, t.DType)
	}
	n, ok := strided.Elements(t.Shape)
	if !ok || n > math.MaxInt/item {
		return 0, fmt.Errorf("tensor %q: shape %v is out of range", t.Name, t.Shape)
	}
	return n * item, nil
}

// writeTo writes the data of a tensor, and returns an error unless they have the number of bytes that its shape needs.
func (t Tensor) writeTo(w io.Writer) error {
	want, err := t.size()
	if err != nil {
		return err
	}
	counted := &counter{w: w}
	if err := t.Data(counted); err != nil {
		return fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	if counted.n != want {
		return fmt.Errorf("tensor %q: data have %d bytes, the shape needs %d", t.Name, counted.n, want)
	}
	return nil
}

type counter struct {
	w io.Writer
	n int
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += n
	return n, err
}
