package strided

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/noiseprobe/noiseprobe/internal/half"
)

// Element is how a number is stored.
type Element int

// The floating-point formats: IEEE 754 binary16, the upper half of a binary32, binary32 and binary64.
const (
	Float16 Element = iota
	BFloat16
	Float32
	Float64
)

// Size is the number of bytes.
func (e Element) Size() int {
	switch e {
	case Float16, BFloat16:
		return 2
	case Float32:
		return 4
	}
	return 8
}

var le = binary.LittleEndian

// decode writes the elements in b to dst, which has their number.
func decode[T float32 | float64](e Element, dst []T, b []byte) {
	switch e {
	case Float16:
		for i := range dst {
			dst[i] = T(half.Value(le.Uint16(b[2*i:])))
		}
	case BFloat16:
		for i := range dst {
			dst[i] = T(math.Float32frombits(uint32(le.Uint16(b[2*i:])) << 16))
		}
	case Float32:
		for i := range dst {
			dst[i] = T(math.Float32frombits(le.Uint32(b[4*i:])))
		}
	default:
		for i := range dst {
			dst[i] = T(math.Float64frombits(le.Uint64(b[8*i:])))
		}
	}
}

// bytesOf is the memory of x if it holds elements as a little-endian file does.
func bytesOf[T float32 | float64](e Element, x []T) (b []byte, asStored bool) {
	size := int(unsafe.Sizeof(T(0)))
	if e.Size() != size || len(x) == 0 || binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, false
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*size), true
}
