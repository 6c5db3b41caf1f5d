package strided

import (
	"encoding/binary"
	"math"

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
func (e Element) decode(dst []float64, b []byte) {
	switch e {
	case Float16:
		for i := range dst {
			dst[i] = half.Value(le.Uint16(b[2*i:]))
		}
	case BFloat16:
		for i := range dst {
			dst[i] = float64(math.Float32frombits(uint32(le.Uint16(b[2*i:])) << 16))
		}
	case Float32:
		for i := range dst {
			dst[i] = float64(math.Float32frombits(le.Uint32(b[4*i:])))
		}
	default:
		for i := range dst {
			dst[i] = math.Float64frombits(le.Uint64(b[8*i:]))
		}
	}
}
