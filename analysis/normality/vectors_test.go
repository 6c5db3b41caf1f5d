package normality

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

const vectors = "../../testdata/vectors/scalar"

type vector struct {
	name     string
	x        []float64
	expected map[string]map[string]estimate.Number // block, key
}

// readVectors returns every sample of the folder with its blocks of expected numbers.
func readVectors(t *testing.T) []vector {
	t.Helper()
	files, err := filepath.Glob(vectors + "/expected/*.json")
	if err != nil || len(files) < 22 {
		t.Fatalf("%d reference vectors, %v", len(files), err)
	}
	var all []vector
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var blocks map[string]json.RawMessage
		if err := json.Unmarshal(data, &blocks); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		v := vector{strings.TrimSuffix(filepath.Base(file), ".json"), nil, map[string]map[string]estimate.Number{}}
		for key, block := range blocks {
			var numbers map[string]estimate.Number
			if json.Unmarshal(block, &numbers) == nil {
				v.expected[key] = numbers
			}
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

// measured returns what the package says, under the keys of the reference.
func measured(x []float64) map[string]map[string]estimate.Number {
	m, s, n := Describe(x), Summarise(x), estimate.Number(len(x))
	skew, kurt, k2 := DAgostinoSkewness(x), DAgostinoKurtosis(x), DAgostinoK2(x)
	jb, ad, lf, cm, sw := JarqueBera(x), AndersonDarling(x), Lilliefors(x), CramerVonMises(x), ShapiroWilk(x)
	return map[string]map[string]estimate.Number{
		"basic": {
			"mean": m.Mean, "variance": m.Variance, "sd": estimate.Number(math.Sqrt(float64(m.Variance))),
			"min": s.Min, "max": s.Max, "median": s.Median, "q25": s.Q1, "q75": s.Q3,
		},
		"shape": {
			"skew_g1": m.Skewness.Biased, "skew_G1": m.Skewness.Adjusted,
			"exkurt_g2": m.ExcessKurtosis.Biased, "exkurt_G2": m.ExcessKurtosis.Adjusted,
		},
		"dagostino": {
			"skew_z": skew.Statistic, "skew_p": skew.PValue, "kurt_z": kurt.Statistic, "kurt_p": kurt.PValue,
			"k2": k2.Statistic, "k2_p": k2.PValue, "k2_log_p": k2.LogP,
		},
		"jarque_bera":      {"jb": jb.Statistic, "p": jb.PValue, "log_p": jb.LogP},
		"anderson_darling": {"a2": ad.Statistic, "a2_star": ad.Statistic * (1 + 0.75/n + 2.25/(n*n)), "p": ad.PValue},
		"lilliefors":       {"d": lf.Statistic, "p": lf.PValue},
		"cramer_von_mises": {"w2": cm.Statistic, "w2_star": cm.Statistic * (1 + 0.5/n), "p": cm.PValue},
		"shapiro_wilk":     {"w": sw.Statistic, "p": sw.PValue},
	}
}

// notReported lists the reference keys that are quantiles that no summary shows: package tail has them, and the test.
var notReported = map[string]bool{"q05": true, "q95": true}

// elsewhere lists the blocks that package tail is held against, and numbers of peers that are not to be matched.
var elsewhere = map[string]bool{"tail": true, "stable": true, "clauset": true, "other_peer_values": true}

// Tolerances of the reference, by block and then by key; "" is the default of the block.
var tolerances = map[string]map[string]numtest.Tol{
	"basic":            {"mean": {Rel: 1e-12}, "variance": {Rel: 1e-12}, "sd": {Rel: 1e-12}, "": {Rel: 1e-14}},
	"shape":            {"": {Rel: 1e-9, Abs: 1e-9}},
	"dagostino":        {"skew_z": {Rel: 1e-9, Abs: 1e-8}, "kurt_z": {Rel: 1e-9, Abs: 1e-8}, "k2": {Rel: 1e-8}, "k2_log_p": {Rel: 1e-8}, "": {Rel: 1e-7}},
	"jarque_bera":      {"p": {Rel: 1e-7}, "": {Rel: 1e-8}},
	"anderson_darling": {"a2": {Rel: 1e-8}, "a2_star": {Rel: 1e-8}, "p": {Rel: 1e-6}},
	"lilliefors":       {"d": {Rel: 1e-8}, "p": {Rel: 1e-6}},
	"cramer_von_mises": {"w2": {Rel: 1e-8}, "w2_star": {Rel: 1e-8}, "p": {Rel: 1e-6}},
	"shapiro_wilk":     {"w": {Abs: 1e-8}, "p": {Rel: 1e-5}},
}

// The expected numbers are those of testdata/vectors: SciPy, mpmath and R packages, as its README names them.
func TestReferenceVectors(t *testing.T) {
	worst := numtest.Deviations{}
	defer checkPage(t, worst)
	for _, v := range readVectors(t) {
		got := measured(v.x)
		for block := range v.expected {
			if tolerances[block] == nil && !elsewhere[block] {
				t.Errorf("%s: %s is not covered", v.name, block)
			}
		}
		for block, tols := range tolerances {
			if v.expected[block] == nil && v.expected["note"] == nil && !strings.HasPrefix(v.name, "constant") {
				t.Errorf("%s: the reference has no %s", v.name, block)
			}
			for key, want := range v.expected[block] {
				g, ok := got[block][key]
				if !ok && !notReported[key] {
					t.Errorf("%s: %s.%s is not covered", v.name, block, key)
				}
				tol, special := tols[key]
				if !special {
					tol = tols[""]
				}
				if err := numtest.Close(float64(g), float64(want), tol); ok && err != nil {
					t.Errorf("%s: %s.%s: %v", v.name, block, key, err)
				}
				if ok {
					worst.Add(rowOf(block, key), float64(g), float64(want), tol)
				}
			}
		}
	}
}

// rowOf names the row of the page that a key belongs to: p-values are apart from statistics.
func rowOf(block, key string) string {
	if key == "p" || strings.HasSuffix(key, "_p") {
		return block + " p"
	}
	return block
}

func checkPage(t *testing.T, worst numtest.Deviations) {
	t.Helper()
	if err := worst.CheckPage("../../docs/estimators.md"); err != nil {
		t.Error(err)
	}
}

// A constant sample has a mean and a variance of 0; all else is undefined, and says so in JSON.
func TestConstantVectorsAreUndefined(t *testing.T) {
	for _, v := range readVectors(t) {
		if !strings.HasPrefix(v.name, "constant") {
			continue
		}
		for _, test := range Tests(v.x) {
			data, err := json.Marshal(test)
			if err != nil || !strings.Contains(string(data), `"statistic":null,"p_value":null,"log_p":null`) {
				t.Errorf("%s: %s, %v", v.name, data, err)
			}
		}
	}
}

func TestLogPIsFiniteWherePUnderflows(t *testing.T) {
	for _, v := range readVectors(t) {
		for _, test := range Tests(v.x) {
			if test.Statistic.Defined() && !test.LogP.Defined() {
				t.Errorf("%s: %s: log p = %v", v.name, test.Name, test.LogP)
			}
			if test.PValue == 0 && test.LogP > -744 {
				t.Errorf("%s: %s: p is 0 at log p = %v", v.name, test.Name, test.LogP)
			}
		}
	}
}
