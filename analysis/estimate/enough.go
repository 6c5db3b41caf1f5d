package estimate

import "math"

// mostEnough bounds what [Enough] returns: no training set has so many samples, and no machine draws as often.
const mostEnough = 1e15

// Enough is a number of units, draws or resamples that would do, given the estimated one: rounded up to two significant digits, since it is
// no better known. It is 0 where there is none.
func Enough(x float64) int {
	if !(x > 0 && x < mostEnough) {
		return 0
	}
	step := math.Pow(10, max(0, math.Floor(math.Log10(x))-1))
	return int(math.Ceil(x/step-1e-9) * step)
}
