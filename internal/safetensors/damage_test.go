package safetensors

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// fileOf puts a header before n bytes of data.
func fileOf(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

func openBytes(b []byte) (*File, error) { return newFile(bytes.NewReader(b), int64(len(b))) }

func TestDamagedHeaders(t *testing.T) {
	cases := []struct{ reason, header string }{
		{"not valid JSON", ``},
		{"not valid JSON", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`},
		{"not valid JSON", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}`},
		{"not valid JSON", "{\"\xff\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"},
		{"an object belongs", `[]`},
		{"an object belongs", `{"w":3}`},
		{"an object belongs", `{"w":null}`},
		{"an object belongs", `{"__metadata__":[]}`},
		{"a string belongs", `{"__metadata__":{"a":1}}`},
		{"a string belongs", `{"w":{"dtype":1}}`},
		{`"a" appears twice`, `{"__metadata__":{"a":"1","a":"2"}}`},
		{`"w" appears twice`, `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`},
		{`"__metadata__" appears twice`, `{"__metadata__":{},"__metadata__":{}}`},
		{`"shape" appears twice`, `{"w":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}`},
		{`unknown key "Shape"`, `{"w":{"dtype":"F32","Shape":[2],"data_offsets":[0,8]}}`},
		{"needs dtype, shape", `{"w":{"dtype":"F32","data_offsets":[0,8]}}`},
		{"two data_offsets", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[8]}}`},
		{"a list of numbers belongs", `{"w":{"dtype":"F32","shape":null,"data_offsets":[0,8]}}`},
		{"whole number", `{"w":{"dtype":"F32","shape":[null],"data_offsets":[0,8]}}`},
		{"whole number", `{"w":{"dtype":"F32","shape":["2\n"],"data_offsets":[0,8]}}`},
		{"whole number", `{"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}`},
		{"whole number", `{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`},
		{"whole number", `{"w":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}`},
		{"whole number", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551624]}}`},
		{"out of range", `{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}`},
		{"out of range", `{"w":{"dtype":"F64","shape":[2305843009213693953],"data_offsets":[0,8]}}`},
		{"the name of tensor", `{"` + strings.Repeat("w", maxName+1) + `":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`},
		{"more than 64 numbers", `{"w":{"dtype":"F32","shape":[2` + strings.Repeat(",1", maxAxes) + `],"data_offsets":[0,8]}}`},
		{`tensor "\x1b[2J"`, `{"\u001b[2J":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`},
		{`unknown dtype "F4"`, `{"w":{"dtype":"F4","shape":[16],"data_offsets":[0,8]}}`},
		{`4 unused bytes between the header and tensor "w"`, `{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`},
		{`4 unused bytes between "v" and tensor "w"`, `{"w":{"dtype":"U8","shape":[2],"data_offsets":[6,8]},"v":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`},
		{"4 unused bytes after the last", `{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`},
		{"overlap", `{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`},
	}
	for _, c := range cases {
		f, err := openBytes(fileOf(c.header, 8))
		if f != nil || err == nil || !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", c.header, err, c.reason)
		}
	}
}

func TestUnusualHeadersThatAreRight(t *testing.T) {
	for _, header := range []string{
		`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   `,
		` { "w" : {"data_offsets":[0,8], "shape":[2], "dtype":"F32"}, "__metadata__": {} }`,
		`{"z":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`,
		`{"z":{"dtype":"F32","shape":[0,9007199254740993],"data_offsets":[0,0]},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`,
		`{"":{"dtype":"C64","shape":[],"data_offsets":[0,8]}}`,
	} {
		if _, err := openBytes(fileOf(header, 8)); err != nil {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestWrongFormats(t *testing.T) {
	for _, c := range []struct{ start, reason string }{
		{"\x93NUMPY\x01\x00", "it is a .npy file"},
		{"PK\x03\x04\x14\x00\x00\x00", "it is a zip archive"},
		{"GIF89a, a picture", "header length is larger than the file"},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:a\n", "git lfs pull fetches"},
		{`{"metadata": {"total_size": 672}, "weight_map": {}}`, "name the .safetensors files that it lists"},
		{"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "torch.save"},
		{"short", "file ends inside the header"},
	} {
		if _, err := openBytes([]byte(c.start)); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%q: %v", c.start, err)
		}
	}
}

// A header as long as a sparse file claims must not be read when it is longer than the format allows.
func TestHugeHeaderIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparse.safetensors")
	if err := os.WriteFile(path, binary.LittleEndian.AppendUint64(nil, 1<<38), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<38+8); err != nil {
		t.Skip(err) // a file system without sparse files
	}
	_, err := Open(path)
	numtest.Refused(t, err, path, "longer than the 100000000 that the format allows")
}

func smallFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	tensors := []Tensor{F32("w", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}), I64("index", []int{2}, []int64{7, 8})}
	if err := WriteTo(&b, map[string]string{"schema": "s/1", "step": "100"}, tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whichever single bit of a file is wrong, it is noticed.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	good := smallFile(t)
	for at := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[at] ^= 1 << bit
			if f, err := openBytes(bad); err == nil && f.verify() == nil {
				t.Errorf("bit %d of byte %d (%q) can change", bit, at, good[max(0, at-8):min(at+8, len(good))])
			}
		}
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	good := smallFile(t)
	for n := range good {
		if _, err := openBytes(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were opened", n, len(good))
		}
	}
	if _, err := openBytes(append(good, 0)); err == nil {
		t.Error("a byte too many was not noticed")
	}
}

func FuzzOpen(f *testing.F) {
	for _, pattern := range []string{"analyze/bad/*.safetensors", "grad/data/*running.safetensors"} {
		paths, _ := filepath.Glob(vectors + pattern)
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add(smallFile(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := openBytes(b)
		if err != nil {
			if text := err.Error(); text == "" || len(text) > 8000 || strings.ContainsFunc(text, unicode.IsControl) {
				t.Errorf("error %q is not a line for a terminal", text)
			}
			return
		}
		for _, name := range file.Names() {
			file.Float32s(name)
			file.Float64s(name)
			file.Int64s(name)
		}
		if err := equal(file, rewrite(t, file)); err != nil {
			t.Error(err)
		}
	})
}
