package tail_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// Hill gives a Gaussian sample a tail index as well; the band of its surrogates tells what that is worth.
func Example() {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 1000)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	k := tail.DefaultK(len(x))
	hill := tail.Hill(x, tail.Absolute, k)
	band := tail.GaussianBand(x, tail.Absolute, k, tail.Hill, tail.Replicates, rng)
	fmt.Printf("k = %d: tail index %.1f, Gaussian %.1f to %.1f, consistent: %t\n",
		k, hill.TailIndex, band.Band.Lo, band.Band.Hi, band.Contains(hill))
	// Output:
	// k = 32: tail index 6.3, Gaussian 5.2 to 9.6, consistent: true
}
