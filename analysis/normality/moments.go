package normality

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Moments are the first four moments of a sample.
type Moments struct {
	N              int             `json:"n"`
	Mean           estimate.Number `json:"mean"`
	Variance       estimate.Number `json:"variance"` // divisor n-1
	Skewness       Skewness        `json:"skewness"`
	ExcessKurtosis ExcessKurtosis  `json:"excess_kurtosis"`
	Warnings       []string        `json:"warnings,omitempty"`
}

// Skewness holds the two conventions of skewness, with m_r = (1/n) sum (x - mean)^r:
//
//	g1 = m_3 / m_2^1.5                  Biased
//	G1 = g1 sqrt(n (n-1)) / (n-2)       Adjusted, for n >= 3
//
// Source: Joanes & Gill, Comparing measures of sample skewness and kurtosis, The Statistician 47 (1998).
type Skewness struct {
	Biased   estimate.Number   `json:"g1"`
	Adjusted estimate.Number   `json:"G1"`
	CI       estimate.Interval `json:"ci"` // around g1: see interval.go
}

// ExcessKurtosis holds the two conventions of excess kurtosis:
//
//	g2 = m_4 / m_2^2 - 3                             Biased
//	G2 = (n-1) ((n+1) g2 + 6) / ((n-2) (n-3))        Adjusted, for n >= 4
//	g2 <= n - 5 + 1/(n-1), for any data              Ceiling
//
// The ceiling is reached where all values but one are equal: 64 values cannot show an excess kurtosis above 59.02.
type ExcessKurtosis struct {
	Biased   estimate.Number   `json:"g2"`
	Adjusted estimate.Number   `json:"G2"`
	CI       estimate.Interval `json:"ci"` // around g2: see interval.go
	Ceiling  estimate.Number   `json:"ceiling"`
}

// Describe returns the moments of x. Skewness and kurtosis of a constant sample are undefined; everything is undefined if a value is
// NaN or infinite.
//
// The sums are two-pass and compensated: even a mean of 1e6 standard deviations does not reduce the accuracy.
//
// The 95% intervals of g1 and g2, for n >= 8 and at least 5 different values, are jackknife intervals that do not assume normality. Measured coverage at n = 64 to
// 20000 is 94 to 96% on normal and uniform samples, and 92 to 97% (g1) and 90 to 95% (g2) on Laplace and Student t10 samples. That of
// g1 falls to 72% at n = 64 for a population as skewed as the exponential. The upper end of the interval of g2 is unbounded where the
// sample does not limit the fourth moment (16% of normal samples of 256, 1% of 1000).
func Describe(x []float64) Moments {
	c := centre(x)
	g1, g2 := c.shape()
	m := Moments{
		N: c.n, Mean: estimate.Number(c.mean), Variance: estimate.Number(c.variance()),
		Skewness:       Skewness{estimate.Number(g1), estimate.Number(adjustSkewness(g1, c.n)), estimate.None()},
		ExcessKurtosis: ExcessKurtosis{estimate.Number(g2), estimate.Number(adjustKurtosis(g2, c.n)), estimate.None(), ceiling(c.n)},
	}
	if c.dev != nil && c.n >= minIntervalN && !estimate.FewDistinct(c.dev) {
		m.Skewness.CI, m.ExcessKurtosis.CI = shapeIntervals(c.dev, g1, g2)
	}
	m.Warnings = c.warnings(g2)
	if c.dev != nil && !m.Variance.Defined() {
		m.Warnings = append(m.Warnings, "the variance is outside the range of float64")
	}
	return m
}

// shape returns g1 and g2, NaN where undefined.
func (c centred) shape() (g1, g2 float64) {
	if c.dev == nil {
		return math.NaN(), math.NaN()
	}
	return shapeOfSums(sumPowers(c.dev))
}

// variance divides by n-1. It is 0 for equal values, and NaN for fewer than two values, if one is not finite, or if the result is outside
// the range of float64.
func (c centred) variance() float64 {
	if c.n < 2 || math.IsNaN(c.mean) {
		return math.NaN()
	}
	v := math.Ldexp(sumPowers(c.dev)[2]/float64(c.n-1), 2*c.exp)
	if c.dev != nil && v == 0 || math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

func adjustSkewness(g1 float64, size int) float64 {
	if size < 3 {
		return math.NaN()
	}
	n := float64(size)
	return g1 * math.Sqrt(n*(n-1)) / (n - 2)
}

func adjustKurtosis(g2 float64, size int) float64 {
	if size < 4 {
		return math.NaN()
	}
	n := float64(size)
	return (n - 1) * (float64((n+1)*g2) + 6) / ((n - 2) * (n - 3))
}

func ceiling(size int) estimate.Number {
	if size < 2 {
		return estimate.Undefined()
	}
	n := float64(size)
	return estimate.Number(n - 5 + 1/(n-1))
}

func (c centred) warnings(g2 float64) []string {
	most := float64(ceiling(c.n))
	switch {
	case c.n == 0:
		return []string{"the sample is empty"}
	case math.IsNaN(c.mean):
		return []string{"the sample has values that are not finite"}
	case c.n == 1:
		return []string{"one value: a variance needs at least 2"}
	case c.dev == nil:
		return []string{"all values are equal: the shape is undefined"}
	case c.n < 4:
		return []string{fmt.Sprintf("G1 needs at least 3 values, G2 at least 4 and intervals %d, got %d", minIntervalN, c.n)}
	case c.n < minIntervalN:
		return []string{fmt.Sprintf("no intervals for fewer than %d values, got %d", minIntervalN, c.n)}
	case estimate.FewDistinct(c.dev):
		return []string{fmt.Sprintf("no intervals from fewer than %d different values", estimate.MinDistinct)}
	case g2 > most/2:
		return []string{fmt.Sprintf("excess kurtosis %.3g is near the ceiling %.3g of %d values: "+
			"a single value determines it, and its interval means little", g2, most, c.n)}
	}
	return nil
}

// Shape returns the skewness G1 and the excess kurtosis G2 of x, see [Describe], without their intervals: NaN where undefined.
func Shape(x []float64) (g1, g2 float64) {
	c := centre(x)
	skewness, kurtosis := c.shape()
	return adjustSkewness(skewness, c.n), adjustKurtosis(kurtosis, c.n)
}

// GaussianKurtosis is the central 95% range of g2 in normal samples of size n, by the inverse of [DAgostinoKurtosis]; there is none for
// n < 5.
func GaussianKurtosis(n int) estimate.Interval {
	if n < 5 {
		return estimate.None()
	}
	const z = 1.959963984540054 // of 97.5%
	law := newKurtosisLaw(n)
	return estimate.Interval{Lo: law.g2(-z), Hi: law.g2(z)}
}
