package normality

import "math"

// logNormCDF returns log Phi(z), the logarithm of the standard normal distribution function, to about 1e-13 relative.
// The upper tail is logNormCDF(-z). Where Phi itself underflows (z < -38.5) the logarithm is still exact:
//
//	log Phi(z) = -z^2/2 - log(-z sqrt(2 pi)) + log(1 - 1/z^2 + 3/z^4 - 15/z^6 + ...)
//
// Source: Abramowitz & Stegun 26.2.12. It is -Inf only where z^2/2 overflows.
func logNormCDF(z float64) float64 {
	switch {
	case z > 0:
		return math.Log1p(-math.Erfc(z/math.Sqrt2) / 2)
	case z > -20:
		return math.Log(math.Erfc(-z/math.Sqrt2) / 2)
	}
	const halfLog2Pi = 0.91893853320467274178
	return -z*z/2 - math.Log(-z) - halfLog2Pi + math.Log1p(millsSeries(1/(z*z)))
}

// millsSeries returns -u + 3u^2 - 15u^3 + ..., whose eight terms leave an error below 1e-15 for u <= 1/400.
func millsSeries(u float64) float64 {
	sum, term := 0.0, 1.0
	for k := 1.0; k <= 8; k++ {
		term *= -(float64(2*k) - 1) * u
		sum += term
	}
	return sum
}
