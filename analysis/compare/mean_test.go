package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func near(t *testing.T, what string, got, want float64, tol numtest.Tol) {
	t.Helper()
	if err := numtest.Close(got, want, tol); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func TestMeanOf(t *testing.T) {
	e := MeanOf([]float64{1, 2, 4}, Linear)
	near(t, "mean", float64(e.Mean), 7./3, numtest.Tol{Rel: 1e-15})
	// Squares of -4/3, -1/3 and 5/3 add up to 42/9, over 2.
	near(t, "sd", float64(e.SD), math.Sqrt(7./3), numtest.Tol{Rel: 1e-15})
	// With 2 degrees of freedom the quantile of p is (2p - 1) / sqrt(2p (1-p)): 4.3027 at 97.5%.
	near(t, "hi", e.CI.Hi, 7./3+0.95/math.Sqrt(2*0.975*0.025)*math.Sqrt(7./9), numtest.Tol{Rel: 1e-12})
	if e.N != 3 || e.From != OverSeeds {
		t.Errorf("%+v", e)
	}
	g := MeanOf([]float64{1, 10, 100}, Log)
	near(t, "geometric mean", float64(g.Mean), 10, numtest.Tol{Rel: 1e-14})
	near(t, "sd of logarithms", float64(g.SD), math.Ln10, numtest.Tol{Rel: 1e-14})
	near(t, "interval of logarithms", g.CI.Hi*g.CI.Lo, 100, numtest.Tol{Rel: 1e-12})
}

func TestMeanOfFew(t *testing.T) {
	one := MeanOf([]float64{5}, Log)
	if math.Abs(float64(one.Mean)-5) > 1e-14 || one.SD.Defined() || one.CI.Defined() || one.From != "" {
		t.Errorf("one value: %+v", one)
	}
	if none := MeanOf(nil, Linear); none.N != 0 || none.Mean.Defined() || none.CI.Defined() {
		t.Errorf("no value: %+v", none)
	}
	if equal := MeanOf([]float64{0.873, 0.873}, Linear); equal.CI.Defined() || equal.From != OverSeeds || equal.SD != 0 {
		t.Errorf("equal values have an interval without width: %+v", equal)
	}
	if left := MeanOf([]float64{-1, 0, math.NaN(), math.Inf(1), 3, 3}, Log); left.N != 2 {
		t.Errorf("values without a logarithm: %+v", left)
	}
}

// TestMeanLaws: neither order nor unit matters, and the input stays as it is.
func TestMeanLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		x := make([]float64, 2+rng.IntN(6))
		for i := range x {
			x[i] = math.Exp(rng.NormFloat64())
		}
		before, scaled := slices.Clone(x), slices.Clone(x)
		for i := range scaled {
			scaled[i] *= 7
		}
		rng.Shuffle(len(scaled), func(i, j int) { scaled[i], scaled[j] = scaled[j], scaled[i] })
		for _, scale := range []Scale{Linear, Log} {
			a, b := MeanOf(x, scale), MeanOf(scaled, scale)
			near(t, "mean", float64(b.Mean), 7*float64(a.Mean), numtest.Tol{Rel: 1e-12})
			near(t, "lo", b.CI.Lo, 7*a.CI.Lo, numtest.Tol{Rel: 1e-11, Abs: 1e-11})
		}
		if !slices.Equal(x, before) {
			t.Fatal("the values were modified")
		}
	}
}

// TestMeanCoverage: of 4000 samples of three log-normal values, 95% of the intervals contain the median; a rate outside 95 -+ 1.4% has a
// probability of 5e-5.
func TestMeanCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	hits := 0
	for range 4000 {
		var x []float64
		for range 3 {
			x = append(x, math.Exp(rng.NormFloat64()))
		}
		if MeanOf(x, Log).CI.Contains(1) {
			hits++
		}
	}
	if rate := float64(hits) / 4000; math.Abs(rate-estimate.Level) > 0.014 {
		t.Errorf("%.3f of the intervals contain the truth", rate)
	}
}

func TestShareOf(t *testing.T) {
	e := ShareOf([]float64{0.8, 0.9})
	// By hand: p = 0.85, SD = 0.1 / sqrt 2, so that the standard error is 0.05; with one degree of freedom t = tan(pi 0.475) = 12.7062; the
	// half width of the logit is 12.7062 * 0.05 / 0.1275 = 4.98282, around log(0.85/0.15) = 1.73460.
	near(t, "lo", e.CI.Lo, 1/(1+math.Exp(4.98282-1.73460)), numtest.Tol{Rel: 1e-5})
	near(t, "hi", e.CI.Hi, 1/(1+math.Exp(-4.98282-1.73460)), numtest.Tol{Rel: 1e-5})
	// For a small spread it is the interval of the mean.
	many, linear := ShareOf([]float64{0.501, 0.5, 0.499, 0.5005}), MeanOf([]float64{0.501, 0.5, 0.499, 0.5005}, Linear)
	near(t, "lo", many.CI.Lo, linear.CI.Lo, numtest.Tol{Rel: 1e-5})
	if alike := ShareOf([]float64{1, 1}); alike.CI.Defined() || alike.Mean != 1 {
		t.Errorf("of equal shares: %+v", alike)
	}
	if !tooWide(Log, false, estimate.Interval{Lo: 2.06e-12, Hi: 1.97e19}) || tooWide(Log, false, estimate.Interval{Lo: 1, Hi: 10}) || tooWide(Linear, true, estimate.None()) {
		t.Error("the widths that say nothing are others")
	}
}
