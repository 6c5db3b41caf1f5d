package npy

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

const vectors = "../../testdata/vectors/"

// goodFiles returns the reference files with the suffix that are meant to be read.
func goodFiles(t testing.TB, suffix string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(vectors, func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == suffix && !strings.Contains(path, "bad") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("found %d reference files: %v", len(paths), err)
	}
	return paths
}

func TestEveryReferenceArrayIsRead(t *testing.T) {
	paths := goodFiles(t, ".npy")
	if len(paths) < 48 {
		t.Errorf("only %d files", len(paths))
	}
	for _, path := range paths {
		a, err := Read[float64](path)
		if err != nil {
			t.Error(err)
			continue
		}
		if n, _ := strided.Elements(a.Shape); n != len(a.Data) || n == 0 {
			t.Errorf("%s: shape %v, %d elements", path, a.Shape, len(a.Data))
		}
	}
}

// statistics are what testdata/vectors/analyze/expected says of an array; from NumPy.
type statistics struct {
	Shape     []int
	GramTrace float64 `json:"gram_trace"`        // the sum of squares
	MeanNorm  float64 `json:"mean_grad_sq_norm"` // of the mean over the first axis
	Total     *statistics
	Layers    map[string]statistics
}

func (want statistics) check(t *testing.T, name string, shape []int, data []float64) {
	t.Helper()
	if !slices.Equal(shape, want.Shape) {
		t.Errorf("%s: shape %v, want %v", name, shape, want.Shape)
		return
	}
	gram, meanNorm := 0.0, 0.0
	for _, v := range data {
		gram += v * v
	}
	// The mean over the first axis shows whether elements are where they belong: a Fortran array in the wrong order has
	// the same sum of squares.
	rows := shape[0]
	columns := len(data) / rows
	for j := range columns {
		mean := 0.0
		for i := range rows {
			mean += data[i*columns+j] / float64(rows)
		}
		meanNorm += mean * mean
	}
	if err := numtest.Close(gram, want.GramTrace, numtest.Tol{Rel: 1e-10}); err != nil {
		t.Errorf("%s: sum of squares: %v", name, err)
	}
	if err := numtest.Close(meanNorm, want.MeanNorm, numtest.Tol{Rel: 1e-9, Abs: 1e-15 * want.GramTrace}); err != nil {
		t.Errorf("%s: squared norm of the mean: %v", name, err)
	}
}

func expected(t *testing.T, path string) (s statistics) {
	t.Helper()
	numtest.ReadJSON(t, vectors+"analyze/expected/"+filepath.Base(path)+".json", &s)
	return s
}

func TestValuesOfReferenceArrays(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/data/*.npy")
	for _, path := range paths {
		a, err := Read[float64](path)
		if err != nil {
			t.Fatal(err)
		}
		want := expected(t, path)
		want.Total.Shape = want.Shape
		want.Total.check(t, path, a.Shape, a.Data)
	}
}

func TestFortranOrderIsTheSameArray(t *testing.T) {
	for _, name := range []string{"powerlaw_n200_d50_f64", "powerlaw_n200_d50_f32"} {
		c, err := Read[float64](vectors + "analyze/data/" + name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read[float64](vectors + "analyze/data/" + name + "_fortran.npy")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Data, f.Data) || !slices.Equal(c.Shape, f.Shape) {
			t.Errorf("%s differs in Fortran order", name)
		}
	}
}

func TestValuesOfReferenceArchives(t *testing.T) {
	for _, path := range goodFiles(t, ".npz") {
		arrays, err := openAndRead(path)
		if err != nil {
			t.Fatal(err)
		}
		want := expected(t, path)
		if len(arrays) != len(want.Layers) {
			t.Errorf("%s: %d arrays, want %d", path, len(arrays), len(want.Layers))
		}
		for _, a := range arrays {
			want.Layers[a.name].check(t, path+" "+a.name, a.Shape, a.Data)
		}
	}
}

func TestLabelsOfReferenceNetwork(t *testing.T) {
	a, err := Read[int64](vectors + "grad/data/mlp_784-32-16-10.y.npy")
	if err != nil {
		t.Fatal(err)
	}
	// The first labels of Fashion-MNIST's training set: ankle boot, T-shirt, T-shirt, dress, T-shirt.
	if want := []int64{9, 0, 0, 3, 0}; !slices.Equal(a.Data[:5], want) || !slices.Equal(a.Shape, []int{24}) {
		t.Errorf("shape %v, labels %v", a.Shape, a.Data)
	}
}

// badReasons has what must be said about the files of analyze/bad; their README has the full reasons.
var badReasons = map[string]string{
	"empty.npy":                 "empty file",
	"magic_only.npy":            "file ends inside the header",
	"truncated_header.npy":      "file ends inside the header",
	"header_too_long.npy":       "file ends inside the header",
	"truncated_data.npy":        "file ends inside the data: 181 bytes, need 192",
	"wrong_magic.npy":           "not a .npy file (bad magic)",
	"text.npy":                  "not a .npy file (bad magic)",
	"raw_pickle.npy":            "not a .npy file (bad magic): it is a Python pickle",
	"bad_version.npy":           ".npy version 9.0 is not supported",
	"header_not_a_dict.npy":     "malformed header",
	"header_no_shape.npy":       "header has no shape",
	"header_negative_shape.npy": "negative dimension in shape",
	"header_huge_shape.npy":     "shape [1099511627776 4194304] is larger than the file",
	"header_bad_descr.npy":      "unknown dtype <q9",
	"pickled_object.npy":        "object array: pickled data is refused",
	"complex.npy":               "complex dtype is not supported",
	"string.npy":                "string dtype is not supported",
	"structured.npy":            "structured dtype is not supported",
	"pickled_object.npz":        `array "w": object array: pickled data is refused`,
	"not_a_zip.npz":             "not a .npz file (not a zip archive)",
	"truncated.npz":             "not a valid zip archive",
	"crc.npz":                   `array "w": zip: checksum error`,
	"empty.npz":                 "no arrays in the file",
	"no_npy_member.npz":         "no arrays in the file",
	"truncated_member.npz":      `array "w": file ends inside the data: 184 bytes, need 192`,
}

// Files that are whole, but whose numbers nobody can analyse, and the big-endian one, which is read right: its README
// accepts that.
var badOnlyInMeaning = []string{
	"big_endian.npy", "inf.npy", "nan.npy", "nan.npz", "one_row.npy", "one_row.npz", "scalar.npy", "unequal_rows.npz",
	"zero_columns.npy", "zero_rows.npy",
}

func readAny(path string) error {
	if filepath.Ext(path) == ".npz" {
		_, err := openAndRead(path)
		return err
	}
	_, err := Read[float64](path)
	return err
}

func TestEveryDamagedReferenceFileIsRefused(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/bad/*.np[yz]")
	if len(paths) != len(badReasons)+len(badOnlyInMeaning) {
		t.Errorf("%d files, %d+%d known", len(paths), len(badReasons), len(badOnlyInMeaning))
	}
	for _, path := range paths {
		err := readAny(path)
		if !slices.Contains(badOnlyInMeaning, filepath.Base(path)) {
			numtest.Refused(t, err, path, badReasons[filepath.Base(path)])
		} else if err != nil {
			t.Error(err)
		}
	}
}

func TestBigEndianReferenceFile(t *testing.T) {
	path := vectors + "analyze/bad/big_endian.npy"
	a, err := Read[float64](path)
	if err != nil {
		t.Fatal(err)
	}
	var bad struct {
		Files []struct {
			File   string
			Accept *statistics
		}
	}
	numtest.ReadJSON(t, vectors+"analyze/bad/expected.json", &bad)
	for _, f := range bad.Files {
		if f.Accept != nil {
			f.Accept.Total.Shape = []int{6, 4}
			f.Accept.Total.check(t, path, a.Shape, a.Data)
			return
		}
	}
	t.Error("expected.json accepts nothing")
}
