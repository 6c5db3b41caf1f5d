package npy

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/internal/half"
)

// dtype says how the elements of a file are stored and read as T.
type dtype[T Number] struct {
	size int
	swap bool // big-endian
	read func([]byte) T
}

var le = binary.LittleEndian

// descrParts matches byte order, kind and bytes of an element type.
var descrParts = regexp.MustCompile(`^([<>=|]?)([A-Za-z])(\d*)$`)

// unsupported says why the kinds that are known but refused are.
var unsupported = map[string]string{
	"O": "object array: pickled data is refused; save an array of numbers",
	"c": "complex dtype is not supported",
	"S": "string dtype is not supported",
	"a": "string dtype is not supported",
	"U": "string dtype is not supported",
	"V": "structured dtype is not supported",
	"m": "time dtype is not supported",
	"M": "time dtype is not supported",
}

// untold says of types that NumPy has no portable name for what they are, and how their numbers get one.
var untold = map[string]string{
	"V1":  "raw bytes, such as float8 is stored as: save it as float32",
	"V2":  "raw pairs of bytes, as which bfloat16 is stored: save it as float32, with x.astype('float32')",
	"f10": longDouble, "f12": longDouble, "f16": longDouble,
}

const longDouble = "long double, whose bytes differ between machines: save it as float64, with x.astype('float64')"

func parseDType[T Number](descr string) (dtype[T], error) {
	m := descrParts.FindStringSubmatch(descr)
	if m == nil {
		return dtype[T]{}, fmt.Errorf("unknown dtype %.20q", descr)
	}
	order, kind := m[1], m[2]
	if reason, ok := untold[kind+m[3]]; ok {
		return dtype[T]{}, fmt.Errorf("%s (%s)", reason, descr)
	}
	if reason, ok := unsupported[kind]; ok {
		return dtype[T]{}, fmt.Errorf("%s (%.20s)", reason, descr)
	}
	read := readers[T]()[kind+m[3]]
	size, _ := strconv.Atoi(m[3])
	switch {
	case read == nil && readers[float64]()[kind+m[3]] != nil:
		return dtype[T]{}, fmt.Errorf("dtype %s does not convert to %T", descr, *new(T))
	case read == nil:
		return dtype[T]{}, fmt.Errorf("unknown dtype %.20s", descr)
	case size > 1 && order != "<" && order != ">":
		return dtype[T]{}, fmt.Errorf("dtype %s does not name its byte order", descr)
	}
	return dtype[T]{size, order == ">", read}, nil
}

// readers returns the conversions from little-endian elements. Floating-point elements are not read as integers, and
// neither are unsigned ones of 64 bits.
func readers[T Number]() map[string]func([]byte) T {
	table := map[string]func([]byte) T{
		"b1": func(b []byte) T { return T(b[0]) },
		"i1": func(b []byte) T { return T(int8(b[0])) },
		"i2": func(b []byte) T { return T(int16(le.Uint16(b))) },
		"i4": func(b []byte) T { return T(int32(le.Uint32(b))) },
		"i8": func(b []byte) T { return T(int64(le.Uint64(b))) },
		"u1": func(b []byte) T { return T(b[0]) },
		"u2": func(b []byte) T { return T(le.Uint16(b)) },
		"u4": func(b []byte) T { return T(le.Uint32(b)) },
	}
	if _, integer := any(*new(T)).(int64); !integer {
		table["u8"] = func(b []byte) T { return T(le.Uint64(b)) }
		table["f2"] = func(b []byte) T { return T(half.Value(le.Uint16(b))) }
		table["f4"] = func(b []byte) T { return T(math.Float32frombits(le.Uint32(b))) }
		table["f8"] = func(b []byte) T { return T(math.Float64frombits(le.Uint64(b))) }
	}
	return table
}

// decode fills dst from the elements in b. Big-endian ones are reversed in place.
func (d dtype[T]) decode(dst []T, b []byte) {
	for i := range dst {
		item := b[i*d.size : (i+1)*d.size]
		if d.swap {
			slices.Reverse(item)
		}
		dst[i] = d.read(item)
	}
}
