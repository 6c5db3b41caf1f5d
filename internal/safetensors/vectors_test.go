package safetensors

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

const vectors = "../../testdata/vectors/"

// goodFiles returns the reference files that are meant to be read.
func goodFiles(t testing.TB) (paths []string) {
	err := filepath.WalkDir(vectors, func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".safetensors" && !strings.Contains(path, "bad") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) < 8 {
		t.Fatalf("found %d reference files: %v", len(paths), err)
	}
	return paths
}

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func sumOfSquares(x []float64) (sum float64) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

func TestLayersOfReferenceVectors(t *testing.T) {
	for _, name := range []string{"layers_n25_mixed", "layers_n30"} {
		var want struct {
			Layers map[string]struct {
				Shape     []int
				DType     string
				GramTrace float64 `json:"gram_trace"`
			}
		}
		// testdata/vectors/analyze/expected, from NumPy: gram_trace is the sum of squares.
		numtest.ReadJSON(t, vectors+"analyze/expected/"+name+".safetensors.json", &want)
		f := open(t, vectors+"analyze/data/"+name+".safetensors")
		if len(f.Names()) != len(want.Layers) {
			t.Errorf("%s: read the layers %q", name, f.Names())
		}
		for _, layer := range f.Names() {
			info, _ := f.Tensor(layer)
			if w := want.Layers[layer]; !slices.Equal(info.Shape, w.Shape) || "F"+strings.TrimPrefix(w.DType, "float") != info.DType {
				t.Errorf("%s %s: %s %v, want %s %v", name, layer, info.DType, info.Shape, w.DType, w.Shape)
			}
			x, err := f.Float64s(layer)
			if err != nil {
				t.Fatal(err)
			}
			if err := numtest.Close(sumOfSquares(x), want.Layers[layer].GramTrace, numtest.Tol{Rel: 1e-10}); err != nil {
				t.Errorf("%s %s: %v", name, layer, err)
			}
		}
	}
}

func TestGradientOfReferenceNetwork(t *testing.T) {
	var want struct {
		SqNorm float64 `json:"grad_sq_norm"`
	}
	// testdata/vectors/grad/expected, from PyTorch in float64.
	numtest.ReadJSON(t, vectors+"grad/expected/mlp_784-32-16-10.json", &want)
	f := open(t, vectors+"grad/expected/mlp_784-32-16-10.grad.safetensors")
	got := 0.0
	for _, name := range f.Names() {
		x, err := f.Float64s(name)
		if err != nil {
			t.Fatal(err)
		}
		got += sumOfSquares(x)
	}
	if err := numtest.Close(got, want.SqNorm, numtest.Tol{Rel: 1e-10}); err != nil {
		t.Error(err)
	}
}

func TestEveryReferenceFileSurvivesRewriting(t *testing.T) {
	for _, path := range goodFiles(t) {
		f := open(t, path)
		again := rewrite(t, f)
		if err := equal(f, again); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if err := f.Verify(); err == nil || !strings.HasSuffix(err.Error(), path+": has no checksum") {
			t.Errorf("a file without checksum: %v", err)
		}
	}
}

// rewrite writes all tensors of f, and opens and verifies the result.
func rewrite(t *testing.T, f *File) *File {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTo(&b, f.Metadata(), f.tensors); err != nil {
		t.Fatal(err)
	}
	again, err := newFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Verify(); err != nil {
		t.Fatal(err)
	}
	return again
}

// badReasons has what Open must say about the files of analyze/bad; their README has the full reasons.
var badReasons = map[string]string{
	"empty":            "empty file",
	"truncated_data":   `file ends inside the data of "w": 91 bytes, need 96`,
	"header_too_long":  "header length is larger than the file",
	"header_overflow":  "header length is larger than the file",
	"header_not_json":  "header is not valid JSON",
	"shape_mismatch":   `tensor "w": shape [6 5] needs 120 bytes, data_offsets give 96`,
	"offsets_reversed": `tensor "w": data_offsets end before they begin`,
	"offsets_overlap":  `tensors "w" and "b" overlap`,
	"unknown_dtype":    `tensor "w": unknown dtype "F31"`,
	"no_tensors":       "no tensors in the file",
	"wrong_suffix":     "it is a .npy file",
}

// Files that are whole, but whose numbers nobody can analyse: they open.
var badOnlyInMeaning = []string{"inf", "one_row", "scalar", "unequal_rows", "zero_rows"}

func TestEveryDamagedReferenceFileIsRefused(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/bad/*.safetensors")
	if len(paths) != len(badReasons)+len(badOnlyInMeaning) {
		t.Errorf("%d files, %d+%d known", len(paths), len(badReasons), len(badOnlyInMeaning))
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".safetensors")
		if slices.Contains(badOnlyInMeaning, name) {
			open(t, path)
			continue
		}
		f, err := Open(path)
		if f != nil || err == nil {
			t.Errorf("%s was opened", path)
			continue
		}
		numtest.Refused(t, err, path, badReasons[name])
	}
}
