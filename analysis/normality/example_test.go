package normality_test

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

func Example() {
	x := []float64{-1.2, 0.3, 0.8, -0.4, 0.1, 1.1, -0.7, 0.2, 6.5, -0.1}
	m := normality.Describe(x)
	fmt.Printf("g1 = %.3f, g2 = %.3f of at most %.1f\n", m.Skewness.Biased, m.ExcessKurtosis.Biased, m.ExcessKurtosis.Ceiling)
	jb := normality.JarqueBera(x)
	fmt.Printf("%s: %.2f, p = %.2g\n", jb.Name, jb.Statistic, jb.PValue)
	// Output:
	// g1 = 2.190, g2 = 3.697 of at most 5.1
	// jarque-bera: 13.68, p = 0.0011
}
