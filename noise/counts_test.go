package noise_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// chiSquare is Pearson's p-value of observed counts against probabilities; cells with fewer than 5 expected are pooled.
func chiSquare(observed map[string]int, probability map[string]float64, total int) float64 {
	statistic, cells := 0.0, 0
	pooled, seen, pool := 0.0, 0, 0
	for key, p := range probability {
		expected := p * float64(total)
		seen += observed[key]
		if expected < 5 {
			pooled, pool = pooled+expected, pool+observed[key]
			continue
		}
		statistic += (float64(observed[key]) - expected) * (float64(observed[key]) - expected) / expected
		cells++
	}
	if seen != total { // some outcomes are impossible
		return 0
	}
	if pooled > 0 {
		statistic += (float64(pool) - pooled) * (float64(pool) - pooled) / pooled
		cells++
	}
	return distuv.ChiSquared{K: float64(cells - 1)}.Survival(statistic)
}

// multinomials lists the probabilities B!/(prod c_i!) / n^B of all counts of sum B, by definition.
func multinomials(n, batch int) map[string]float64 {
	out := map[string]float64{}
	counts := make([]float64, n)
	var place func(i, left int, logP float64)
	place = func(i, left int, logP float64) {
		if i == n-1 {
			counts[i] = float64(left)
			lg, _ := math.Lgamma(float64(left + 1))
			out[fmt.Sprint(counts)] = math.Exp(logP - lg)
			return
		}
		for c := range left + 1 {
			counts[i] = float64(c)
			lg, _ := math.Lgamma(float64(c + 1))
			place(i+1, left-c, logP-lg)
		}
	}
	all, _ := math.Lgamma(float64(batch + 1))
	place(0, batch, all-float64(batch)*math.Log(float64(n)))
	return out
}

// TestCountsAreMultinomial compares 20,000 draws of counts with the probabilities of all outcomes. For n = 3, 5 and 6 some numbers
// are drawn again, and where B exceeds 4 times 2^k both ways of drawing take part. With another seed one of the 10 cases would fail
// by chance with probability 1e-5.
func TestCountsAreMultinomial(t *testing.T) {
	const draws = 20000
	for _, c := range []struct{ n, batch int }{{1, 3}, {2, 3}, {2, 9}, {2, 130}, {3, 4}, {3, 20}, {4, 5}, {4, 17}, {5, 3}, {6, 2}} {
		rng := seed.New(11, "counts", uint64(c.n), uint64(c.batch))
		observed, counts := map[string]int{}, make([]float64, c.n)
		for range draws {
			noise.Counts(rng, c.batch, counts)
			observed[fmt.Sprint(counts)]++
		}
		probability := multinomials(c.n, c.batch)
		if c.n == 1 {
			if observed[fmt.Sprint([]float64{3})] != draws {
				t.Errorf("one sample: %v", observed)
			}
			continue
		}
		if p := chiSquare(observed, probability, draws); p < 1e-6 {
			t.Errorf("n = %d, B = %d: p = %.2g", c.n, c.batch, p)
		}
	}
}

// TestChiSquareRejects: where every draw counts twice the mean of the counts is right and their distribution is not.
func TestChiSquareRejects(t *testing.T) {
	rng := seed.New(12, "pairs")
	observed, counts := map[string]int{}, make([]float64, 3)
	for range 2000 {
		noise.Counts(rng, 2, counts)
		for i := range counts {
			counts[i] *= 2
		}
		observed[fmt.Sprint(counts)]++
	}
	if p := chiSquare(observed, multinomials(3, 4), 2000); p > 1e-6 {
		t.Errorf("accepted: p = %.2g", p)
	}
}

// TestMomentsOfCounts: at larger sizes the sum is B, and the counts have mean B/n, variance (B/n)(1-1/n) and covariance -B/n^2.
// The mean of each statistic over 4000 draws, 1000 unless everything is tested, stays within 5 standard errors, which are measured
// from the draws: the false-alarm rate of each of 27 is 6e-7.
func TestMomentsOfCounts(t *testing.T) {
	draws := numtest.Cases(4000, 1000)
	for _, c := range []struct{ n, batch int }{{100, 50}, {100, 1000}, {129, 20000}, {256, 500}, {256, 20000}, {1000, 4500}, {100, 3_000_000}, {3, 10_000}, {100, 2_000_000_000}} {
		rng := seed.New(13, "moments of counts", uint64(c.n), uint64(c.batch))
		counts, mean := make([]float64, c.n), float64(c.batch)/float64(c.n)
		var of [3][]float64
		for range draws {
			noise.Counts(rng, c.batch, counts)
			if s := floats.Sum(counts); s != float64(c.batch) {
				t.Fatalf("n = %d: %g draws, want %d", c.n, s, c.batch)
			}
			// The first and the last two samples: the latter are next to those that are drawn again.
			spread := 0.0
			for _, v := range counts {
				spread += (v - mean) * (v - mean)
			}
			a, b := counts[c.n-2]-mean, counts[c.n-1]-mean
			of[0], of[1], of[2] = append(of[0], b), append(of[1], spread/float64(c.n)-mean*(1-1/float64(c.n))), append(of[2], a*b+mean/float64(c.n))
		}
		for k, x := range of {
			if z := zOfMean(x); math.Abs(z) > 5 {
				t.Errorf("n = %d, B = %d: moment %d is %.1f standard errors off", c.n, c.batch, k+1, z)
			}
		}
	}
}

func TestCountsOfNothing(t *testing.T) {
	counts := []float64{3, math.NaN()}
	noise.Counts(seed.New(1, "nothing"), 0, counts)
	if counts[0] != 0 || counts[1] != 0 {
		t.Errorf("%g", counts)
	}
	panics(t, "no samples", func() { noise.Counts(seed.New(1, "x"), 1, nil) })
	panics(t, "negative", func() { noise.Counts(seed.New(1, "x"), -1, counts) })
}

func BenchmarkCounts(b *testing.B) {
	rng := seed.New(1, "benchmark")
	for _, n := range []int{256, 257, 500, 1000, 5000} {
		dst := make([]float64, n)
		for _, batch := range []int{50, 500, 2000, 20000} {
			b.Run(fmt.Sprintf("n%d-B%d", n, batch), func(b *testing.B) {
				for b.Loop() {
					noise.Counts(rng, batch, dst)
				}
			})
		}
	}
}

func BenchmarkDrawReplacement(b *testing.B) {
	rng := seed.New(1, "benchmark")
	index := make([]int, 500)
	for b.Loop() {
		noise.Draw(rng, noise.Replacement, 256, index, nil)
	}
}
