package compare_test

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
)

// Accuracies of three seeds with NE and with plain SGD of the same B_eff: paired by seed, and tested for equality within 0.3 points.
func ExamplePaired() {
	ne := []float64{0.8912, 0.8874, 0.8931}
	sgd := []float64{0.8908, 0.8869, 0.8929}
	d := compare.Paired(ne, sgd, compare.Linear)
	fmt.Printf("%.3f points [%.3f, %.3f]\n", 100*d.Value, 100*d.CI.Lo, 100*d.CI.Hi)
	fmt.Printf("p = %.3f of no difference, p = %.4f of 0.3 points or more\n", d.PValue, d.EqualWithin(0.003).PValue)
	// Output:
	// 0.037 points [-0.001, 0.075]
	// p = 0.053 of no difference, p = 0.0006 of 0.3 points or more
}

func ExampleHolm() {
	fmt.Printf("%.2f\n", compare.Holm([]float64{0.01, 0.04, 0.03, 0.005}))
	// Output: [0.03 0.06 0.06 0.02]
}
