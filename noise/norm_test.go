package noise_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

// science holds the fourth moments of a file in testdata/vectors/science.
type science struct {
	File               string
	TraceBiased        float64 `json:"trace_biased"`
	TraceSqBiased      float64 `json:"trace_sq_biased"`
	FourthMomentBiased float64 `json:"fourth_moment_biased"`
	KappaBiased        float64 `json:"kappa_biased"`
	KappaUnbiased      float64 `json:"kappa_unbiased"`
	TraceSqUnbiased    float64 `json:"trace_sq_unbiased"`
	TraceUnbiasedSq    float64 `json:"trace_unbiased_sq"`
	NormExcessUnit     float64 `json:"norm_excess_unit_biased"`
	Rows, Enumerated   []scienceRow
	Finite             []scienceRow
}

type scienceRow struct {
	Pairing          string
	Alpha            float64
	Batch            int
	NormExcess       float64 `json:"norm_excess"`
	VarianceOfNormSq float64 `json:"variance_of_norm_sq"`
}

// normMomentsOf computes them from the vectors, by the definition.
func normMomentsOf(x []float64, n int) noise.NormMoments {
	d := len(x) / n
	mean := make([]float64, d)
	for i, v := range x {
		mean[i%d] += v / float64(n)
	}
	m := noise.NormMoments{N: n}
	dot := func(i, j int) (sum float64) {
		for k := range d {
			sum += (x[i*d+k] - mean[k]) * (x[j*d+k] - mean[k])
		}
		return sum
	}
	for i := range n {
		m.Trace += dot(i, i) / float64(n)
		m.Fourth += dot(i, i) * dot(i, i) / float64(n)
		for j := range n {
			m.TraceSquare += dot(i, j) * dot(i, j) / float64(n*n)
		}
	}
	return m
}

func scienceFiles(t *testing.T) map[string]science {
	t.Helper()
	paths, err := filepath.Glob(vectors + "science/expected/*_n*.json")
	if err != nil || len(paths) != 3 {
		t.Fatalf("%v: %d files of populations, want 3", err, len(paths))
	}
	all := map[string]science{}
	for _, path := range paths {
		var s science
		numtest.ReadJSON(t, path, &s)
		all[filepath.Base(path)] = s
	}
	return all
}

// TestNormMomentsOfVectors checks kappa, its multivariate k-statistic and the polykays, which testdata/vectors/README.md computes as
// means over ordered quadruples of distinct samples, and the variance of |xi|^2, computed there from every possible draw.
func TestNormMomentsOfVectors(t *testing.T) {
	exact, enumerated := numtest.Tol{Rel: 1e-8}, numtest.Tol{Rel: 1e-9, Abs: 1e-13}
	for name, want := range scienceFiles(t) {
		a, err := npy.Read[float64](vectors + want.File)
		if err != nil {
			t.Fatal(err)
		}
		m := normMomentsOf(a.Data, a.Shape[0])
		k := m.Polykays()
		got := []float64{m.Trace, m.TraceSquare, m.Fourth, m.Kappa(), k.K4, k.TraceOfSquare, k.TraceSquared, noise.NormExcess(m.Kappa(), m.TraceSquare, 1, 1)}
		if err := numtest.AllClose(got, []float64{want.TraceBiased, want.TraceSqBiased, want.FourthMomentBiased, want.KappaBiased,
			want.KappaUnbiased, want.TraceSqUnbiased, want.TraceUnbiasedSq, want.NormExcessUnit}, exact); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range want.Rows {
			if err := numtest.Close(noise.NormExcess(m.Kappa(), m.TraceSquare, r.Batch, r.Alpha), r.NormExcess, exact); err != nil {
				t.Errorf("%s, alpha = %g, B = %d: %v", name, r.Alpha, r.Batch, err)
			}
		}
		for _, r := range append(want.Rows, want.Enumerated...) {
			// With replacement, sizes above N are no error of the formula: a larger population of the same vectors has the same moments.
			if r.Batch > m.N {
				continue
			}
			if err := numtest.Close(k.NormVariance(noise.Replacement, m.N, r.Batch, r.Alpha), r.VarianceOfNormSq, enumerated); err != nil {
				t.Errorf("%s, with replacement, alpha = %g, B = %d: %v", name, r.Alpha, r.Batch, err)
			}
		}
		for _, r := range want.Finite {
			p := noise.Pairing(r.Pairing)
			if r.Pairing == "single" {
				p = noise.Independent
			}
			if err := numtest.Close(k.NormVariance(p, m.N, r.Batch, r.Alpha), r.VarianceOfNormSq, enumerated); err != nil {
				t.Errorf("%s, %s, alpha = %g, B = %d: %v", name, r.Pairing, r.Alpha, r.Batch, err)
			}
		}
	}
}

// TestNormVarianceOfOneDirection: for vectors along one line |xi|^2 = x^2, whose variance mu4 - mu2^2 follows from [noise.Moments].
func TestNormVarianceOfOneDirection(t *testing.T) {
	x := []float64{-3, 0.5, 1, 2, 7, -1, 0.25}
	p, k := noise.NewPopulation(x), normMomentsOf(x, len(x)).Polykays()
	for _, pairing := range allPairings {
		for _, alpha := range []float64{-1, 0.5, 1, 1.5, 3} {
			for batch := 1; batch <= 3; batch++ {
				m := noise.Moments(pairing, p, batch, alpha)
				got := k.NormVariance(pairing, len(x), batch, alpha)
				if err := numtest.Close(got, m.Mu4-m.Mu2*m.Mu2, numtest.Tol{Rel: 1e-12}); err != nil {
					t.Errorf("%s, alpha = %g, B = %d: %v", pairing, alpha, batch, err)
				}
			}
		}
	}
}

// TestNormVarianceOfALargePopulation: it tends to that of an infinite one, and at equal covariance NE has s_4/f^3 times the excess of SGD.
func TestNormVarianceOfALargePopulation(t *testing.T) {
	k := noise.NormPolykays{K4: 5, TraceSquared: 9, TraceOfSquare: 2}
	for _, pairing := range allPairings {
		want := k.NormVariance(pairing, 0, 20, 1.5)
		if got := k.NormVariance(pairing, 1e9, 20, 1.5); math.Abs(got/want-1) > 1e-6 {
			t.Errorf("%s: %g, want %g", pairing, got, want)
		}
	}
	// Eq. 11: f = 2.5 at alpha = 1.5, B = 50 acts like 20.
	if err := numtest.Close(noise.NormExcess(5, 2, 50, 1.5)/noise.NormExcess(5, 2, 20, 1), noise.KurtosisRatio(1.5), numtest.Tol{Rel: 1e-14}); err != nil {
		t.Error(err)
	}
	if !math.IsNaN(noise.NormMoments{N: 3}.Polykays().K4) {
		t.Error("three vectors have no fourth cumulant")
	}
}

// TestPolykaysAreUnbiased: their mean over all subsets of 5 of 7 vectors is their value for all 7.
func TestPolykaysAreUnbiased(t *testing.T) {
	const n, d, size = 7, 2, 5
	x := []float64{1, 0, -2, 0.5, 3, 3, -1, 2, 0.25, -4, 1, 1, 0, 6}
	want := normMomentsOf(x, n).Polykays()
	var got noise.NormPolykays
	count := 0.0
	for a := range n {
		for b := range a {
			var rest []float64
			for i := range n {
				if i != a && i != b {
					rest = append(rest, x[i*d:(i+1)*d]...)
				}
			}
			k := normMomentsOf(rest, size).Polykays()
			got.K4, got.TraceSquared, got.TraceOfSquare = got.K4+k.K4, got.TraceSquared+k.TraceSquared, got.TraceOfSquare+k.TraceOfSquare
			count++
		}
	}
	if err := numtest.AllClose([]float64{got.K4 / count, got.TraceSquared / count, got.TraceOfSquare / count},
		[]float64{want.K4, want.TraceSquared, want.TraceOfSquare}, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}
