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
// A power of two changes no digit, and keeps the deviations' fourth powers away from overflow and underflow.
// dev is nil where x is empty, constant or not finite.
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
	// The mean of equal values may miss them by a rounding, which would pass for a spread.
	if slices.Min(x) == slices.Max(x) {
		c.mean = x[0]
		return c
	}
	y, exp := scaled(x, largest)
	mean := subtractMean(y)
	mean += subtractMean(y) // what rounding left in the deviations
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

// unfit says why there is no test of the sample that needs at least so many values; "" if there is.
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

// zScores returns (x - mean) / s in ascending order, s with divisor n-1, of a sample that is fit. It uses up the deviations.
func (c centred) zScores() []float64 {
	z := c.dev
	sum := sumPowers(z)
	floats.Scale(1/math.Sqrt(sum[2]/float64(len(z)-1)), z)
	slices.Sort(z)
	return z
}
