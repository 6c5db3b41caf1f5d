package tfevents

import (
	"encoding/binary"
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/noiseprobe/noiseprobe/internal/half"
)

// Element types of a tensor, as far as they are numbers.
const (
	typeFloat, typeDouble, typeInt, typeLong, typeBrain, typeHalf = 1, 2, 3, 9, 14, 19
)

// decoder collects the scalars of the events of one file.
type decoder struct {
	scalars []Scalar
	// plugins are what the values of a tag are for; only the first of a tag says so.
	plugins map[string]string
}

// field is a field of a message: a number, or bytes.
type field struct {
	number protowire.Number
	kind   protowire.Type
	bits   uint64
	bytes  []byte
}

var errMessage = errors.New("a message is malformed")

// fields calls each with the fields of a message, and ends at the first error.
func fields(message []byte, each func(field) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errMessage
		}
		message = message[n:]
		f := field{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			f.bits, n = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(message)
			f.bits = uint64(bits)
		case protowire.Fixed64Type:
			f.bits, n = protowire.ConsumeFixed64(message)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return errMessage
		}
		message = message[n:]
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// event reads the scalars of an event. Their time and step may follow them in the message.
func (d *decoder) event(message []byte) error {
	first := len(d.scalars)
	var time float64
	var step int64
	err := fields(message, func(f field) error {
		switch {
		case f.number == eventTime && f.kind == protowire.Fixed64Type:
			time = math.Float64frombits(f.bits)
		case f.number == eventStep && f.kind == protowire.VarintType:
			step = int64(f.bits)
		case f.number == eventSummary && f.kind == protowire.BytesType:
			return fields(f.bytes, d.value)
		}
		return nil
	})
	if err != nil {
		d.scalars = d.scalars[:first]
	}
	for i := range d.scalars[first:] {
		d.scalars[first+i].Time, d.scalars[first+i].Step = time, step
	}
	return err
}

// value reads a value of a summary, if it is a scalar.
func (d *decoder) value(of field) error {
	if of.number != summaryValue || of.kind != protowire.BytesType {
		return nil
	}
	s, found, shownBy := Scalar{}, false, ""
	err := fields(of.bytes, func(f field) (err error) {
		switch {
		case f.number == valueTag && f.kind == protowire.BytesType:
			s.Tag = string(f.bytes)
		case f.number == valueSimple && f.kind == protowire.Fixed32Type:
			s.Value, found = float64(math.Float32frombits(uint32(f.bits))), true
		case f.number == valueTensor && f.kind == protowire.BytesType:
			s.Value, found, err = number(f.bytes)
		case f.number == valueMetadata && f.kind == protowire.BytesType:
			shownBy, err = plugin(f.bytes)
		}
		return err
	})
	if shownBy != "" {
		d.plugins[s.Tag] = shownBy
	}
	if name := d.plugins[s.Tag]; found && (name == "" || name == "scalars") {
		d.scalars = append(d.scalars, s)
	}
	return err
}

// plugin is the name of what shows a value.
func plugin(metadata []byte) (name string, err error) {
	err = fields(metadata, func(f field) error {
		if f.number != metadataPlugin || f.kind != protowire.BytesType {
			return nil
		}
		return fields(f.bytes, func(f field) error {
			if f.number == pluginName && f.kind == protowire.BytesType {
				name = string(f.bytes)
			}
			return nil
		})
	})
	return name, err
}

// number is the value of a tensor with one element that is a number.
func number(tensor []byte) (value float64, found bool, err error) {
	var kind uint64
	var content []byte
	var values []uint64
	err = fields(tensor, func(f field) (err error) {
		switch f.number {
		case tensorType:
			kind = f.bits
		case tensorContent:
			content = f.bytes
		case tensorFloats, tensorDoubles, tensorInts, tensorLongs, tensorHalfs:
			values, err = repeated(values, f)
		}
		return err
	})
	if size := size(kind); err == nil && len(values) == 0 && size > 0 && len(content) == size {
		values = []uint64{little(content)}
	}
	if err != nil || len(values) != 1 || size(kind) == 0 {
		return 0, false, err
	}
	return decode(kind, values[0]), true, nil
}

// repeated appends the values of a repeated field, packed or not.
func repeated(values []uint64, f field) ([]uint64, error) {
	if f.kind != protowire.BytesType {
		return append(values, f.bits), nil
	}
	width := map[protowire.Number]int{tensorFloats: 4, tensorDoubles: 8}[f.number]
	for rest := f.bytes; len(rest) > 0; {
		value, n := uint64(0), width
		switch {
		case width == 0:
			value, n = protowire.ConsumeVarint(rest)
		case len(rest) >= width:
			value = little(rest[:width])
		default:
			n = -1
		}
		if n < 0 {
			return nil, errMessage
		}
		values, rest = append(values, value), rest[n:]
	}
	return values, nil
}

// size is that of an element in bytes, 0 for what is no number.
func size(kind uint64) int {
	switch kind {
	case typeHalf, typeBrain:
		return 2
	case typeFloat, typeInt:
		return 4
	case typeDouble, typeLong:
		return 8
	}
	return 0
}

func little(b []byte) uint64 {
	var wide [8]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint64(wide[:])
}

// decode turns the bits of an element into its value.
func decode(kind, bits uint64) float64 {
	switch kind {
	case typeDouble:
		return math.Float64frombits(bits)
	case typeInt:
		return float64(int32(bits))
	case typeLong:
		return float64(int64(bits))
	case typeBrain:
		return float64(math.Float32frombits(uint32(bits) << 16))
	case typeHalf:
		return half.Value(uint16(bits))
	}
	return float64(math.Float32frombits(uint32(bits)))
}
