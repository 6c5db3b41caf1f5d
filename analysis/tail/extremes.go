package tail

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// largest returns the m largest values of a side of n values of c, in descending order, without drawing the others: the smallest of n
// uniform values are partial sums of exponentials divided by the sum of n+1 of them. For both ends of the sample at once this needs
// 2m <= n; otherwise the whole sample is drawn.
func (c Counterpart) largest(n, m int, side Side, rng *rand.Rand) []float64 {
	if 2*m > n {
		x := make([]float64, n)
		for i := range x {
			x[i] = c.draw(rng)
		}
		return largest(x, side, m)
	}
	sums := make([]float64, 2*m)
	for i := range sums {
		sums[i] = rng.ExpFloat64()
	}
	low, high := sums[:m], sums[m:]
	total := cumulate(low) + cumulate(high) + distuv.Gamma{Alpha: float64(n + 1 - 2*m), Beta: 1, Src: rng}.Rand()
	for i := range m {
		low[i], high[i] = side.of(c.low(low[i]/total)), side.of(c.high(high[i]/total))
	}
	slices.Sort(sums)
	slices.Reverse(sums)
	return sums[:m]
}

// cumulate replaces values by their partial sums and returns the last.
func cumulate(x []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v
		x[i] = sum
	}
	return sum
}

// undersmoothedK is the smallest integer >= n^0.6, at most n-1. The error of an estimate is smallest for k that grows as n^(2/3), if the
// second-order parameter is -1; there bias and standard error fall alike, and no interval of the latter alone covers. At a slower rate bias
// becomes small against it.
func undersmoothedK(n int) int {
	return max(0, min(int(math.Ceil(math.Pow(float64(n), 0.6)-1e-9)), n-1))
}
