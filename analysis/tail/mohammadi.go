package tail

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Mohammadi returns the block-sum estimate of alpha for a strictly stable law,
//
//	1/alpha = (mean_b log|Y_b| - mean_i log|x_i|) / log K1
//
// with Y_b the sums of K2 = n/K1 consecutive blocks of K1 values. K1 is the divisor of n with 1 < K1 < n that is nearest to sqrt(n), the
// smaller of two. If n is prime there is none, and the estimate is undefined; it is also undefined if a value or a block sum is exactly
// 0, or if 1/alpha <= 0. It is not clipped at 2, and is meaningless for data that are not centred: sums of equal numbers give alpha = 1.
// Values are taken in their order, along which they must be independent and of equal scale (see ScaleArtefact).
//
// The blocks are independent, so that the interval is Student's for the mean of log|Y_b| - (mean of log|x_i| in b), with K2-1 degrees of
// freedom. Measured coverage, 400 samples for each law with alpha 0.8, 1, 1.2, 1.5, 1.8, 2 and beta = 0, in %: 94 to 96 at n = 5000, 94 to
// 97 at n = 1000, 92 to 95 at n = 400, 90 to 97 at n = 100. It holds for symmetric laws only: sums of skewed variables with S0 location 0
// grow like their S1 location, and for beta = 0.8, n = 5000 and alpha < 2 it covers 0 to 11%.
//
// Source: Mohammadi, Mohammadpour & Ogata, On estimating the tail index and the spectral measure of multivariate
// alpha-stable distributions, Metrika 78 (2015), corollary 2.4. They leave the choice of K1 open; this one is a convention of this
// package.
func Mohammadi(x []float64) StableEstimate {
	if why := unfitLogs(x); why != "" {
		return noStable(NameMohammadi, why)
	}
	k1 := BlockSize(len(x))
	if k1 == 0 {
		return noStable(NameMohammadi, "the number of values is prime: there are no blocks of equal size")
	}
	e := mohammadi(x, k1)
	// A mean of more than 3 standard errors has probability 0.3% if the variance is finite.
	if mean, sd := meanStdDev(x); math.Abs(mean) > 3*sd/math.Sqrt(float64(len(x))) {
		e.Warnings = append(e.Warnings, "the mean is not 0: block sums depend on it and not on the tail")
	}
	return e
}

func mohammadi(x []float64, k1 int) StableEstimate {
	e := noStable(NameMohammadi, "a block sum is exactly zero")
	e.BlockSize, e.Reason = k1, "assumes a law symmetric around 0, and estimates its alpha only"
	growth := make([]float64, 0, len(x)/k1)
	for block := range slices.Chunk(x, k1) {
		g := logAbsSum(block) - meanLogAbs(block)
		if math.IsInf(g, 0) {
			return e
		}
		growth = append(growth, g)
	}
	e.Warnings = nil
	mean, sd := stat.MeanStdDev(growth, nil)
	k2 := float64(len(growth))
	t := estimate.Student(k2 - 1)
	scale := math.Log(float64(k1))
	e.Alpha = estimate.Reciprocal(mean / scale)
	e.CI = estimate.Around(mean/scale, t*sd/math.Sqrt(k2)/scale).Reciprocal()
	if !e.Alpha.Defined() {
		e.Warnings = []string{"the block sums do not grow: 1/alpha is not positive"}
	}
	return e
}

// BlockSize returns K1 for a sample of n values, or 0 where n has no divisor but 1 and itself.
func BlockSize(n int) int {
	root, best := math.Sqrt(float64(n)), 0
	for _, d := range divisors(n) {
		if best == 0 || math.Abs(float64(d)-root) < math.Abs(float64(best)-root) {
			best = d
		}
	}
	return best
}

// divisors returns the divisors of n but 1 and n, ascending.
func divisors(n int) []int {
	var all []int
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			all = append(all, d)
			if d*d < n {
				all = append(all, n/d)
			}
		}
	}
	slices.Sort(all)
	return all
}

// logAbsSum returns log|sum of x|, for sums beyond the largest float64 too.
func logAbsSum(x []float64) float64 {
	const shift = 64
	sum, small := 0.0, 0.0
	for _, v := range x {
		sum += v
		small += math.Ldexp(v, -shift)
	}
	if math.IsInf(sum, 0) || math.IsNaN(sum) {
		return math.Log(math.Abs(small)) + shift*math.Ln2
	}
	return math.Log(math.Abs(sum))
}

func meanLogAbs(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Log(math.Abs(v))
	}
	return sum / float64(len(x))
}
