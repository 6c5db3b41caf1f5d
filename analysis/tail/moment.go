package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Moment returns the moment estimate of Dekkers, Einmahl and de Haan from the k largest values of a side:
//
//	gamma = M_1(k) + 1 - 1/2 / (1 - M_1(k)^2 / M_2(k))
//
// Unlike Hill it holds for every gamma: it is near 0 for exponential-like tails and negative for bounded ones, so that it can show that a
// tail is not heavy. It needs k >= 2, and values above the threshold that are not all equal.
//
// The interval inverts the asymptotic normal distribution with, to first order, the bias for exact Pareto values:
//
//	(gamma_hat + 3/k - gamma)^2 <= 1.96^2 (1 + gamma^2) / k
//
// for k >= 4. The interval of the tail index is unbounded above if that of gamma includes values <= 0, and there is none if it has only
// such values. (For gamma < 0 the variance is different, but the two agree at 0, so that this cannot move an end across 0.) Measured
// coverage on Pareto with gamma = 1/2, 20,000 samples of 1000, in %: 84.2, 90.9, 93.1, 94.6, 95.2, 95.2 at k = 5, 10, 16, 32, 100, 200.
//
// Source: Dekkers, Einmahl & de Haan, A moment estimator for the index of an extreme-value distribution, Annals of
// Statistics 17 (1989), theorem 2.1 and corollary 3.2. The bias is the second-order delta method on the means of l and
// l^2, for exponential l.
func Moment(x []float64, side Side, k int) Estimate { return moment.of(x, side, k) }

func momentOf(k int) fit {
	return above(func(y []float64) (float64, func() estimate.Interval) {
		gamma := momentGamma(logMoments(y))
		return gamma, func() estimate.Interval { return momentInterval(gamma, k) }
	})
}

// momentGamma is undefined if the values above the threshold are equal: their spread is then 0, or a rounding error; 0/0 is NaN, and is
// rejected too.
func momentGamma(m1, m2 float64) float64 {
	spread := 1 - m1*m1/m2
	if !(spread > 1e-13) {
		return math.NaN()
	}
	return m1 + 1 - 0.5/spread
}

// momentInterval is the positive part of the 95% interval of gamma.
func momentInterval(gamma float64, k int) estimate.Interval {
	q := normalQuantile * normalQuantile / float64(k)
	if q >= 1 {
		return estimate.None()
	}
	c := gamma + 3/float64(k)
	d := math.Sqrt(q * (float64(c*c) + 1 - q))
	return estimate.Interval{Lo: (c - d) / (1 - q), Hi: (c + d) / (1 - q)}
}
