package tail

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

const vectors = "../../testdata/vectors/scalar"

type vector struct {
	name string
	x    []float64
	tail *struct {
		K map[string]map[string]estimate.Number // by k, then by key
	}
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	files, err := filepath.Glob(vectors + "/expected/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no reference vectors: %v", err)
	}
	var all []vector
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v := vector{name: strings.TrimSuffix(filepath.Base(file), ".json")}
		if err := json.Unmarshal(data, &struct{ Tail any }{&v.tail}); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		v.x = readNPY(t, filepath.Join(vectors, "data", v.name+".npy"))
		all = append(all, v)
	}
	return all
}

// readNPY reads a one-dimensional array.
func readNPY(t *testing.T, file string) []float64 {
	t.Helper()
	array, err := npy.Read[float64](file)
	if err != nil {
		t.Fatal(err)
	}
	return array.Data
}

// Tolerances of the reference.
var tolerances = map[string]numtest.Tol{
	"hill_gamma": {Rel: 1e-11}, "hill_alpha": {Rel: 1e-7},
	"dedh_gamma": {Abs: 1e-8}, "dedh_alpha": {Rel: 1e-7},
}

// otherEstimators lists the reference keys of estimators that the package does not have.
var otherEstimators = map[string]bool{"pickands_gamma": true, "pickands_alpha": true}

// The expected numbers are those of testdata/vectors, 60 digits of mpmath on |x|.
func TestReferenceVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		if v.tail == nil || len(v.tail.K) == 0 {
			if !strings.HasPrefix(v.name, "constant") {
				t.Errorf("%s: the reference has no tail", v.name)
			}
			continue
		}
		for text, expected := range v.tail.K {
			k, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			hill, moment := Hill(v.x, Absolute, k), Moment(v.x, Absolute, k)
			got := map[string]estimate.Number{
				"hill_gamma": hill.Gamma, "hill_alpha": hill.TailIndex,
				"dedh_gamma": moment.Gamma, "dedh_alpha": moment.TailIndex,
			}
			for key, want := range expected {
				g, ok := got[key]
				if !ok && !otherEstimators[key] {
					t.Errorf("%s: %s is not covered", v.name, key)
				}
				if err := numtest.Close(float64(g), float64(want), tolerances[key]); ok && err != nil {
					t.Errorf("%s: k = %d: %s: %v", v.name, k, key, err)
				}
			}
		}
	}
}

func TestConstantVectorsAreUndefined(t *testing.T) {
	for _, v := range readVectors(t) {
		if !strings.HasPrefix(v.name, "constant") {
			continue
		}
		for _, method := range []Method{Hill, Moment} {
			data, err := json.Marshal(method(v.x, Absolute, DefaultK(len(v.x))))
			if err != nil || !strings.HasSuffix(string(data), `"gamma":null,"tail_index":null,"ci":null}`) {
				t.Errorf("%s: %s, %v", v.name, data, err)
			}
			band := GaussianBand(v.x, Absolute, DefaultK(len(v.x)), method, 39, rng("constant", 0))
			data, err = json.Marshal(band)
			if err != nil || !strings.HasSuffix(string(data), `"tail_index":null,"band":null,"gamma_band":null}`) {
				t.Errorf("%s: %s, %v", v.name, data, err)
			}
		}
	}
}
