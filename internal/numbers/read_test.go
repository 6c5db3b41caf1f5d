package numbers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
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
		"comments":      {"# x y\n1 2 # first\n3 4\n#end", []int{2, 2}, []float64{1, 2, 3, 4}},
		"line ends":     {"1\r\n2\r\n\r\n", []int{2}, []float64{1, 2}},
		"order mark":    {"\xef\xbb\xbf1\n2\n", []int{2}, []float64{1, 2}},
		"one number":    {"7", []int{1}, []float64{7}},
		"one row":       {"7 8", []int{2}, []float64{7, 8}},
		"header":        {"# a table\n\"loss\",acc\n1.5,2\n3,4\n", []int{2, 2}, []float64{1.5, 2, 3, 4}},
		"many integers": {"1,2,30\n4,5,6", []int{2, 3}, []float64{1, 2, 30, 4, 5, 6}},
		"negative":      {"1,2\n3,-4", []int{2, 2}, []float64{1, 2, 3, -4}},
		"range's ends":  {"1.7976931348623157e308\n5e-324\n-0\n", []int{3}, []float64{math.MaxFloat64, 5e-324, 0}},
		"hash in front": {"1\n#2\n3", []int{2}, []float64{1, 3}},
	}
	for name, c := range cases {
		got, err := Read(file(t, "x.txt", c.text))
		if err != nil || !slices.Equal(got.Shape, c.shape) || !slices.Equal(got.Data, c.data) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestTextThatIsRefused(t *testing.T) {
	cases := map[string]string{ // text, reason
		"":                     "empty file",
		"\n \n# no\n":          "no numbers in the file",
		"1\nx\n":               `line 2: "x" is not a number`,
		"1\n2 3\n":             "line 2: row of length 2, the rows before have 1",
		"1,2\n\n3\n":           "line 3: row of length 1, the rows before have 2",
		"1,,2\n":               "line 1: a number is missing between separators",
		",1\n":                 "line 1: a number is missing between separators",
		"1,2,\n":               "line 1: a number is missing after the last separator",
		"1\nnan\n":             "line 2: nan is not finite",
		"1\n-Inf\n":            "line 2: -Inf is not finite",
		"1\n1e999\n":           "line 2: 1e999 is beyond the range of float64",
		"1\x00\n":              `line 1: "1\x00" is not a number`,
		"PK\x03\x04......":     "may hold several arrays",
		"\x80\x04K\x01.":       "a Python pickle",
		"\x1f\x8b\x08\x08":     "gunzip",
		"\xfd7zXZ\x00":         "unxz",
		"\xff\xfe1\x00":        "UTF-16",
		"1\x00\n\x002\x00":     "UTF-16",
		"1;2;3;4;5;6\n":        "line 1: a semicolon, as in tables with decimal commas",
		"x;y\n1 2\n3; 4\n":     "line 3: a semicolon",
		"loss\nacc\n1\n":       `line 2: "acc" is not a number`,
		"NA\n1\n":              `line 1: "NA" is not a number`,
		"loss\n":               `line 1: "loss" is not a number`,
		"46,34\n-15,87\n":      `line 1: the commas in "46,34" may be decimal commas`,
		"46,34\n15\n":          "row of length 1, the rows before have 2; the commas",
		"5,634.26\n2,586.55\n": `line 1: the commas in "5,634.26" may stand between thousands`,
		"5,634.26\n586.55\n":   "between thousands",
		"1,5;2,5\n":            "may be decimal commas",
		"1,5 2,5\n":            "may be decimal commas",
	}
	for text, reason := range cases {
		checkRefusal(t, file(t, "x.txt", text), reason)
	}
	checkRefusal(t, filepath.Join(t.TempDir(), "missing.txt"), "no such file")
	checkRefusal(t, t.TempDir(), "a directory")
}

func checkRefusal(t *testing.T, path, reason string) {
	t.Helper()
	got, err := Read(path)
	if err == nil || got.Data != nil {
		t.Errorf("%s: read %v", path, got)
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
		got, err := Read(path)
		if err != nil || !slices.Equal(got.Shape, []int{2, 1, 2}) || !slices.Equal(got.Data, []float64{1, 2, 3, 4}) {
			t.Errorf("%v, %v", got, err)
		}
	}
	check(path)
	renamed := filepath.Join(filepath.Dir(path), "x.dat")
	if err := os.Rename(path, renamed); err != nil {
		t.Fatal(err)
	}
	check(renamed)
}

// A column and a row are samples.
func TestAxesOfLengthOne(t *testing.T) {
	for _, shape := range [][]int{{4}, {4, 1}, {1, 4}, {1, 4, 1}} {
		path := filepath.Join(t.TempDir(), "x.npy")
		if err := npy.Write(path, shape, []float64{1, 2, 3, 4}); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err != nil || !slices.Equal(got.Shape, []int{4}) {
			t.Errorf("%v: %v, %v", shape, got.Shape, err)
		}
	}
}

// Whatever is skipped is said.
func TestNotices(t *testing.T) {
	for text, want := range map[string]string{
		"1\n2\n":                  "",
		"loss\n1\n2\n":            `skipped line 1, the header "loss"`,
		"# a\n\nloss\n1 # b\n2\n": `skipped line 3, the header "loss", and the comments in 2 lines`,
		"1 # b\n2\n":              "skipped the comment in one line",
	} {
		path := file(t, "x.txt", text)
		if want != "" {
			want = path + ": " + want
		}
		if got, err := Read(path); err != nil || got.Notice != want {
			t.Errorf("%q: %q, %v, want %q", text, got.Notice, err, want)
		}
	}
}

// A file that claims more numbers than memory has is refused by its header: this one is sparse.
func TestHugeArrays(t *testing.T) {
	dict := fmt.Sprintf("%-117s\n", "{'descr': '<f8', 'fortran_order': False, 'shape': (12500000000,), }")
	path := file(t, "x.npy", "\x93NUMPY\x01\x00\x76\x00"+dict)
	if err := os.Truncate(path, 128+100_000_000_000); err != nil {
		t.Skip(err)
	}
	checkRefusal(t, path, "more than 268435456 numbers")
	// Bytes of a stream, of which as many fit that as float64 they would not.
	dict = fmt.Sprintf("%-117s\n", "{'descr': '|i1', 'fortran_order': False, 'shape': (300000000,), }")
	if _, err := readArray(strings.NewReader("\x93NUMPY\x01\x00\x76\x00"+dict), 128+300_000_000); err != errTooMany {
		t.Errorf("%v", err)
	}
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
		got, err := ReadFrom(bytes.NewReader(content), path)
		want, wantErr := Read(path)
		if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %v, %v; from the file %v, %v", path, got, err, want, wantErr)
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
			if got, err := Read(path); err != nil || len(got.Shape) != 1 {
				t.Errorf("%s: %v, %v", name, got, err)
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
	got, err := Read(path)
	want := math.Float64frombits(binary.BigEndian.Uint64(raw[len(raw)-8:]))
	if err != nil || got.Data[len(got.Data)-1] != want {
		t.Errorf("%v, %v, want %v last", got, err, want)
	}
}

func FuzzText(f *testing.F) {
	for _, text := range []string{"1 2\n3 4", "1,2;3", "#\n\n7", "1,,", "nan", "loss\n1", "46,34", "5,634.26\n1", "\xef\xbb\xbf1\r\n2"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readText(bytes.NewReader(text))
		if err != nil {
			if got.Data != nil || strings.ContainsAny(err.Error(), "\n\r\x1b") || len(err.Error()) > 500 {
				t.Errorf("%v, %q", got, err)
			}
			return
		}
		if n := got.Shape[0] * got.Shape[1]; n != len(got.Data) || n == 0 {
			t.Errorf("shape %v, %d numbers", got.Shape, len(got.Data))
		}
	})
}

func BenchmarkText(b *testing.B) {
	text := bytes.Repeat([]byte("-0.12345678901234567\n"), 100_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := readText(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
