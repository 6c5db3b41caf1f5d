package tail

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Moment returns the moment estimate of Dekkers, Einmahl and de Haan from the k largest values of a side:
//
//	gamma = M_1(k) + 1 - 1/2 / (1 - M_1(k)^2 / M_2(k))
//
// Unlike Hill it holds for every gamma: near 0 for exponential-like tails, negative for bounded ones, so it can say "not
// heavy". It needs k >= 2 and values above the threshold that differ.
//
// The interval inverts the asymptotic normal law with the bias that it has for exact Pareto values, to first order:
//
//	(gamma_hat + 3/k - gamma)^2 <= 1.96^2 (1 + gamma^2) / k
//
// for k >= 4; that of the tail index is unbounded above where gamma <= 0 is possible, and absent where nothing else is. (The
// variance is another for gamma < 0, but the two agree at 0, so it cannot move an end across.) Measured coverage on
// Pareto with gamma = 1/2, 20,000 samples of 1000, in %: 84.2, 90.9, 93.1, 94.6, 95.2, 95.2 at k = 5, 10, 16, 32, 100, 200.
//
// Source: Dekkers, Einmahl & de Haan, A moment estimator for the index of an extreme-value distribution, Annals of
// Statistics 17 (1989), theorem 2.1 and corollary 3.2. The bias is the second-order delta method on the means of l and
// l^2, for exponential l.
func Moment(x []float64, side Side, k int) Estimate {
	y := top(x, side, k)
	if y == nil {
		return undefined(NameMoment, k)
	}
	gamma := momentGamma(logMoments(y))
	if math.IsNaN(gamma) {
		return undefined(NameMoment, k)
	}
	return newEstimate(NameMoment, k, gamma, momentInterval(gamma, k))
}

// momentGamma is undefined where the values above the threshold are equal: these leave a spread of 0, or of its rounding, and
// 0/0 is NaN and fails too.
func momentGamma(m1, m2 float64) float64 {
	spread := 1 - m1*m1/m2
	if !(spread > 1e-13) {
		return math.NaN()
	}
	return m1 + 1 - 0.5/spread
}

// momentInterval is the 95% interval of gamma, as far as it is positive.
func momentInterval(gamma float64, k int) estimate.Interval {
	z := distuv.UnitNormal.Quantile(0.5 + estimate.Level/2)
	q := z * z / float64(k)
	if q >= 1 {
		return estimate.None()
	}
	c := gamma + 3/float64(k)
	d := math.Sqrt(q * (c*c + 1 - q))
	return estimate.Interval{Lo: (c - d) / (1 - q), Hi: (c + d) / (1 - q)}
}
