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

const multivariateVectors = "../../testdata/vectors/multivar"

type rowsVector struct {
	name           string
	rows           Rows
	Mardia, Energy map[string]estimate.Number
	Note           string
}

func readRowsVectors(t testing.TB) (all []rowsVector) {
	t.Helper()
	files, err := filepath.Glob(multivariateVectors + "/expected/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d reference vectors, %v", len(files), err)
	}
	for _, file := range files {
		v := rowsVector{name: strings.TrimSuffix(filepath.Base(file), ".json")}
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &v)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		a, err := npy.Read[float64](filepath.Join(multivariateVectors, "data", v.name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		v.rows = Rows{a.Shape[0], a.Shape[1], a.Data}
		all = append(all, v)
	}
	return all
}

// measuredRows returns what the package says, under the keys of the reference. Those with the unbiased covariance, psych's
// convention, are powers of n/(n-1) away, and checked for that the two do not get mixed up.
func measuredRows(r Rows) map[string]float64 {
	v := whiten(r)
	m, tests := v.mardia()
	n, d := float64(r.N), float64(r.D)
	b1, b2 := float64(m.B1), float64(m.B2)
	small := (d + 1) * (n + 1) * (n + 3) / (n * ((n+1)*(d+1) - 6))
	df := d * (d + 1) * (d + 2) / 6
	got := map[string]float64{"skew_df": df, "energy": float64(v.energy())}
	got["skew_stat"], got["skew_p"] = float64(tests[0].Statistic), float64(tests[0].PValue)
	got["kurt_z"], got["kurt_p"] = float64(tests[1].Statistic), float64(tests[1].PValue)
	got["b1"], got["b2"] = b1, b2
	for suffix, c := range map[string]float64{"": 1, "_unbiased_cov": (n - 1) / n} {
		u1, u2 := c*c*c*b1, c*c*b2
		z := (u2 - d*(d+2)) / mardiaScale(n, d)
		got["b1_unbiased_cov"], got["b2_unbiased_cov"] = u1, u2
		got["skew_stat_small_sample"+suffix] = small * n * u1 / 6
		got["skew_p_small_sample"+suffix] = math.Exp(logChiSquaredTail(small*n*u1/6, df))
		if suffix != "" {
			got["b1"+suffix], got["b2"+suffix] = u1, u2
			got["skew_stat"+suffix], got["skew_p"+suffix] = n*u1/6, math.Exp(logChiSquaredTail(n*u1/6, df))
			got["kurt_z"+suffix], got["kurt_p"+suffix] = z, math.Exp(logTwoSided(z))
		}
	}
	return got
}

// The expected numbers are those of testdata/vectors: NumPy, mpmath and R packages, as its README names them.
func TestMultivariateReferenceVectors(t *testing.T) {
	for _, v := range readRowsVectors(t) {
		if v.Note != "" {
			m, tests := Mardia(v.rows)
			tests = append(tests, HenzeZirkler(v.rows), Energy(v.rows, 19, 1))
			for _, test := range tests {
				if m.B1.Defined() || test.Statistic.Defined() || test.PValue.Defined() || !strings.Contains(test.Reason, "42 rows, got 15") {
					t.Errorf("%s: %+v, %+v", v.name, m, test)
				}
			}
			continue
		}
		if len(v.Mardia) != 17 || len(v.Energy) != 1 {
			t.Errorf("%s: %d and %d keys", v.name, len(v.Mardia), len(v.Energy))
		}
		got := measuredRows(v.rows)
		if err := numtest.Close(got["energy"], float64(v.Energy["statistic"]), numtest.Tol{Rel: 1e-9}); err != nil {
			t.Errorf("%s: energy: %v", v.name, err)
		}
		for key, want := range v.Mardia {
			g, ok := got[key]
			if err := numtest.Close(g, float64(want), mardiaTolerance(key)); err != nil || !ok {
				t.Errorf("%s: mardia.%s: %v", v.name, key, err)
			}
		}
	}
}

func mardiaTolerance(key string) numtest.Tol {
	switch {
	case strings.Contains(key, "_p"):
		return numtest.Tol{Rel: 1e-6}
	case strings.HasPrefix(key, "b"):
		return numtest.Tol{Rel: 1e-9, Abs: 1e-9}
	case strings.HasPrefix(key, "kurt"):
		return numtest.Tol{Rel: 1e-8, Abs: 1e-9}
	}
	return numtest.Tol{Rel: 1e-8}
}
