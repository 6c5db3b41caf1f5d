// Package elementary has exp and log with the same bits on every processor. Those of package math are assembly on some, with fused
// multiply-adds on some of these, and the compiler fuses what is in Go; they differ in the last place. (Powers with whole exponents, square
// roots and what rounds to integers are the same everywhere in package math.)
//
// The algorithms are those of package math in Go, after FreeBSD's msun, with every product rounded:
//
//	Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//	Developed at SunPro, a Sun Microsystems, Inc. business.
//	Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
package elementary

import "math"

// ln 2 in two parts: a multiple of the first by an integer below 2^20 is exact.
const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

// Exp returns e^x, within a unit in the last place.
func Exp(x float64) float64 {
	const overflow, underflow, small = 7.09782712893383973096e+02, -7.45133219101941108420e+02, 1.0 / (1 << 28)
	switch {
	case math.IsNaN(x):
		return x
	case x > overflow:
		return math.Inf(1)
	case x < underflow:
		return 0
	case -small < x && x < small:
		return 1 + x
	}
	k := int(float64(math.Log2E*x) + math.Copysign(0.5, x))
	high, low := x-float64(float64(k)*ln2High), float64(float64(k)*ln2Low)
	r := high - low
	t := float64(r * r)
	c := r - float64(t*polynomial(t, 1.66666666666666657415e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05,
		-1.65339022054652515390e-06, 4.13813679705723846039e-08))
	return math.Ldexp(1-((low-float64(r*c)/(2-c))-high), k)
}

// Log returns the natural logarithm of x, within a unit in the last place; NaN for x < 0.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction *= 2
		exponent--
	}
	f, k := fraction-1, float64(exponent)
	s, half := f/(2+f), float64(0.5*f*f)
	return float64(k*ln2High) - ((half - (float64(s*(half+logRest(s))) + float64(k*ln2Low))) - f)
}

// logRest is log((1+s)/(1-s))/s - 2, for |s| < 0.1716.
func logRest(s float64) float64 {
	square := float64(s * s)
	fourth := float64(square * square)
	odd := float64(square * polynomial(fourth, 6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860511658591e-01))
	even := float64(fourth * polynomial(fourth, 3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01))
	return odd + even
}

// polynomial has the coefficients c, that of the constant first.
func polynomial(x float64, c ...float64) float64 {
	sum := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		sum = c[i] + float64(x*sum)
	}
	return sum
}

// Log1p returns log(1 + x), for x >= 0 within two units in the last place.
func Log1p(x float64) float64 {
	switch u := 1 + x; {
	case u == 1:
		return x
	case math.IsInf(u, 1):
		return u
	default:
		// What 1 + x lost, to first order (Higham, Accuracy and Stability of Numerical Algorithms, section 1.14.1).
		return Log(u) + (x-(u-1))/u
	}
}
