package tfevents

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// crc32c is the checksum by its definition: division by the Castagnoli polynomial, bit by bit.
func crc32c(data []byte) uint32 {
	crc := ^uint32(0)
	for _, b := range data {
		crc ^= uint32(b)
		for range 8 {
			crc = crc>>1 ^ 0x82f63b78*(crc&1)
		}
	}
	return ^crc
}

func mask(crc uint32) uint32 { return (crc>>15 | crc<<17) + 0xa282ead8 }

func TestChecksum(t *testing.T) {
	// RFC 3720, B.4: 32 bytes of zeroes.
	if got := crc32c(make([]byte, 32)); got != 0x8a9136aa {
		t.Fatalf("crc32c of 32 zeroes is %#x", got)
	}
	data := []byte("gradient noise")
	if got, want := masked(data), mask(crc32c(data)); got != want {
		t.Errorf("masked checksum %#x, want %#x", got, want)
	}
}

// TestBytes holds a record against one that was put together by hand from the definitions of the format and of protocol buffers.
func TestBytes(t *testing.T) {
	w, err := Create(t.TempDir(), time.Unix(1000, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(time.Unix(1000, 500_000_000), 300, Scalar{Tag: "loss", Value: 0.5}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	got, err := os.ReadFile(w.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	messages := []string{
		// wall_time 1000.0, step 0, file_version of 13 bytes
		"09" + "0000000000408f40" + "10" + "00" + "1a0d" + hex.EncodeToString([]byte("brain.Event:2")),
		// wall_time 1000.5, step 300 = 0b10_0101100, summary{value{tag "loss", simple_value 0.5}}
		"09" + "0000000000448f40" + "10" + "ac02" + "2a0d" + "0a0b" + "0a04" + hex.EncodeToString([]byte("loss")) + "15" + "0000003f",
	}
	var want []byte
	for _, m := range messages {
		message, err := hex.DecodeString(m)
		if err != nil {
			t.Fatal(err)
		}
		length := binary.LittleEndian.AppendUint64(nil, uint64(len(message)))
		want = append(want, length...)
		want = binary.LittleEndian.AppendUint32(want, mask(crc32c(length)))
		want = append(want, message...)
		want = binary.LittleEndian.AppendUint32(want, mask(crc32c(message)))
	}
	if !bytes.Equal(got, want) {
		t.Errorf("wrote\n%x, want\n%x", got, want)
	}
}

func TestReadsWhatItWrites(t *testing.T) {
	dir := t.TempDir()
	var want []Scalar
	for file := range 2 { // the second as after a resume within the same second
		w, err := Create(dir, time.Unix(1000, 0), int64(2*file))
		if err != nil {
			t.Fatal(err)
		}
		for step := range 3 {
			at := time.Unix(int64(2000+step), 0)
			s := []Scalar{{"train/loss", int64(step), float64(at.Unix()), 0.25 * float64(file)}, {"rate", int64(step), float64(at.Unix()), math.Inf(1)}}
			want = append(want, s...)
			if err := w.Write(at, int64(step), s...); err != nil {
				t.Fatal(err)
			}
		}
		w.Close()
	}
	got, err := ReadDir(dir)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("read %v (%v), want %v", got, err, want)
	}
}

// tensorEvent is an event as tf.summary.scalar writes it, with the tensor's fields given.
func tensorEvent(tensor []byte, pluginOf string) []byte {
	plugin := protowire.AppendString(protowire.AppendTag(nil, pluginName, protowire.BytesType), pluginOf)
	metadata := protowire.AppendBytes(protowire.AppendTag(nil, metadataPlugin, protowire.BytesType), plugin)
	value := protowire.AppendString(protowire.AppendTag(nil, valueTag, protowire.BytesType), "loss")
	value = protowire.AppendBytes(protowire.AppendTag(value, valueTensor, protowire.BytesType), tensor)
	if pluginOf != "" {
		value = protowire.AppendBytes(protowire.AppendTag(value, valueMetadata, protowire.BytesType), metadata)
	}
	summary := protowire.AppendBytes(protowire.AppendTag(nil, summaryValue, protowire.BytesType), value)
	message := protowire.AppendBytes(protowire.AppendTag(event(time.Unix(7, 0), 3), eventSummary, protowire.BytesType), summary)
	return appendRecord(nil, message)
}

func tensorOf(kind uint64, number protowire.Number, wire protowire.Type, data []byte) []byte {
	b := protowire.AppendVarint(protowire.AppendTag(nil, tensorType, protowire.VarintType), kind)
	b = protowire.AppendTag(b, number, wire)
	if wire == protowire.BytesType {
		return protowire.AppendBytes(b, data)
	}
	return append(b, data...)
}

func TestTensors(t *testing.T) {
	float := binary.LittleEndian.AppendUint32(nil, math.Float32bits(-1.5))
	double := binary.LittleEndian.AppendUint64(nil, math.Float64bits(-1.5))
	cases := []struct {
		name   string
		tensor []byte
		plugin string
		want   float64 // NaN for none
	}{
		{"content of a float", tensorOf(typeFloat, tensorContent, protowire.BytesType, float), "scalars", -1.5},
		{"content of a double", tensorOf(typeDouble, tensorContent, protowire.BytesType, double), "", -1.5},
		{"packed floats", tensorOf(typeFloat, tensorFloats, protowire.BytesType, float), "scalars", -1.5},
		{"a float that is not packed", tensorOf(typeFloat, tensorFloats, protowire.Fixed32Type, float), "", -1.5},
		{"packed doubles", tensorOf(typeDouble, tensorDoubles, protowire.BytesType, double), "", -1.5},
		{"a long", tensorOf(typeLong, tensorLongs, protowire.VarintType, protowire.AppendVarint(nil, 1<<40)), "", 1 << 40},
		// bfloat16 is the upper half of a float32; float16 of -1.5 is 0xbe00.
		{"a bfloat16", tensorOf(typeBrain, tensorContent, protowire.BytesType, []byte{0xc0, 0xbf}), "", -1.5},
		{"a float16", tensorOf(typeHalf, tensorHalfs, protowire.VarintType, protowire.AppendVarint(nil, 0xbe00)), "", -1.5},
		{"two floats", tensorOf(typeFloat, tensorContent, protowire.BytesType, slices.Concat(float, float)), "", math.NaN()},
		{"a text", tensorOf(7, 8, protowire.BytesType, []byte("words")), "text", math.NaN()},
		{"a histogram of one number", tensorOf(typeFloat, tensorContent, protowire.BytesType, float), "histograms", math.NaN()},
	}
	for _, c := range cases {
		got, err := Read(bytes.NewReader(tensorEvent(c.tensor, c.plugin)))
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case math.IsNaN(c.want) != (len(got) == 0):
			t.Errorf("%s: read %v", c.name, got)
		case len(got) == 1 && got[0] != Scalar{"loss", 3, 7, c.want}:
			t.Errorf("%s: read %v, want %v", c.name, got[0], c.want)
		}
	}
}

func TestDamage(t *testing.T) {
	w, err := Create(t.TempDir(), time.Unix(0, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	for step := range 2 {
		if err := w.Write(time.Unix(9, 0), int64(step), Scalar{Tag: "loss", Value: 1}); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	whole, err := os.ReadFile(w.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	last := len(whole) - 5 // within the last record
	if got, err := Read(bytes.NewReader(whole[:last])); !errors.Is(err, ErrTruncated) || len(got) != 1 {
		t.Errorf("cut off within the last record: %v, %v", got, err)
	}
	for i := range whole {
		damaged := slices.Clone(whole)
		damaged[i] ^= 0x10
		if _, err := Read(bytes.NewReader(damaged)); err == nil {
			t.Fatalf("a wrong bit in byte %d was not noticed", i)
		}
	}
	path := filepath.Join(t.TempDir(), "events.out.tfevents.1")
	if err := os.WriteFile(path, []byte("step,loss\n1,0.5\n2,0.25\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path+": not an event file, or damaged at byte 0") {
		t.Errorf("of a text: %v", err)
	}
	if _, err := ReadDir(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no event files") {
		t.Errorf("of an empty directory: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	float := binary.LittleEndian.AppendUint32(nil, math.Float32bits(1))
	f.Add(tensorEvent(tensorOf(typeFloat, tensorContent, protowire.BytesType, float), "scalars")[headerSize:])
	f.Fuzz(func(t *testing.T, message []byte) {
		_, _ = Read(bytes.NewReader(appendRecord(nil, message)))
	})
}
