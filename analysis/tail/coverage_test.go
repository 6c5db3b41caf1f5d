package tail

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func rng(label string, rep int) *rand.Rand { return seed.New(5, label, uint64(rep)) }

// pareto returns n values with P(|X| > x) = x^-index for x > 1, and random signs.
func pareto(r *rand.Rand, n int, index float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Exp(r.ExpFloat64()/index) * float64(1-2*r.IntN(2))
	}
	return x
}

func normal(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// student2 returns Student t with 2 degrees of freedom: a normal over the root of an exponential.
func student2(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64() / math.Sqrt(r.ExpFloat64())
	}
	return x
}

func coverage(method Method, k, reps int) float64 {
	const n, index = 1000, 2
	hits := 0
	for rep := range reps {
		if method(pareto(rng("coverage", rep), n, index), Absolute, k).CI.Contains(index) {
			hits++
		}
	}
	return float64(hits) / float64(reps)
}

func inside(draw func(*rand.Rand, int) []float64, method Method, n, reps, replicates int) float64 {
	hits := 0
	for rep := range reps {
		x := draw(rng("inside", rep), n)
		if GaussianBand(x, Absolute, DefaultK(n), method, replicates, rng("surrogates", rep)).Contains(method(x, Absolute, DefaultK(n))) {
			hits++
		}
	}
	return float64(hits) / float64(reps)
}

// Coverage measured by 20,000 samples is 95.0% (Hill), and 90.9 to 95.2% (Moment, rising with k): see the doc comments.
// The standard error of 1500 is 0.6 to 0.7 points, and the bounds leave three or more: a correct interval at a new seed
// fails with a probability below 1% in all.
func TestIntervalCoverageOnPareto(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	for _, c := range []struct {
		name   string
		method Method
		k      int
		lo     float64
	}{
		{"hill", Hill, 2, 0.93}, {"hill", Hill, 5, 0.93}, {"hill", Hill, 100, 0.93},
		{"moment", Moment, 10, 0.88}, {"moment", Moment, 50, 0.93}, {"moment", Moment, 100, 0.93}, {"moment", Moment, 200, 0.93},
	} {
		if !numtest.Full() && c.k != 5 && c.k != 50 {
			t.Logf("NOT TESTED: %s at k = %d; NOISEPROBE_TEST=all has it tested", c.name, c.k)
			continue
		}
		if got := coverage(c.method, c.k, 1500); got < c.lo || got > 0.97 {
			t.Errorf("%s at k = %d: coverage %.3f, want %.2f to 0.97", c.name, c.k, got, c.lo)
		}
	}
}

// Gaussian samples lie inside the 95% band 95% of the time: a false alarm of 300 samples, or of 100, at a new seed has a probability
// below 1e-3 (binomial). Of samples of Student t with 2 degrees of freedom Hill leaves 0.3%
// inside at n = 500.
func TestGaussianBandAcceptsGaussianOnly(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	reps, least, most := 300, 0.9, 0.99
	if !numtest.Full() {
		reps, least, most = 100, 0.86, 1
	}
	for name, method := range map[string]Method{"hill": Hill, "moment": Moment} {
		if rate := inside(normal, method, 200, reps, 79); rate < least || rate > most {
			t.Errorf("%s: %.3f of Gaussian samples lie inside", name, rate)
		}
	}
	if rate := inside(student2, Hill, 500, reps/3, 79); rate > 0.05 {
		t.Errorf("hill: %.3f of Student t2 samples lie inside", rate)
	}
}
