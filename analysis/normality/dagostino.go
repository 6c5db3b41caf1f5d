package normality

import "math"

// DAgostinoSkewness tests g1 = 0 by a transformation of g1 to a standard normal z, for n >= 8; p is two-sided:
//
//	z = delta asinh(Y / a),    Y = g1 sqrt((n+1)(n+3) / (6(n-2)))
//
// Source: D'Agostino, Transformation to normality of the null distribution of g1, Biometrika 57 (1970).
func DAgostinoSkewness(x []float64) Test {
	c := centre(x)
	if why := c.unfit(8); why != "" {
		return undefined(NameDAgostinoSkewness, why)
	}
	z := skewnessZ(c)
	return newTest(NameDAgostinoSkewness, z, logTwoSided(z))
}

// DAgostinoKurtosis tests g2 = 0 by the Wilson-Hilferty transformation of g2 + 3 to a standard normal z, for n >= 5; p is
// two-sided:
//
//	z = (1 - 2/(9a) - X^(1/3)) / sqrt(2/(9a)),    X = (1 - 2/a) / (1 + y sqrt(2/(a-4))),    y = (g2 - mean)/sd
//
// Below n = 20 the approximation is rough. X is a chi-squared over its degrees of freedom a: it cannot be negative, and where y is so
// low that the formula makes it so (g2 near -4/3 and below in large samples, those of two clumps), samples of the fitted law do not
// reach. A deviation: z stays there at its value for X = 64, near -3/sqrt(2/(9a)), and p is at most what is given. (The cube root of a
// negative X would make the flattest of all samples one of heavy tails.)
//
// Source: Anscombe & Glynn, Distribution of the kurtosis statistic b2 for normal samples, Biometrika 70 (1983).
func DAgostinoKurtosis(x []float64) Test {
	c := centre(x)
	if why := c.unfit(5); why != "" {
		return undefined(NameDAgostinoKurtosis, why)
	}
	_, g2 := c.shape()
	law := newKurtosisLaw(c.n)
	z := law.z(g2)
	t := newTest(NameDAgostinoKurtosis, z, logTwoSided(z))
	if law.ratio(g2) == largestRatio {
		t.Floor = t.PValue
	}
	return t
}

// DAgostinoK2 is the omnibus test, for n >= 8:
//
//	K^2 = z_skewness^2 + z_kurtosis^2,    p = P(chi^2_2 > K^2) = exp(-K^2/2)
//
// Source: D'Agostino & Pearson, Tests for departure from normality, Biometrika 60 (1973).
func DAgostinoK2(x []float64) Test {
	c := centre(x)
	if why := c.unfit(8); why != "" {
		return undefined(NameDAgostinoK2, why)
	}
	z1, z2 := skewnessZ(c), kurtosisZ(c)
	k2 := float64(z1*z1) + float64(z2*z2)
	return newTest(NameDAgostinoK2, k2, -k2/2)
}

func skewnessZ(c centred) float64 {
	g1, _ := c.shape()
	n := float64(c.n)
	y := g1 * math.Sqrt((n+1)*(n+3)/(6*(n-2)))
	beta2 := 3 * (float64(n*n) + float64(27*n) - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9))
	w2 := math.Sqrt(2*(beta2-1)) - 1
	delta := 1 / math.Sqrt(math.Log(w2)/2)
	return delta * math.Asinh(y*math.Sqrt((w2-1)/2))
}

func kurtosisZ(c centred) float64 {
	_, g2 := c.shape()
	return newKurtosisLaw(c.n).z(g2)
}

// kurtosisLaw is the distribution of g2 under normality: mean, standard deviation, and the degrees of freedom a of the chi-squared
// distribution that approximates it.
type kurtosisLaw struct{ mean, sd, a float64 }

func newKurtosisLaw(size int) kurtosisLaw {
	n := float64(size)
	variance := 24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5))
	// The skewness of g2 under normality.
	skew := 6 * (float64(n*n) - float64(5*n) + 2) / ((n + 7) * (n + 9)) * math.Sqrt(6*(n+3)*(n+5)/(n*(n-2)*(n-3)))
	return kurtosisLaw{3*(n-1)/(n+1) - 3, math.Sqrt(variance), 6 + float64(8/skew*(2/skew+math.Sqrt(1+4/(skew*skew))))}
}

func (l kurtosisLaw) z(g2 float64) float64 {
	h := 2 / (9 * l.a)
	return (1 - h - math.Cbrt(l.ratio(g2))) / math.Sqrt(h)
}

// largestRatio ends the chi-squared ratio before the g2 at which it becomes infinite.
const largestRatio = 64

// ratio is the chi-squared over its degrees of freedom that g2 stands for.
func (l kurtosisLaw) ratio(g2 float64) float64 {
	y := (g2 - l.mean) / l.sd
	inverse := (1 + float64(y*math.Sqrt(2/(l.a-4)))) / (1 - 2/l.a)
	if inverse < 1./largestRatio {
		return largestRatio
	}
	return 1 / inverse
}

// g2 is the inverse of z.
func (l kurtosisLaw) g2(z float64) float64 {
	h := 2 / (9 * l.a)
	root := 1 - h - float64(z*math.Sqrt(h))
	y := ((1-2/l.a)/(root*root*root) - 1) / math.Sqrt(2/(l.a-4))
	return l.mean + float64(y*l.sd)
}
