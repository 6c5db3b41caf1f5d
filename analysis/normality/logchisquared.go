package normality

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// logChiSquaredTail returns log P(chi^2_df > x). Where the probability itself is near underflow it uses, with a = df/2 and y = x/2, the
// continued fraction (Abramowitz & Stegun 6.5.31, in its even form)
//
//	Gamma(a, y) = exp(-y) y^a / (y + 1 - a - 1(1-a) / (y + 3 - a - 2(2-a) / (y + 5 - a - ...)))
func logChiSquaredTail(x, df float64) float64 {
	a, y := df/2, x/2
	if p := mathext.GammaIncRegComp(a, y); p > 1e-280 {
		return math.Log(p)
	}
	logGamma, _ := math.Lgamma(a)
	return float64(a*math.Log(y)) - y - logGamma - math.Log(gammaFraction(a, y))
}

// gammaFraction evaluates the denominator for y well above a, from the front (modified Lentz).
func gammaFraction(a, y float64) float64 {
	b := y + 1 - a
	f, c, d := b, b, 0.0
	for k := 1.0; k < 1e5; k++ {
		term := -k * (k - a)
		b += 2
		d = 1 / (b + float64(term*d))
		c = b + term/c
		f *= c * d
		if math.Abs(float64(c*d)-1) < 1e-15 {
			break
		}
	}
	return f
}
