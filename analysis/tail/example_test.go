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

// The conclusion is about the variance and about Gaussian data; each method has a row, at a k of its own.
func ExampleAnalyse() {
	rng := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, 2000)
	for i := range x {
		x[i] = rng.NormFloat64() / math.Sqrt(rng.ExpFloat64()) // Student t with 2 degrees of freedom
	}
	r := tail.Analyse(x, tail.Settings{Seed: 1, Replicates: -1})
	fmt.Println(r.Conclusion.Sentence)
	fmt.Println(r.Conclusion.Comparison.Sentence)
	for _, e := range r.Estimates {
		fmt.Printf("%-9s k = %4d: tail index %.1f\n", e.Method, e.K, e.TailIndex)
	}
	// Output:
	// The tail index is 2.07 (95% interval 1.31 to 3.28) by the moment estimate from the 96 largest of 2000 values: whether the variance is finite is undecided, since the interval contains 2.
	// The tail is heavier than that of Gaussian samples of the same size, mean and standard deviation by 5 of 6 methods.
	// hill      k =   35: tail index 2.0
	// moment    k =   96: tail index 2.1
	// pickands  k =   48: tail index 2.8
	// kernel    k =   35: tail index 1.9
	// gpd       k =   96: tail index 2.1
	// power-law k =  593: tail index 1.7
}
