package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Pickands returns Pickands' estimate from the 4k largest values of a side, which needs 4k <= n:
//
//	gamma = log((y_k - y_2k) / (y_2k - y_4k)) / log 2
//
// It holds for every gamma and does not change with shift and scale of the data. Its variance is large: the standard error is near
// 1.9/sqrt k at gamma = 1/2. It is undefined if one of the differences is 0.
//
// The interval inverts a normal distribution with the mean and the variance for a generalised Pareto tail, in which log 2 is replaced by the
// exact moments of the spacings: with s_1 = sum_(k<=i<2k) 1/i, v_1 = sum 1/i^2, and s_2, v_2 the same from 2k to 4k,
//
//	(gamma_hat - m(gamma))^2 <= 1.96^2 v(gamma),    m = log((e^(gamma s_1) - 1) / (1 - e^(-gamma s_2))) / log 2
//	v = (gamma/log 2)^2 (v_1/(1 - e^(-gamma s_1))^2 + v_2/(e^(gamma s_2) - 1)^2)
//
// Measured coverage on Pareto with gamma = 1/2, 4000 samples of 1000, in %: 94.0, 95.1, 95.1, 95.0, 95.1, 94.8 at k = 5, 10, 16, 32, 100, 200.
//
// Source: Pickands, Statistical inference using extreme order statistics, Annals of Statistics 3 (1975). The interval is the
// delta method on the Renyi representation of the spacings; as k grows v becomes the variance of Dekkers & de Haan, Annals of
// Statistics 17 (1989), theorem 2.3.
func Pickands(x []float64, side Side, k int) Estimate { return pickands.of(x, side, k) }

func pickandsOf(k int) fit {
	return func(y []float64) (float64, func() estimate.Interval) {
		gamma := pickandsGamma(y, k)
		return gamma, func() estimate.Interval { return pickandsInterval(gamma, k) }
	}
}

// pickandsGamma is the estimate from the 4k largest values.
func pickandsGamma(y []float64, k int) float64 {
	// Halves, since a difference of two finite values may overflow.
	upper, lower := y[k-1]/2-y[2*k-1]/2, y[2*k-1]/2-y[4*k-1]/2
	if !(upper > 0 && lower > 0) {
		return math.NaN()
	}
	return (math.Log(upper) - math.Log(lower)) / math.Ln2
}

// pickandsInterval is the 95% interval of gamma. An end below -10 or above 50 is returned as unbounded.
func pickandsInterval(gamma float64, k int) estimate.Interval {
	s1, v1 := harmonic(k, 2*k)
	s2, v2 := harmonic(2*k, 4*k)
	// distance is the number of standard deviations by which gamma is below its mean for g; it increases with g.
	distance := func(g float64) float64 {
		if math.Abs(g) < 1e-6 {
			g = 1e-6
		}
		up, down := math.Expm1(g*s1), -math.Expm1(-g*s2)
		mean := math.Log(up/down) / math.Ln2
		a, b := (up+1)/up, (1-down)/down
		return (mean - gamma) * math.Ln2 / (math.Abs(g) * math.Sqrt(float64(a*a*v1)+float64(b*b*v2)))
	}
	z := normalQuantile
	ci := estimate.Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	if distance(-10) < -z {
		ci.Lo = root(func(g float64) float64 { return distance(g) + z }, -10, 50)
	}
	if distance(50) > z {
		ci.Hi = root(func(g float64) float64 { return distance(g) - z }, -10, 50)
	}
	return ci
}

// harmonic returns the sums of 1/i and 1/i^2 from lo to hi-1.
func harmonic(lo, hi int) (sum, squares float64) {
	for i := lo; i < hi; i++ {
		v := 1 / float64(i)
		sum += v
		squares += float64(v * v)
	}
	return sum, squares
}
