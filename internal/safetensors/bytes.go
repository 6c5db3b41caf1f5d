package safetensors

import (
	"encoding/binary"
	"io"
	"slices"
	"unsafe"
)

// element is a type that a little-endian machine stores in memory as the file does.
type element interface{ float32 | float64 | int64 }

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

func dtypeOf[T element]() string {
	switch any(*new(T)).(type) {
	case float32:
		return "F32"
	case float64:
		return "F64"
	}
	return "I64"
}

// view returns the memory of x as bytes, so that large tensors are written and read without conversion.
func view[T element](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(*new(T))))
}

// encode writes x in the machine's byte order, or swapped to the other one.
func encode[T element](w io.Writer, x []T, swapped bool) error {
	if !swapped {
		_, err := w.Write(view(x))
		return err
	}
	var buffer []byte
	for piece := range slices.Chunk(x, 1<<13) {
		buffer = append(buffer[:0], view(piece)...)
		swap(buffer, int(unsafe.Sizeof(*new(T))))
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	return nil
}

// swap reverses the bytes of every item of b in place.
func swap(b []byte, item int) {
	for ; len(b) >= item; b = b[item:] {
		slices.Reverse(b[:item])
	}
}
