package noise_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

const vectors = "../testdata/vectors/"

// exact is the tolerance that testdata/vectors/README.md states for the closed forms.
var exact = numtest.Tol{Rel: 1e-12, Abs: 1e-15}

// finite is a file of testdata/vectors/finite/expected: moments by enumeration, in exact rationals.
type finite struct {
	File       string
	N          int
	Directions [][]float64
	Population struct {
		Sigma                     [][]float64
		K2, K3, K4, K22, Mu3, Mu4 []float64
	}
	Cases []finiteCase
}

type finiteCase struct {
	Pairing       string
	B             int
	Alpha         float64
	F             float64
	Outcomes      int
	CovFactor     float64 `json:"cov_factor"`
	BEff          float64 `json:"b_eff"`
	Cov           [][]float64
	Mu2, Mu3, Mu4 []float64
	Skew, Exkurt  []*float64
}

// TestEveryFiniteFile fails for a file that holds neither cases nor rows, so that a new kind of file cannot go unread.
func TestEveryFiniteFile(t *testing.T) {
	paths, err := filepath.Glob(vectors + "finite/expected/*")
	if err != nil || len(paths) < 5 {
		t.Fatalf("found %d files: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if filepath.Base(path) == "iid_shape_ratios.json" {
				checkShapeRatios(t, path)
				return
			}
			var f finite
			numtest.ReadJSON(t, path, &f)
			if len(f.Cases) == 0 {
				t.Fatal("no cases: this file has no test")
			}
			f.check(t)
		})
	}
}

func (f finite) check(t *testing.T) {
	rows := readRows(t, f.File)
	if len(rows) != f.N {
		t.Fatalf("%d rows, want %d", len(rows), f.N)
	}
	populations := make([]noise.Population, len(f.Directions))
	for i, u := range f.Directions {
		populations[i] = noise.NewPopulation(along(rows, u))
		f.checkPopulation(t, i, populations[i])
	}
	for _, c := range f.Cases {
		for _, p := range c.pairings(t, f.N) {
			t.Run(fmt.Sprintf("%s/B=%d/alpha=%g/as %s", c.Pairing, c.B, c.Alpha, p), func(t *testing.T) {
				c.checkCovariance(t, f, p)
				for i, population := range populations {
					c.checkMoments(t, i, noise.Moments(p, population, c.B, c.alpha()))
				}
			})
		}
	}
}

func (f finite) checkPopulation(t *testing.T, i int, p noise.Population) {
	t.Helper()
	k2, k3, k4, k22 := p.KStatistics()
	got := []float64{k2, k3, k4, k22, p.C3, p.C4}
	w := f.Population
	want := []float64{w.K2[i], w.K3[i], w.K4[i], w.K22[i], w.Mu3[i], w.Mu4[i]}
	if err := numtest.AllClose(got, want, exact); err != nil {
		t.Errorf("direction %v: K2, K3, K4, K22, mu3, mu4: %v", f.Directions[i], err)
	}
}

// alpha is 1 for the single minibatches, whose cases carry none.
func (c finiteCase) alpha() float64 {
	if c.Pairing == "single" || c.Pairing == "single_replacement" {
		return 1
	}
	return c.Alpha
}

// pairings returns every pairing whose prediction the case tests: with alpha = 1 every pairing without replacement is a single
// minibatch.
func (c finiteCase) pairings(t *testing.T, n int) []noise.Pairing {
	switch c.Pairing {
	case "single":
		if c.B <= n/2 {
			return []noise.Pairing{noise.Independent, noise.Naive, noise.Disjoint}
		}
		return []noise.Pairing{noise.Independent, noise.Naive}
	case "single_replacement":
		return []noise.Pairing{noise.Replacement}
	case "independent", "disjoint", "replacement", "naive":
		return []noise.Pairing{noise.Pairing(c.Pairing)}
	}
	t.Fatalf("pairing %q has no test", c.Pairing)
	return nil
}

func (c finiteCase) checkCovariance(t *testing.T, f finite, p noise.Pairing) {
	t.Helper()
	factor := noise.CovarianceFactor(p, f.N, c.B, c.alpha())
	if err := numtest.Close(factor, c.CovFactor, exact); err != nil {
		t.Errorf("covariance factor: %v", err)
	}
	if err := numtest.Close(noise.EffectiveBatch(p, f.N, c.B, c.alpha()), c.BEff, exact); err != nil {
		t.Errorf("effective batch: %v", err)
	}
	if c.F != 0 {
		if err := numtest.Close(noise.Factor(c.Alpha), c.F, exact); err != nil {
			t.Errorf("factor: %v", err)
		}
	}
	for i, row := range c.Cov {
		for j, want := range row {
			if err := numtest.Close(factor*f.Population.Sigma[i][j], want, exact); err != nil {
				t.Errorf("covariance [%d][%d]: %v", i, j, err)
			}
		}
	}
}

func (c finiteCase) checkMoments(t *testing.T, i int, got noise.CentralMoments) {
	t.Helper()
	err := numtest.AllClose([]float64{got.Mu2, got.Mu3, got.Mu4}, []float64{c.Mu2[i], c.Mu3[i], c.Mu4[i]}, exact)
	if err != nil {
		t.Errorf("direction %d: mu2, mu3, mu4: %v", i, err)
	}
	// Skewness and kurtosis divide by powers of mu2, and so have its relative error several times over.
	shape := numtest.Tol{Rel: 1e-11, Abs: 1e-11}
	if err := numtest.Close(got.Skewness(), orNaN(c.Skew[i]), shape); err != nil {
		t.Errorf("direction %d: skewness: %v", i, err)
	}
	if err := numtest.Close(got.ExcessKurtosis(), orNaN(c.Exkurt[i]), shape); err != nil {
		t.Errorf("direction %d: excess kurtosis: %v", i, err)
	}
}

func checkShapeRatios(t *testing.T, path string) {
	var table struct {
		Rows []struct {
			Alpha, F, S3, S4 float64
			Skew             float64 `json:"skew_ratio"`
			Exkurt           float64 `json:"exkurt_ratio"`
			SameB            float64 `json:"exkurt_vs_same_B"`
		}
	}
	numtest.ReadJSON(t, path, &table)
	if len(table.Rows) < 8 {
		t.Fatalf("only %d rows", len(table.Rows))
	}
	for _, r := range table.Rows {
		a := r.Alpha
		got := []float64{noise.Factor(a), noise.PowerSum(a, 3), noise.PowerSum(a, 4),
			noise.SkewnessRatio(a), noise.KurtosisRatio(a), noise.KurtosisRatioSameBatch(a)}
		if err := numtest.AllClose(got, []float64{r.F, r.S3, r.S4, r.Skew, r.Exkurt, r.SameB}, exact); err != nil {
			t.Errorf("alpha %g: f, s3, s4, ratios: %v", a, err)
		}
	}
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// readRows reads a population [n] or [n, d] as n rows.
func readRows(t *testing.T, file string) [][]float64 {
	t.Helper()
	a, err := npy.Read[float64](vectors + file)
	if err != nil {
		t.Fatal(err)
	}
	n := a.Shape[0]
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = a.Data[i*len(a.Data)/n : (i+1)*len(a.Data)/n]
	}
	return rows
}

// along returns u.x of every row x.
func along(rows [][]float64, u []float64) []float64 {
	dots := make([]float64, len(rows))
	for i, x := range rows {
		for j := range u {
			dots[i] += u[j] * x[j]
		}
	}
	return dots
}
