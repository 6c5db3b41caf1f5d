package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// Float is an element type that files are written with.
type Float interface{ float32 | float64 }

// alignment divides the position of the data in the file.
const alignment = 64

// Write writes a .npy file of version 1.0, little-endian and in C order. The file appears whole or not at all.
func Write[T Float](path string, shape []int, data []T) error {
	if n, ok := strided.Elements(shape); !ok || n != len(data) {
		panic(fmt.Sprintf("npy: shape %v for %d elements", shape, len(data)))
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		return WriteStream(w, shape, func(emit func([]T) error) error { return emit(data) })
	})
}

// WriteStream writes an array that need not fit in memory: fill passes its elements to emit in row-major order, in pieces of any
// size. That there are too many or too few is an error.
func WriteStream[T Float](w io.Writer, shape []int, fill func(emit func([]T) error) error) error {
	want, ok := strided.Elements(shape)
	if !ok || len(shape) > maxDims {
		panic(fmt.Sprintf("npy: shape %v", shape))
	}
	if _, err := w.Write(formatHeader[T](shape)); err != nil {
		return err
	}
	got := 0
	err := fill(func(piece []T) error {
		got += len(piece)
		return encode(w, piece)
	})
	if err == nil && got != want {
		err = fmt.Errorf("%d elements for shape %v, which has %d", got, shape, want)
	}
	return err
}

// formatHeader returns everything before the data.
func formatHeader[T Float](shape []int) []byte {
	descr := "<f8"
	if _, single := any(*new(T)).(float32); single {
		descr = "<f4"
	}
	var tuple strings.Builder
	for _, d := range shape {
		fmt.Fprintf(&tuple, "%d, ", d)
	}
	dims := strings.TrimSuffix(tuple.String(), " ") // (6,) for one axis
	if len(shape) > 1 {
		dims = strings.TrimSuffix(dims, ",")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims)
	const before = len(magic) + 4
	padding := (alignment - (before+len(text)+1)%alignment) % alignment
	text += strings.Repeat(" ", padding) + "\n"
	b := append([]byte(magic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
	return append(b, text...)
}

// encode writes x little-endian, through a buffer.
func encode[T Float](w io.Writer, x []T) error {
	var buffer []byte
	for piece := range slices.Chunk(x, 1<<13) {
		buffer = buffer[:0]
		for _, v := range piece {
			buffer = appendFloat(buffer, v)
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	return nil
}

func appendFloat[T Float](b []byte, v T) []byte {
	if single, ok := any(v).(float32); ok {
		return le.AppendUint32(b, math.Float32bits(single))
	}
	return le.AppendUint64(b, math.Float64bits(float64(v)))
}
