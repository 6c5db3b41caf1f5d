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
// convention, are powers of (n-1)/n away from what the package reports.
func measuredRows(r Rows) map[string]float64 {
	v := whiten(r)
	m, tests := v.mardia()
	n, d := float64(r.N), float64(r.D)
	df := d * (d + 1) * (d + 2) / 6
	small := (d + 1) * (n + 1) * (n + 3) / (n * ((n+1)*(d+1) - 6))
	b1, b2, c := float64(m.B1), float64(m.B2), (n-1)/n
	u1, u2 := c*c*c*b1, c*c*b2
	z := (u2 - d*(d+2)) / mardiaScale(n, d)
	tail := func(statistic float64) float64 { return math.Exp(logChiSquaredTail(statistic, df)) }
	return map[string]float64{
		"energy": float64(v.energyTest(0, 0).Statistic),
		"b1":     b1, "b2": b2, "skew_df": df,
		"skew_stat": float64(tests[0].Statistic), "skew_p": float64(tests[0].PValue),
		"kurt_z": float64(tests[1].Statistic), "kurt_p": float64(tests[1].PValue),
		"skew_stat_small_sample": small * n * b1 / 6, "skew_p_small_sample": tail(small * n * b1 / 6),
		"b1_unbiased_cov": u1, "b2_unbiased_cov": u2,
		"skew_stat_unbiased_cov": n * u1 / 6, "skew_p_unbiased_cov": tail(n * u1 / 6),
		"skew_stat_small_sample_unbiased_cov": small * n * u1 / 6, "skew_p_small_sample_unbiased_cov": tail(small * n * u1 / 6),
		"kurt_z_unbiased_cov": z, "kurt_p_unbiased_cov": math.Exp(logTwoSided(z)),
	}
}

// Below n = 20 the package applies the factor that the reference has under its own key.
func TestSmallSampleFactor(t *testing.T) {
	for n, factor := range map[int]float64{19: 5. * 20 * 22 / (19 * (20*5 - 6)), 20: 1} {
		m, tests := Mardia(normalRows(n, 4, 1))
		want := factor * float64(n) * float64(m.B1) / 6
		if err := numtest.Close(float64(tests[0].Statistic), want, numtest.Tol{Rel: 1e-14}); err != nil {
			t.Errorf("n = %d: %v", n, err)
		}
	}
}

// The expected numbers are those of testdata/vectors: NumPy, mpmath and R packages, as its README names them.
func TestMultivariateReferenceVectors(t *testing.T) {
	worst := numtest.Deviations{}
	defer checkPage(t, worst)
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
		worst.Add("energy", got["energy"], float64(v.Energy["statistic"]), numtest.Tol{Rel: 1e-9})
		for key, want := range v.Mardia {
			g, ok := got[key]
			if err := numtest.Close(g, float64(want), mardiaTolerance(key)); err != nil || !ok {
				t.Errorf("%s: mardia.%s: %v", v.name, key, err)
			}
			if name, _, _ := strings.Cut(key, "_unbiased_cov"); strings.Contains(name, "_p") {
				worst.Add("mardia p", g, float64(want), mardiaTolerance(key))
			} else {
				worst.Add("mardia", g, float64(want), mardiaTolerance(key))
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
