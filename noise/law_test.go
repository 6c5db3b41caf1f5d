package noise_test

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

var alphas = []float64{-2, -0.5, 0, 0.3, 0.5, 1, 1.5, 3, 10}

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if err := numtest.Close(got, want, numtest.Tol{Rel: rel}); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func somePopulation() []float64 {
	rng := seed.New(8, "population")
	x := make([]float64, 40)
	for i := range x {
		x[i] = rng.ExpFloat64()
	}
	return x
}

func TestAlphaOneIsSGD(t *testing.T) {
	population := noise.NewPopulation(somePopulation())
	for _, p := range allPairings {
		single := p.Single()
		const n, batch = 40, 10
		near(t, "enhancement", noise.Enhancement(p, n, batch, 1), 1, 0)
		near(t, "effective batch", noise.EffectiveBatch(p, n, batch, 1), batch, 1e-15)
		near(t, "covariance factor", noise.CovarianceFactor(p, n, batch, 1), noise.CovarianceFactor(single, n, batch, 1), 1e-15)
		got, want := noise.Moments(p, population, batch, 1), noise.Moments(single, population, batch, 1)
		if got != want {
			t.Errorf("%s: moments %v, want %v", p, got, want)
		}
	}
	near(t, "factor", noise.Factor(1), 1, 0)
	near(t, "correlated", noise.EnhancementAt(1, -0.4), 1, 0)
	near(t, "skewness", noise.SkewnessRatio(1), 1, 0)
	near(t, "kurtosis", noise.KurtosisRatio(1), 1, 0)
	near(t, "kurtosis at the same B", noise.KurtosisRatioSameBatch(1), 1, 0)
	near(t, "stable scale", noise.StableScale(1, 1.3), 1, 0)
}

// The two minibatches are exchangeable.
func TestAlphaAndOneMinusAlphaAreOne(t *testing.T) {
	for _, p := range noise.Pairings {
		for _, alpha := range alphas {
			near(t, string(p), noise.CovarianceFactor(p, 40, 10, alpha), noise.CovarianceFactor(p, 40, 10, 1-alpha), 1e-13)
		}
	}
}

func TestFactorAndItsInverse(t *testing.T) {
	for _, f := range []float64{0.5, 0.75, 1, 2.5, 13, 1e6} {
		near(t, "Factor(AlphaFor(f))", noise.Factor(noise.AlphaFor(f)), f, 1e-14)
	}
	for _, alpha := range []float64{0.5, 0.6, 1, 1.5, 40} {
		near(t, "AlphaFor(Factor(alpha))", noise.AlphaFor(noise.Factor(alpha)), alpha, 1e-14)
	}
	if a := noise.AlphaFor(0.49); !math.IsNaN(a) {
		t.Errorf("no alpha reaches f = 0.49, got %g", a)
	}
}

func TestOneIdentitySeenFromEverySide(t *testing.T) {
	for _, p := range noise.Pairings {
		for _, alpha := range alphas {
			const n, batch = 40, 10
			factor := noise.CovarianceFactor(p, n, batch, alpha)
			rho := noise.Correlation(p, n, batch)
			near(t, "enhancement from the correlation", noise.EnhancementAt(alpha, rho), noise.Enhancement(p, n, batch, alpha), 1e-13)
			// A covariance of trace 1 (divisor N) has the unbiased trace N/(N-1).
			measured := noise.EffectiveBatchOf(p, n, factor, float64(n)/(n-1))
			near(t, "effective batch from a trace", measured, noise.EffectiveBatch(p, n, batch, alpha), 1e-13)
		}
	}
}

func TestManySamplesAreIndependentDraws(t *testing.T) {
	// N/B = 1e9: the finite-population terms are of relative size 1e-9 times at most f + 1/f.
	const n, batch, rel = 10_000_000_000, 10, 1e-6
	for _, p := range noise.Pairings {
		for _, alpha := range alphas {
			f := noise.Factor(alpha)
			near(t, "covariance factor", noise.CovarianceFactor(p, n, batch, alpha), f/batch, rel)
			near(t, "effective batch", noise.EffectiveBatch(p, n, batch, alpha), batch/f, rel)
			near(t, "enhancement", noise.Enhancement(p, n, batch, alpha), f, rel)
		}
		if rho := noise.Correlation(p, n, batch); math.Abs(rho) > rel {
			t.Errorf("%s: correlation %g", p, rho)
		}
	}
}

// As N grows, the ratios of Moments tend to those of i.i.d. draws: NE at B against SGD at B/f = 4.
func TestShapeOfManySamples(t *testing.T) {
	const n, batch, alpha = 1_000_000_000, 10, 1.5
	population := noise.Population{N: n, C2: 1, C3: 2, C4: 9} // the exponential distribution
	sgd := noise.Moments(noise.Independent, population, 4, 1)
	for _, p := range noise.Pairings {
		ne := noise.Moments(p, population, batch, alpha)
		near(t, "variance", ne.Mu2, sgd.Mu2, 1e-6)
		near(t, "skewness", ne.Skewness()/sgd.Skewness(), noise.SkewnessRatio(alpha), 1e-6)
		near(t, "excess kurtosis", ne.ExcessKurtosis()/sgd.ExcessKurtosis(), noise.KurtosisRatio(alpha), 1e-5)
	}
}

// g -> c g + shift multiplies a moment of order r by c^r.
func TestMomentsScale(t *testing.T) {
	const c = -3.0
	x := somePopulation()
	scaled := slices.Clone(x)
	for i, v := range x {
		scaled[i] = c*v + 7
	}
	for _, p := range allPairings {
		m := noise.Moments(p, noise.NewPopulation(x), 10, 1.5)
		s := noise.Moments(p, noise.NewPopulation(scaled), 10, 1.5)
		near(t, "mu2", s.Mu2, c*c*m.Mu2, 1e-12)
		near(t, "mu3", s.Mu3, c*c*c*m.Mu3, 1e-12)
		near(t, "mu4", s.Mu4, c*c*c*c*m.Mu4, 1e-12)
	}
}

func TestBounds(t *testing.T) {
	for alpha := -5.0; alpha <= 5; alpha += 0.01 {
		if f := noise.Factor(alpha); f < 0.5-1e-15 {
			t.Errorf("f(%g) = %g", alpha, f)
		}
		if r := noise.KurtosisRatioSameBatch(alpha); r < 0.5 || r > 1+1e-12 {
			t.Errorf("kurtosis ratio at the same B, alpha %g: %g", alpha, r)
		}
		near(t, "stable scale at s = 2", noise.StableScale(alpha, 2), math.Sqrt(noise.Factor(alpha)), 1e-14)
	}
	// Cauchy noise: the scale is |alpha| + |1-alpha|.
	near(t, "stable scale at s = 1", noise.StableScale(1.5, 1), 2, 1e-15)
}

// A minibatch that is the whole training set has no noise, so skewness and kurtosis are undefined.
func TestNoNoise(t *testing.T) {
	population := noise.NewPopulation(somePopulation())
	m := noise.Moments(noise.Independent, population, 40, 1.5)
	if m != (noise.CentralMoments{}) || !math.IsNaN(m.Skewness()) || !math.IsNaN(m.ExcessKurtosis()) {
		t.Errorf("moments %v, skewness %g, excess kurtosis %g", m, m.Skewness(), m.ExcessKurtosis())
	}
	if e := noise.Enhancement(noise.Independent, 40, 40, 1.5); !math.IsNaN(e) {
		t.Errorf("enhancement %g", e)
	}
	near(t, "effective batch", noise.EffectiveBatch(noise.Independent, 40, 40, 1.5), 40, 0)
}

func TestSmallPopulationsHaveNoHighMoments(t *testing.T) {
	nan := math.NaN()
	for n, want := range map[int][]float64{
		1: {nan, nan, nan, nan}, 2: {0.5, nan, nan, nan}, 3: {1, 0, nan, nan},
	} {
		k2, k3, k4, k22 := noise.NewPopulation([]float64{0, 1, 2}[:n]).KStatistics()
		if err := numtest.AllClose([]float64{k2, k3, k4, k22}, want, exact); err != nil {
			t.Errorf("N=%d: %v", n, err)
		}
	}
}

func TestNewPopulationLeavesItsInputAlone(t *testing.T) {
	x := somePopulation()
	before := slices.Clone(x)
	noise.NewPopulation(x)
	if !slices.Equal(x, before) {
		t.Error("modified")
	}
}

func TestImpossibleSizesPanic(t *testing.T) {
	panics(t, "B > N", func() { noise.CovarianceFactor(noise.Independent, 5, 6, 1) })
	panics(t, "2B > N", func() { noise.EffectiveBatch(noise.Disjoint, 5, 3, 1) })
	panics(t, "B = 0", func() { noise.Correlation(noise.Independent, 5, 0) })
	panics(t, "one sample", func() { noise.CovarianceFactor(noise.Independent, 1, 1, 1) })
	panics(t, "moments", func() { noise.Moments(noise.Independent, noise.Population{N: 3}, 4, 1) })
	panics(t, "pairing", func() { noise.CovarianceFactor("other", 5, 2, 1) })
	panics(t, "pairing of a size", func() { noise.EffectiveBatch("other", 5, 2, 1) })
	panics(t, "pairing of moments", func() { noise.Moments("other", noise.Population{N: 5}, 2, 1) })
}
