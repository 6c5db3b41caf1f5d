package shape

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// TestEveryRowSaysWhatItIs: losses have no Gaussian counterpart, norms have.
func TestEveryRowSaysWhatItIs(t *testing.T) {
	r := Of(factoredUnits(64), Settings{Alpha: 1.5, Batch: 50, Seed: 1, Resamples: 6600})
	if len(r.Normality) != 2 || len(r.Tails) != 2 || len(r.Summaries) != 2 {
		t.Fatalf("%d, %d, %d rows", len(r.Normality), len(r.Tails), len(r.Summaries))
	}
	for i, of := range []string{GradientNorm, Loss} {
		row, tail := r.Normality[i], r.Tails[i]
		if row.Of != of || row.Axis != AxisUnits || row.Evidence != Recorded || row.N != 64 || row.GaussianSurrogate.Defined() != (of == GradientNorm) || len(row.Tests) != 2 {
			t.Errorf("%+v", row)
		}
		if tail.Of != of || tail.N != 64 || len(tail.Estimates) != 2 || (len(tail.Surrogate) == 2) != (of == GradientNorm) {
			t.Errorf("%+v", tail)
		}
	}
	// 3 eigenvectors, the mean gradient, 2 random directions and the pursued one; gamma, and the two tails.
	if len(r.Shape.Directions) != 7 || len(r.Shape.Tests) != 1+7+2 {
		t.Errorf("%d directions, %d tests", len(r.Shape.Directions), len(r.Shape.Tests))
	}
}

// TestOddSamples: nothing panics, whatever the numbers.
func TestOddSamples(t *testing.T) {
	for _, x := range [][]float64{nil, {1}, {1, 2}, {1, 2, 4}, {1, 2, 4, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 0}, {2, 2, 2, 2, 2, 2, 2, 2, 2}} {
		r := describe("x", AxisUnits, x)
		if spread := len(x) > 1 && x[0] != x[1]; r.N != len(x) || r.ExcessKurtosisG2.Defined() != spread {
			t.Errorf("%v: n = %d, kurtosis %g", x, r.N, r.ExcessKurtosisG2)
		}
		h := hillPlot(x)
		if len(h.Sample.Gamma) != len(h.K) || len(h.K) > len(x)/4 {
			t.Errorf("%v: Hill plot %+v", x, h)
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

// TestResampleIsAWeightedSum adds up the same minibatches unit by unit; two workers draw the same.
func TestResampleIsAWeightedSum(t *testing.T) {
	defer parallel.SetWorkers(0)
	units := []float64{1, -2, 0.5, 4, 3, -1, 0.25}
	const draws, root, step = 2*blockDraws + 1, 3, 20
	arms := enhancement.Minibatches(1.5, 4, 1)
	parallel.SetWorkers(2)
	got := resample(units, arms, draws, root, step)
	mean := 0.0
	for _, v := range units {
		mean += v / float64(len(units))
	}
	for k, a := range arms {
		w, wPrime := noise.Weights(a.Alpha, a.Units)
		var want []float64
		squares := 0.0
		for block := range uint64(draws/blockDraws + 1) {
			rng := seed.New(root, "minibatches of the Q-Q plot", step, uint64(k), block)
			for range min(blockDraws, draws-int(block)*blockDraws) {
				b, bPrime := make([]float64, len(units)), make([]float64, len(units))
				noise.Counts(rng, a.Units, b)
				if a.Alpha != 1 {
					noise.Counts(rng, a.Units, bPrime)
				}
				sum := 0.0
				for j, x := range units {
					sum += (w*b[j] + wPrime*bPrime[j]) * (x - mean)
				}
				want = append(want, sum)
				squares += sum * sum / draws
			}
		}
		for i := range want {
			want[i] /= math.Sqrt(squares)
		}
		if err := numtest.AllClose(got[k].Values, want, numtest.Tol{Abs: 1e-12}); err != nil || got[k].Arm != a.Arm {
			t.Errorf("%s: %v", a.Arm, err)
		}
	}
	if flat := resample([]float64{2, 2, 2}, arms, draws, root, step); flat != nil {
		t.Errorf("units without spread have noise: %d arms", len(flat))
	}
}

// TestHillPlotOfZeros: of units most of which have no gradient there are fewer k than of the Gaussian quantiles beside them.
func TestHillPlotOfZeros(t *testing.T) {
	for positive := range 5 {
		x := make([]float64, 64)
		for i := range positive {
			x[7*i] = float64(i + 1)
		}
		p := hillPlot(x)
		for _, c := range []HillCurve{p.Sample, p.Surrogate} {
			if n := len(p.K); len(c.Gamma) != n || len(c.Lo) != n || len(c.Hi) != n {
				t.Errorf("%d norms other than 0: %d values of k, %d of gamma, %d and %d ends", positive, n, len(c.Gamma), len(c.Lo), len(c.Hi))
			}
		}
	}
}
