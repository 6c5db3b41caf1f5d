package noise

import "math"

// Factor is the enhancement of the noise covariance by two independent minibatches, Eq. 10:
//
//	f(alpha) = alpha^2 + (1 - alpha)^2
//
// It is 1 at alpha = 0 and 1, and smallest at alpha = 1/2, where it is 1/2: a plain minibatch of 2B. (The first line of Eq. 10
// is printed as alpha^2 + (1 - alpha^2), which is 1 for every alpha: a misprint. Eq. 9 and the second line give this formula.)
func Factor(alpha float64) float64 { return PowerSum(alpha, 2) }

// PowerSum is the factor by which NE multiplies a cumulant of order r:
//
//	s_r = alpha^r + (1 - alpha)^r
func PowerSum(alpha float64, r int) float64 {
	return math.Pow(alpha, float64(r)) + math.Pow(1-alpha, float64(r))
}

// AlphaFor is the inverse of [Factor] on alpha >= 1/2, and NaN for f < 1/2:
//
//	alpha = (1 + sqrt(2f - 1)) / 2
func AlphaFor(f float64) float64 { return (1 + math.Sqrt(float64(2*f)-1)) / 2 }

// SkewnessRatio and KurtosisRatio compare NE at B with SGD at B_eff = B/f, which has the same covariance, for i.i.d. draws:
//
//	skewness:         s_3 / f^2
//	excess kurtosis:  s_4 / f^3        (0.328 at alpha = 1.5)
//
// At equal covariance NE is the more Gaussian of the two, which the second moment cannot show.
func SkewnessRatio(alpha float64) float64 { return PowerSum(alpha, 3) / math.Pow(Factor(alpha), 2) }

// KurtosisRatio is described at [SkewnessRatio].
func KurtosisRatio(alpha float64) float64 { return PowerSum(alpha, 4) / math.Pow(Factor(alpha), 3) }

// KurtosisRatioSameBatch is the ratio of the excess kurtosis of NE at B to that of SGD at the same B: s_4 / f^2, between 1/2 and 1
// for every alpha.
func KurtosisRatioSameBatch(alpha float64) float64 {
	return PowerSum(alpha, 4) / math.Pow(Factor(alpha), 2)
}

// StableScale is the factor by which NE multiplies the scale of symmetric s-stable noise, 0 < s <= 2:
//
//	(|alpha|^s + |1-alpha|^s)^(1/s)
//
// It is sqrt(f) at s = 2. The scale is to be measured by a quantile or by exp E log|.|: the root mean square gives s = 2 for any data.
func StableScale(alpha, s float64) float64 {
	return math.Pow(math.Pow(math.Abs(alpha), s)+math.Pow(math.Abs(1-alpha), s), 1/s)
}
