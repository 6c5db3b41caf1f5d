package noise_test

import (
	"encoding/json"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// finiteKeys are the keys of testdata/vectors/finite that a test reads: TestFinitePopulations reads sizes, means, traces and numbers
// of outcomes, TestExactRationals every KEY_exact, and TestEveryFiniteFile the others.
var finiteKeys = []string{
	"file", "n", "d", "directions", "population", "cases", "rows",
	"mean", "sigma", "K2", "K3", "K4", "K22", "mu3", "mu4", "exkurt",
	"pairing", "B", "alpha", "f", "outcomes", "cov_factor", "b_eff", "cov", "trace", "mu2", "skew",
	"s3", "s4", "skew_ratio", "exkurt_ratio", "exkurt_vs_same_B",
}

// finiteTrees are the decoded files of finite/expected, by name.
func finiteTrees(t *testing.T) map[string]any {
	t.Helper()
	paths, err := filepath.Glob(vectors + "finite/expected/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("found %d files: %v", len(paths), err)
	}
	trees := map[string]any{}
	for _, path := range paths {
		var tree any
		numtest.ReadJSON(t, path, &tree)
		trees[filepath.Base(path)] = tree
	}
	return trees
}

// walk visits every key and value of a tree.
func walk(tree any, visit func(object map[string]any, key string)) {
	switch v := tree.(type) {
	case []any:
		for _, e := range v {
			walk(e, visit)
		}
	case map[string]any:
		for key, e := range v {
			visit(v, key)
			walk(e, visit)
		}
	}
}

// TestEveryFiniteKey fails for a key that no test reads, so that a new one cannot go unread.
func TestEveryFiniteKey(t *testing.T) {
	for name, tree := range finiteTrees(t) {
		walk(tree, func(_ map[string]any, key string) {
			if !slices.Contains(finiteKeys, strings.TrimSuffix(key, "_exact")) {
				t.Errorf("%s: key %q has no test", name, key)
			}
		})
	}
}

// TestEveryPopulationIsRead: each population in finite/data is the file of one of finite/expected.
func TestEveryPopulationIsRead(t *testing.T) {
	read := map[any]bool{}
	for _, tree := range finiteTrees(t) {
		read[tree.(map[string]any)["file"]] = true
	}
	entries, err := os.ReadDir(vectors + "finite/data")
	if err != nil || len(entries) == 0 {
		t.Fatalf("found %d populations: %v", len(entries), err)
	}
	for _, e := range entries {
		if !read["finite/data/"+e.Name()] {
			t.Errorf("%s has no expected values", e.Name())
		}
	}
}

// TestExactRationals: each KEY_exact is KEY, before rounding.
func TestExactRationals(t *testing.T) {
	count := 0
	for name, tree := range finiteTrees(t) {
		walk(tree, func(object map[string]any, key string) {
			base, ok := strings.CutSuffix(key, "_exact")
			if !ok {
				return
			}
			exact, rounded := leaves(object[key]), leaves(object[base])
			count += len(exact)
			if len(exact) != len(rounded) || len(exact) == 0 {
				t.Fatalf("%s: %s has %d values, %s %d", name, key, len(exact), base, len(rounded))
			}
			for i, v := range exact {
				r, ok := new(big.Rat).SetString(v.(string))
				if !ok {
					t.Fatalf("%s: %s = %v", name, key, v)
				}
				if want, _ := r.Float64(); rounded[i] != want {
					t.Errorf("%s: %s is %v, %s is %v", name, base, rounded[i], key, v)
				}
			}
		})
	}
	if count < 500 {
		t.Errorf("only %d rationals were compared", count)
	}
}

func leaves(tree any) []any {
	list, ok := tree.([]any)
	if !ok {
		return []any{tree}
	}
	var all []any
	for _, v := range list {
		all = append(all, leaves(v)...)
	}
	return all
}

// TestFinitePopulations checks what the closed forms do not need: size, mean, covariance and kurtosis of each population, and the
// trace and the number of draws of each case.
func TestFinitePopulations(t *testing.T) {
	for name, tree := range finiteTrees(t) {
		if tree.(map[string]any)["cases"] == nil {
			continue
		}
		var f struct {
			File       string
			N, D       int
			Population struct {
				Mean            []float64
				Sigma           [][]float64
				K2, Mu4, Exkurt []float64
			}
			Cases []struct {
				Pairing     string
				B, Outcomes int
				Trace       *float64
				Mu2         []float64
				Cov         [][]float64
			}
		}
		b, err := json.Marshal(tree)
		if err == nil {
			err = json.Unmarshal(b, &f)
		}
		if err != nil {
			t.Fatal(err)
		}
		rows := readRows(t, f.File)
		if len(rows) != f.N || len(rows[0]) != f.D {
			t.Errorf("%s: %d rows of %d, want %d of %d", name, len(rows), len(rows[0]), f.N, f.D)
		}
		sigma := covariance(rows)
		if err := numtest.AllClose(mean(rows), f.Population.Mean, exact); err != nil {
			t.Errorf("%s: mean: %v", name, err)
		}
		for j := range sigma {
			if err := numtest.AllClose(sigma[j], f.Population.Sigma[j], exact); err != nil {
				t.Errorf("%s: sigma: %v", name, err)
			}
		}
		n := float64(f.N)
		for i, k2 := range f.Population.K2 {
			c2 := k2 * (n - 1) / n
			if err := numtest.Close(f.Population.Mu4[i]/(c2*c2)-3, f.Population.Exkurt[i], numtest.Tol{Rel: 1e-11, Abs: 1e-11}); err != nil {
				t.Errorf("%s: kurtosis: %v", name, err)
			}
		}
		for _, c := range f.Cases {
			if want := outcomes(c.Pairing, f.N, c.B); c.Outcomes != want {
				t.Errorf("%s: %s, B = %d: %d outcomes, want %d", name, c.Pairing, c.B, c.Outcomes, want)
			}
			if c.Trace == nil {
				continue
			}
			sum := 0.0
			for j := range c.Cov {
				sum += c.Cov[j][j]
			}
			if err := numtest.Close(sum, *c.Trace, exact); err != nil {
				t.Errorf("%s: %s, B = %d: trace: %v", name, c.Pairing, c.B, err)
			}
		}
	}
}

// outcomes counts the equally likely draws.
func outcomes(pairing string, n, b int) int {
	choose := func(n, k int) int { return int(new(big.Int).Binomial(int64(n), int64(k)).Int64()) }
	power := func(k int) int { return int(math.Pow(float64(n), float64(k))) }
	switch pairing {
	case "single", "naive":
		return choose(n, b)
	case "independent":
		return choose(n, b) * choose(n, b)
	case "disjoint":
		return choose(n, b) * choose(n-b, b)
	case "single_replacement":
		return power(b)
	case "replacement":
		return power(2 * b)
	}
	return -1
}
