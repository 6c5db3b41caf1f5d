package normality

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// centred is a sample split into mean, scale and deviations:
//
//	x[i] = mean + 2^exp dev[i]    with max |dev| in [1/2, 1)
//
// Scaling by a power of two is exact, and keeps the fourth powers of the deviations from overflow and underflow. dev is nil where x is
// empty, constant or not finite.
type centred struct {
	n    int
	mean float64
	exp  int
	dev  []float64
}

func centre(x []float64) centred {
	c := centred{n: len(x), mean: math.NaN()}
	largest := maxAbs(x)
	if len(x) == 0 || math.IsNaN(largest) || math.IsInf(largest, 0) {
		return c
	}
	// The mean of equal values may differ from them by rounding, which would look like a spread.
	if slices.Min(x) == slices.Max(x) {
		c.mean = x[0]
		return c
	}
	y, exp := scaled(x, largest)
	mean := subtractMean(y)
	mean += subtractMean(y) // the rest that rounding has left in the deviations
	c.mean = math.Ldexp(mean, exp)
	dev, more := scaled(y, maxAbs(y))
	c.dev, c.exp = dev, exp+more
	return c
}

// subtractMean centres y in place and returns what it subtracted.
func subtractMean(y []float64) float64 {
	mean := floats.SumCompensated(y) / float64(len(y))
	for i := range y {
		y[i] -= mean
	}
	return mean
}

// scaled returns x / 2^exp, with exp such that largest, the largest |x|, becomes a number in [1/2, 1).
func scaled(x []float64, largest float64) (y []float64, exp int) {
	_, exp = math.Frexp(largest)
	y = make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Ldexp(v, -exp)
	}
	return y, exp
}

func maxAbs(x []float64) float64 {
	largest := 0.0
	for _, v := range x {
		largest = max(largest, math.Abs(v)) // NaN stays
	}
	return largest
}

// unfit says why a test that needs at least least values is undefined for the sample; "" if it is defined.
func (c centred) unfit(least int) string {
	switch {
	case c.n < least:
		return fmt.Sprintf("needs at least %d values, got %d", least, c.n)
	case math.IsNaN(c.mean):
		return "the sample has values that are not finite"
	case c.dev == nil:
		return "all values are equal"
	}
	return ""
}

// zScores returns (x - mean) / s in ascending order, s with divisor n-1. It overwrites the deviations.
func (c centred) zScores() []float64 {
	z := c.dev
	sum := sumPowers(z)
	floats.Scale(1/math.Sqrt(sum[2]/float64(len(z)-1)), z)
	slices.Sort(z)
	return z
}
