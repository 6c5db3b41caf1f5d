package tail

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
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
	clauset map[string]json.RawMessage
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
		if err := json.Unmarshal(data, &struct{ Tail, Clauset any }{&v.tail, &v.clauset}); err != nil {
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
	"pickands_gamma": {Abs: 1e-9}, "pickands_alpha": {Rel: 1e-7},
	"xmin": {}, "ntail": {}, "alpha": {Rel: 1e-9}, "ks": {Abs: 1e-10}, "ks_two_sided": {Rel: 1e-9}, "log_likelihood": {Rel: 1e-9},
}

// The expected numbers are those of testdata/vectors, 60 digits of mpmath on |x|.
func TestReferenceVectors(t *testing.T) {
	worst := numtest.Deviations{}
	defer checkPage(t, worst)
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
			hill, moment, pickands := Hill(v.x, Absolute, k), Moment(v.x, Absolute, k), Pickands(v.x, Absolute, k)
			got := map[string]estimate.Number{
				"hill_gamma": hill.Gamma, "hill_alpha": hill.TailIndex,
				"dedh_gamma": moment.Gamma, "dedh_alpha": moment.TailIndex,
				"pickands_gamma": pickands.Gamma, "pickands_alpha": pickands.TailIndex,
			}
			for key, want := range expected {
				g, ok := got[key]
				if !ok {
					t.Errorf("%s: %s is not covered", v.name, key)
				}
				if err := numtest.Close(float64(g), float64(want), tolerances[key]); ok && err != nil {
					t.Errorf("%s: k = %d: %s: %v", v.name, k, key, err)
				}
				name, _, _ := strings.Cut(key, "_")
				worst.Add(name, float64(g), float64(want), tolerances[key])
			}
		}
	}
}

func checkPage(t *testing.T, worst numtest.Deviations) {
	t.Helper()
	if err := worst.CheckPage("../../docs/estimators.md"); err != nil {
		t.Error(err)
	}
}

// The peer's own answers are documentation.
func TestClausetVectors(t *testing.T) {
	worst := numtest.Deviations{}
	defer checkPage(t, worst)
	files := 0
	for _, v := range readVectors(t) {
		if v.clauset == nil {
			continue
		}
		files++
		f := FitPowerLaw(v.x, Right)
		got := map[string]float64{
			"xmin": float64(f.Xmin), "alpha": float64(f.Exponent), "ks": float64(f.KS), "ntail": float64(f.NTail),
			"ks_two_sided": float64(f.KSTwoSided), "log_likelihood": float64(f.LogLikelihood),
		}
		for key, raw := range v.clauset {
			if strings.HasPrefix(key, "poweRlaw") {
				continue
			}
			var want float64
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			g, ok := got[key]
			if !ok {
				t.Errorf("%s: %s is not covered", v.name, key)
			}
			if err := numtest.Close(g, want, tolerances[key]); err != nil {
				t.Errorf("%s: %s: %v", v.name, key, err)
			}
			worst.Add("power-law", g, want, tolerances[key])
		}
		if e := PowerLaw(v.x, Right, f.NTail); e.TailIndex != f.Exponent-1 && numtest.Close(float64(e.TailIndex), float64(f.Exponent)-1, numtest.Tol{Rel: 1e-14}) != nil {
			t.Errorf("%s: exponent %v, tail index %v", v.name, f.Exponent, e.TailIndex)
		}
	}
	if files != 4 {
		t.Errorf("%d files have a power law, want 4", files)
	}
}

func TestConstantVectorsAreUndefined(t *testing.T) {
	for _, v := range readVectors(t) {
		if !strings.HasPrefix(v.name, "constant") {
			continue
		}
		for _, method := range []Method{Hill, Moment, Kernel, PowerLaw} {
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

// The five quantiles of McCulloch's method are of type 7, as those of the reference: exact rational arithmetic, rounded once.
func TestQuantileVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		var document struct{ Basic map[string]float64 }
		data, err := os.ReadFile(filepath.Join(vectors, "expected", v.name+".json"))
		if err == nil {
			err = json.Unmarshal(data, &document)
		}
		if err != nil {
			t.Fatal(err)
		}
		q := quantilesOf(slices.Sorted(slices.Values(v.x)))
		for i, key := range []string{"q05", "q25", "median", "q75", "q95"} {
			want, ok := document.Basic[key]
			if err := numtest.Close(q[i], want, numtest.Tol{Rel: 1e-14}); err != nil || !ok {
				t.Errorf("%s: %s: %v", v.name, key, err)
			}
		}
	}
}
