package tail_test

import (
	"fmt"
	"math"
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

// A power law is told from Gaussian data by every method, each at a k of its own.
func ExampleAnalyse() {
	rng := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, 2000)
	for i := range x {
		x[i] = rng.NormFloat64() / math.Sqrt(rng.ExpFloat64()) // Student t with 2 degrees of freedom
	}
	r := tail.Analyse(x, tail.Settings{Seed: 1, Replicates: -1})
	for i, e := range r.Estimates {
		fmt.Printf("%-9s k = %3d: tail index %.1f, %s\n", e.Method, e.K, e.TailIndex, r.Surrogate[i].Verdict)
	}
	// Output:
	// hill      k =  35: tail index 2.0, heavier
	// moment    k = 159: tail index 1.9, heavier
	// pickands  k =  80: tail index 2.7, heavier
	// kernel    k =  35: tail index 1.9, heavier
	// gpd       k = 159: tail index 1.8, heavier
	// power-law k = 593: tail index 1.7, heavier
}
