package noise_test

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

func ExampleFactor() {
	for _, alpha := range []float64{0.5, 1, 1.5, 3} {
		fmt.Printf("alpha %3.1f  f %4.1f\n", alpha, noise.Factor(alpha))
	}
	fmt.Printf("noise of a quarter of the batch: alpha %.3f\n", noise.AlphaFor(4))
	// Output:
	// alpha 0.5  f  0.5
	// alpha 1.0  f  1.0
	// alpha 1.5  f  2.5
	// alpha 3.0  f 13.0
	// noise of a quarter of the batch: alpha 1.823
}

// Where a minibatch is a tenth of the training set, B_eff of independent pairs differs visibly from B / f.
func ExampleEffectiveBatch() {
	for _, p := range noise.Pairings {
		fmt.Printf("%-12s %.1f\n", p, noise.EffectiveBatch(p, 50000, 5000, 1.5))
	}
	// Output:
	// independent  2127.7
	// disjoint     2000.0
	// replacement  2000.0
}

// NE enlarges the covariance of the noise, and lowers its excess kurtosis.
func ExampleMoments() {
	population := noise.NewPopulation([]float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 10})
	for _, alpha := range []float64{1, 1.5} {
		m := noise.Moments(noise.Replacement, population, 5, alpha)
		fmt.Printf("alpha %.1f  variance %.2f  excess kurtosis %.3f\n", alpha, m.Mu2, m.ExcessKurtosis())
	}
	// Output:
	// alpha 1.0  variance 1.80  excess kurtosis 1.022
	// alpha 1.5  variance 4.50  excess kurtosis 0.838
}

// With per-sample gradients of one's own, one number each here, the identity is a few lines: draw pairs, combine them, and
// compare the mean square of the noise with the prediction.
func Example_ownGradients() {
	const population, batch, alpha, draws = 400, 20, 1.5, 20000
	rng := seed.New(1, "example")
	gradients := make([]float64, population)
	for i := range gradients {
		gradients[i] = 3 + rng.ExpFloat64()
	}
	meanOf := func(index []int) (sum float64) {
		for _, i := range index {
			sum += gradients[i] / float64(len(index))
		}
		return sum
	}

	everything := make([]int, population)
	noise.Subset(rng, population, everything)
	full := meanOf(everything)
	b, bPrime := make([]int, batch), make([]int, batch)
	measured := 0.0
	for range draws {
		noise.Draw(rng, noise.Disjoint, population, b, bPrime)
		ne := alpha*meanOf(b) + (1-alpha)*meanOf(bPrime) - full
		measured += ne * ne / draws
	}

	sigma := noise.NewPopulation(gradients).C2
	predicted := noise.CovarianceFactor(noise.Disjoint, population, batch, alpha) * sigma
	fmt.Printf("measured / predicted = %.2f\n", measured/predicted)
	// Output:
	// measured / predicted = 0.99
}
