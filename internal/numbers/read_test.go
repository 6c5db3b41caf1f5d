package numbers

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
)

const vectors = "../../testdata/vectors/"

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestText(t *testing.T) {
	cases := map[string]struct {
		text  string
		shape []int
		data  []float64
	}{
		"one a line":    {"1\n-2.5\n3e2\n", []int{3}, []float64{1, -2.5, 300}},
		"no last end":   {"1\n2", []int{2}, []float64{1, 2}},
		"blanks":        {"  1 2\t3\n\n4   5 6  \n", []int{2, 3}, []float64{1, 2, 3, 4, 5, 6}},
		"commas":        {"1,2\n3 , 4\n", []int{2, 2}, []float64{1, 2, 3, 4}},
		"semicolons":    {"1;2\n3; 4\n", []int{2, 2}, []float64{1, 2, 3, 4}},
		"comments":      {"# x y\n1 2 # first\n3 4\n#end", []int{2, 2}, []float64{1, 2, 3, 4}},
		"line ends":     {"1\r\n2\r\n\r\n", []int{2}, []float64{1, 2}},
		"order mark":    {"\xef\xbb\xbf1\n2\n", []int{2}, []float64{1, 2}},
		"one number":    {"7", []int{1}, []float64{7}},
		"one row":       {"7 8", []int{1, 2}, []float64{7, 8}},
		"range's ends":  {"1.7976931348623157e308\n5e-324\n-0\n", []int{3}, []float64{math.MaxFloat64, 5e-324, 0}},
		"hash in front": {"1\n#2\n3", []int{2}, []float64{1, 3}},
	}
	for name, c := range cases {
		shape, data, err := Read(file(t, "x.txt", c.text))
		if err != nil || !slices.Equal(shape, c.shape) || !slices.Equal(data, c.data) {
			t.Errorf("%s: %v %v, %v", name, shape, data, err)
		}
	}
}

func TestTextThatIsRefused(t *testing.T) {
	cases := map[string]string{ // text, reason
		"":                 "empty file",
		"\n \n# no\n":      "no numbers in the file",
		"1\nx\n":           `line 2: "x" is not a number`,
		"1\n2 3\n":         "line 2: row of length 2, the rows before have 1",
		"1,2\n\n3\n":       "line 3: row of length 1, the rows before have 2",
		"1,,2\n":           "line 1: a number is missing between separators",
		",1\n":             "line 1: a number is missing between separators",
		"1,2,\n":           "line 1: a number is missing after the last separator",
		"1\nnan\n":         "line 2: nan is not finite",
		"1\n-Inf\n":        "line 2: -Inf is not finite",
		"1\n1e999\n":       "line 2: 1e999 is beyond the range of float64",
		"1\x00\n":          `line 1: "1\x00" is not a number`,
		"PK\x03\x04......": "may hold several arrays",
		"\x80\x04K\x01.":   "is not a number",
	}
	for text, reason := range cases {
		checkRefusal(t, file(t, "x.txt", text), reason)
	}
	checkRefusal(t, filepath.Join(t.TempDir(), "missing.txt"), "no such file")
	checkRefusal(t, t.TempDir(), "is a directory")
}

func checkRefusal(t *testing.T, path, reason string) {
	t.Helper()
	_, data, err := Read(path)
	if err == nil || data != nil {
		t.Errorf("%s: read %v", path, data)
		return
	}
	text := err.Error()
	if !strings.Contains(text, reason) || strings.Count(text, path) != 1 || strings.Contains(text, "\n") {
		t.Errorf("error %q, want one line with the path, once, and %q", text, reason)
	}
}

func TestArrays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := npy.Write(path, []int{2, 1, 2}, []float64{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	check := func(path string) {
		shape, data, err := Read(path)
		if err != nil || !slices.Equal(shape, []int{2, 1, 2}) || !slices.Equal(data, []float64{1, 2, 3, 4}) {
			t.Errorf("%v %v, %v", shape, data, err)
		}
	}
	check(path)
	renamed := filepath.Join(filepath.Dir(path), "x.dat")
	if err := os.Rename(path, renamed); err != nil {
		t.Fatal(err)
	}
	check(renamed)
}

// TestReadFrom: a stream is read as the file is, whatever is wrong with it.
func TestReadFrom(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/bad/*.npy")
	text := file(t, "x.txt", "1 2\n3 4\n")
	for _, path := range append(paths, text, file(t, "ragged.txt", "1\n2 3\n"), file(t, "empty.txt", "")) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(path) == ".npy" && !strings.HasPrefix(string(content), "\x93NUMPY") {
			continue // is an array by its name alone
		}
		shape, data, err := ReadFrom(bytes.NewReader(content), path)
		wantShape, want, wantErr := Read(path)
		if !slices.Equal(shape, wantShape) || !slices.Equal(data, want) || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %v %v, %v; from the file %v %v, %v", path, shape, data, err, wantShape, want, wantErr)
		}
		if err != nil && (strings.Count(err.Error(), path) != 1 || strings.Contains(err.Error(), "\n")) {
			t.Errorf("error %q, want one line with the name, once", err)
		}
	}
}

// Everything in the folder of bad files is refused, but for an array of one row, which is a valid array of numbers, and a big-endian
// one, which is read correctly.
func TestBadArrays(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/bad/*.np[yz]")
	if len(paths) < 30 {
		t.Fatalf("only %d bad files", len(paths))
	}
	reasons := map[string]string{
		"nan.npy": "NaN at [4 1]", "inf.npy": "Inf at [1 3]", "scalar.npy": "without an axis", "empty.npy": "empty file",
		"zero_rows.npy": "no numbers", "complex.npy": "complex", "pickled_object.npy": "pickled", "truncated_data.npy": "file ends",
	}
	for _, path := range paths {
		switch name := filepath.Base(path); name {
		case "one_row.npy":
			if shape, _, err := Read(path); err != nil || shape[0] != 1 {
				t.Errorf("%s: %v, %v", name, shape, err)
			}
		case "big_endian.npy":
			checkBigEndian(t, path)
		default:
			checkRefusal(t, path, reasons[name])
		}
	}
}

// The last element, with its bytes reversed by hand.
func checkBigEndian(t *testing.T, path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, data, err := Read(path)
	want := math.Float64frombits(binary.BigEndian.Uint64(raw[len(raw)-8:]))
	if err != nil || data[len(data)-1] != want {
		t.Errorf("%v, %v, want %v last", data, err, want)
	}
}

func FuzzText(f *testing.F) {
	for _, text := range []string{"1 2\n3 4", "1,2;3", "#\n\n7", "1,,", "nan"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		shape, data, err := readText(bytes.NewReader(text))
		if err != nil {
			if data != nil || strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("%v, %q", data, err)
			}
			return
		}
		n := 1
		for _, d := range shape {
			n *= d
		}
		if n != len(data) || n == 0 {
			t.Errorf("shape %v, %d numbers", shape, len(data))
		}
	})
}

func BenchmarkText(b *testing.B) {
	text := bytes.Repeat([]byte("-0.12345678901234567\n"), 100_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, _, err := readText(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
