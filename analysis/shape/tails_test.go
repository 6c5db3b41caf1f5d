package analysis

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func TestDescribeAndHillPlotOfOddSamples(t *testing.T) {
	for _, x := range [][]float64{nil, {1}, {1, 2}, {1, 2, 4}, {1, 2, 4, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 0}, {2, 2, 2, 2, 2, 2, 2, 2, 2}} {
		r := describe("x", report.AxisUnits, x, DefaultResamples)
		if r.N != len(x) || r.GaussianSurrogate.Defined() != (len(x) >= 4) {
			t.Errorf("%v: n = %d, surrogate %v", x, r.N, r.GaussianSurrogate)
		}
		if spread := len(x) > 1 && x[0] != x[1]; r.ExcessKurtosisG2.Defined() != spread {
			t.Errorf("%v: kurtosis %g", x, r.ExcessKurtosisG2)
		}
		h := hillPlot(x)
		if len(h.Sample.Gamma) != len(h.K) || len(h.K) > len(x)/4 {
			t.Errorf("%v: Hill plot %+v", x, h)
		}
		tail := unitTail("x", x, Settings{Seed: 1})
		if len(tail.Estimates) != 2 || len(tail.Surrogate) != 2 {
			t.Errorf("%v: tail %+v", x, tail)
		}
	}
}

// TestHillPlot: the same k for both curves, and nearly the same values for a Gaussian sample.
func TestHillPlot(t *testing.T) {
	rng := seed.New(1, "hill")
	x := make([]float64, 4000)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	h := hillPlot(x)
	if len(h.K) != 1000 || len(h.Sample.Gamma) != 1000 || len(h.Surrogate.Gamma) != 1000 {
		t.Fatalf("%d, %d, %d points", len(h.K), len(h.Sample.Gamma), len(h.Surrogate.Gamma))
	}
	// The relative standard error of Hill's gamma at k = 500 is at most 1/sqrt(500) = 4.5%.
	if a, b := h.Sample.Gamma[499], h.Surrogate.Gamma[499]; math.Abs(a/b-1) > 0.2 {
		t.Errorf("gamma %g, surrogate %g at k = 500", a, b)
	}
}

// TestGaussianKurtosisRange: the band holds 95% of Gaussian samples where it is simulated and where it is computed: 2000 and
// 400 samples, bounds 4 standard errors (of the sample and of the simulated quantiles) away.
func TestGaussianKurtosisRange(t *testing.T) {
	for _, c := range []struct {
		n, reps int
		lo, hi  float64
	}{{20, 2000, 0.92, 0.975}, {largeSample, 400, 0.905, 0.99}} {
		band, inside := gaussianKurtosis(c.n, kurtosisReplicates), 0
		for rep := range c.reps {
			rng := seed.New(2, "kurtosis range", uint64(c.n), uint64(rep))
			x := make([]float64, c.n)
			for i := range x {
				x[i] = rng.NormFloat64()
			}
			if band.Contains(float64(normality.Describe(x).ExcessKurtosis.Biased)) {
				inside++
			}
		}
		if share := float64(inside) / float64(c.reps); share < c.lo || share > c.hi {
			t.Errorf("n = %d: %v holds %.3f", c.n, band, share)
		}
	}
	if a, b := simulateKurtosis(largeSample-1, kurtosisReplicates), gaussianKurtosis(largeSample, kurtosisReplicates); math.Abs(a.Lo-b.Lo) > 0.02 || math.Abs(a.Hi-b.Hi) > 0.03 {
		t.Errorf("simulated %v, computed %v", a, b)
	}
}
