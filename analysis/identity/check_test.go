package identity

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

func TestMean(t *testing.T) {
	// scipy.stats.ttest_1samp([1, 2, 4, 7], 2): statistic 1.13389..., pvalue 0.339..., by hand: mean 3.5, variance 7,
	// s.e. sqrt(7)/2; two-sided p of t = 1.5/(sqrt(7)/2) with 3 degrees of freedom in closed form below.
	c := mean("", 2, []float64{1, 2, 4, 7})
	se := math.Sqrt(7) / 2
	z := 1.5 / se
	// For 3 degrees of freedom CDF(t) = 1/2 + [u/(1+u^2) + atan u]/pi, u = t/sqrt 3.
	u := z / math.Sqrt(3)
	p := 1 - 2/math.Pi*(u/(1+u*u)+math.Atan(u))
	const t3 = 3.182446305284263 // the 97.5% point, tables
	got := []float64{float64(c.Measured), float64(c.Z), float64(c.PValue), c.CI.Lo, c.CI.Hi}
	if err := numtest.AllClose(got, []float64{3.5, z, p, 3.5 - t3*se, 3.5 + t3*se}, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Error(err)
	}
}

func TestRatio(t *testing.T) {
	// By hand: means 3 and 2; with r = 1 the differences are 0, 1, 2: mean 1, s.e. 1/sqrt 3. With r = 3/2 they are -1/2, 0, 1/2: s.e. 1/sqrt 12.
	c := ratio("", 1, []float64{1, 3, 5}, []float64{1, 2, 3})
	half := 4.302652729911275 / math.Sqrt(12) / 2 // the 97.5% point for 2 degrees of freedom, tables
	got := []float64{float64(c.Measured), float64(c.Z), c.CI.Lo, c.CI.Hi}
	if err := numtest.AllClose(got, []float64{1.5, math.Sqrt(3), 1.5 - half, 1.5 + half}, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Error(err)
	}
}

// The standard error that is read off an interval is the one that it was made with.
func TestEstimated(t *testing.T) {
	values := []float64{1, 2, 4, 7}
	want := mean("", 2, values)
	got := estimated("", 2, want.Measured, want.CI, plain, len(values))
	logs := logMean("", math.Exp(2), values)
	same := estimated("", math.Exp(2), logs.Measured, logs.CI, math.Log, len(values))
	reversed := estimated("", math.Exp(-2), 1/logs.Measured, estimate.Interval{Lo: 1 / logs.CI.Hi, Hi: 1 / logs.CI.Lo}, math.Log, len(values))
	z := []float64{float64(got.Z), float64(logs.Z), float64(same.Z), -float64(reversed.Z)}
	w := float64(want.Z)
	if err := numtest.AllClose(z, []float64{w, w, w, w}, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Error(err)
	}
}

func TestEnumerationIsComplete(t *testing.T) {
	for _, c := range []struct {
		pairing  noise.Pairing
		n, batch int
		want     int // the number of pairs, by counting
	}{
		{noise.Independent, 6, 2, 15 * 15}, {noise.Disjoint, 6, 2, 15 * 6}, {noise.Replacement, 6, 2, 36 * 36},
		{noise.Disjoint, 10, 5, 252}, {noise.Naive, 5, 3, 10 * 10}, {noise.Independent, 4, 4, 1},
	} {
		pairs := everyPair(c.pairing, c.n, c.batch)
		used := make([]int, c.n)
		for _, q := range pairs {
			for _, i := range append(append([]int{}, q.b...), q.prime...) {
				used[i]++
			}
		}
		if len(pairs) != c.want {
			t.Errorf("%s, %d of %d: %d pairs, want %d", c.pairing, c.batch, c.n, len(pairs), c.want)
		}
		for i := range used { // every sample equally often
			if used[i]*c.n != 2*c.batch*c.want {
				t.Errorf("%s, %d of %d: sample %d is drawn %d times", c.pairing, c.batch, c.n, i, used[i])
			}
		}
	}
}

func TestApartAndFarthestSeeWrongValues(t *testing.T) {
	if got := apart([]float64{1, 2, -4.5}, []float64{1, 2, -4}); got != 0.125 {
		t.Errorf("apart: %g", got)
	}
	got := [][]float64{{2, 4}, {4, 7.5}}
	if d := farthest(got, [][]float64{{1, 2}, {2, 4}}, 2); d != -0.125 {
		t.Errorf("farthest: %g", d)
	}
}

// Symmetric stable laws are known in closed form at s = 1 (Cauchy) and s = 2 (normal with variance 2). The 99.99% point of
// Kolmogorov's statistic is 2.23/sqrt n: false alarms in 2 of 10,000 seeds.
func TestSymmetricStable(t *testing.T) {
	const n = 20000
	for s, cdf := range map[float64]func(float64) float64{
		1: func(x float64) float64 { return 0.5 + math.Atan(x)/math.Pi },
		2: distuv.Normal{Sigma: math.Sqrt2}.CDF,
	} {
		rng := seed.New(1, "stable")
		u := make([]float64, n)
		for i := range u {
			u[i] = cdf(symmetricStable(rng, s))
		}
		if d := fromUniform(u); d > 2.23/math.Sqrt(n) {
			t.Errorf("s = %g: distance %.4f", s, d)
		}
	}
}
