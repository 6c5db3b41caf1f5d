package tail

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// gaussianLargest returns the m largest values of a side of n Gaussian values, in descending order, without drawing the others: the
// smallest of n uniform values are partial sums of exponentials divided by the sum of n+1 of them. For both ends of the sample at once
// this needs 2m <= n; otherwise the whole sample is drawn.
func gaussianLargest(mean, sd float64, n, m int, side Side, rng *rand.Rand) []float64 {
	if 2*m > n {
		x := make([]float64, n)
		for i := range x {
			x[i] = mean + sd*rng.NormFloat64()
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
		low[i] = side.of(mean + sd*mathext.NormalQuantile(low[i]/total))
		high[i] = side.of(mean - sd*mathext.NormalQuantile(high[i]/total))
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

// cubeRootK is the smallest integer >= n^(2/3), at most n-1: the best k grows at this rate if the second-order parameter is -1.
func cubeRootK(n int) int {
	root := math.Cbrt(float64(n))
	return max(0, min(int(math.Ceil(root*root-1e-9)), n-1))
}
