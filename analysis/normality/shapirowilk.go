package normality

import (
	"fmt"
	"math"
)

// maxShapiroWilk is the largest sample for which the p-values were fitted.
const maxShapiroWilk = 5000

// ShapiroWilk compares two estimates of the variance, one from the order statistics as a linear function of normal scores and the other
// that of the sample, for 3 <= n <= 5000; a small W is evidence against normality:
//
//	W = (sum a_i x_(i))^2 / sum (x_i - mean)^2,    a_i from m_i = Phi^-1((i - 3/8) / (n + 1/4))
//	n >= 12: log(1 - W) is taken as normal,    4 <= n <= 11: -log(gamma_n - log(1 - W)) is,    n = 3: p is exact
//
// The two outermost a_i (one below n = 6), gamma_n, and mean and variance of the normal are polynomials fitted to simulations.
// If two of three values are equal p would be 0; it is left undefined.
//
// Source: Royston, Remark AS R94: a remark on algorithm AS 181, Applied Statistics 44 (1995).
func ShapiroWilk(x []float64) Test {
	c := centre(x)
	switch why := c.unfit(3); {
	case why != "":
		return undefined(NameShapiroWilk, why)
	case c.n > maxShapiroWilk:
		return undefined(NameShapiroWilk, fmt.Sprintf("its p-values were fitted for at most %d values, got %d", maxShapiroWilk, c.n))
	}
	z := c.zScores()
	if c.n == 3 {
		return shapiroWilk3(z)
	}
	rest := shapiroWilkRest(z, shapiroWilkWeights(c.n))
	return newTest(NameShapiroWilk, 1-rest, logNormCDF(-shapiroWilkZ(rest, float64(c.n))))
}

// shapiroWilkRest returns 1 - W of ascending values of mean 0, without cancellation. The weights of the lower half are the negatives of
// those of the upper half.
func shapiroWilkRest(z, upper []float64) float64 {
	var dot, weights, squares float64
	for i, a := range upper {
		dot += float64(a * (z[len(z)-1-i] - z[i]))
		weights += float64(2 * a * a)
	}
	for _, v := range z {
		squares += float64(v * v)
	}
	root := math.Sqrt(weights * squares)
	return max(0, root-dot) * (root + dot) / (weights * squares) // dot is above root by rounding alone
}

// shapiroWilkWeights returns the weights of the largest value, the second largest, and so on down to the middle, for n > 3.
func shapiroWilkWeights(size int) []float64 {
	n := float64(size)
	m := make([]float64, size/2)
	sum := 0.0
	for i := range m {
		m[i] = math.Sqrt2 * math.Erfcinv(2*(float64(i+1)-0.375)/(n+0.25))
		sum += float64(2 * m[i] * m[i])
	}
	norm, u := math.Sqrt(sum), 1/math.Sqrt(n)
	fitted := []float64{m[0]/norm + polynomial(u, 0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056)}
	if size > 5 {
		fitted = append(fitted, m[1]/norm+polynomial(u, 0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633))
	}
	left := 1.0
	for i, a := range fitted {
		sum -= float64(2 * m[i] * m[i])
		left -= float64(2 * a * a)
	}
	scale := math.Sqrt(left / sum)
	for i := range m {
		m[i] *= scale
	}
	copy(m, fitted)
	return m
}

// shapiroWilkZ maps 1 - W to a standard normal, for n > 3.
func shapiroWilkZ(rest, n float64) float64 {
	y, u := math.Log(rest), math.Log(n)
	if n > 11 {
		return (y - polynomial(u, -1.5861, -0.31082, -0.083751, 0.0038915)) / math.Exp(polynomial(u, -0.4803, -0.082676, 0.0030302))
	}
	// gamma_n is larger than log(1 - W) of every sample.
	y = -math.Log(polynomial(n, -2.273, 0.459) - y)
	return (y - polynomial(n, 0.544, -0.39978, 0.025054, -0.0006714)) / math.Exp(polynomial(n, 1.3822, -0.77857, 0.062767, -0.0020322))
}

// shapiroWilk3 is the exact test of three values, s the smaller spacing over the range:
//
//	W = (3/4) / (1 - s + s^2),    p = (6/pi) (asin sqrt W - asin sqrt(3/4)) = (6/pi) atan(sqrt 3 s / (2 - s))
func shapiroWilk3(z []float64) Test {
	s := min(z[1]-z[0], z[2]-z[1]) / (z[2] - z[0])
	t := newTest(NameShapiroWilk, 0.75/(1-s+float64(s*s)), math.Log(6/math.Pi*math.Atan(math.Sqrt(3)*s/(2-s))))
	if s == 0 {
		t = undefined(NameShapiroWilk, "two of three values are equal: p is 0")
		t.Statistic = 0.75
	}
	return t
}

// polynomial returns c0 + c1 x + c2 x^2 + ...
func polynomial(x float64, c ...float64) float64 {
	sum := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		sum = float64(sum*x) + c[i]
	}
	return sum
}
