package normality_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

// rows are normal in three columns and Laplace in the fourth.
func rows(n int) normality.Rows {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 0, 4*n)
	for range n {
		x = append(x, r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.ExpFloat64()-r.ExpFloat64())
	}
	return normality.Rows{N: n, D: 4, X: x}
}

func ExampleMultivariate() {
	result := normality.Multivariate(rows(400), normality.MultivariateOptions{Seed: 1, Replicates: 99})
	for _, t := range result.Tests[1:] { // the law is symmetric
		fmt.Printf("%-15s rejects at 5%%: %v\n", t.Name, t.PValue < 0.05)
	}
	// Output:
	// mardia-kurtosis rejects at 5%: true
	// henze-zirkler   rejects at 5%: true
	// energy          rejects at 5%: true
}

func ExamplePursue() {
	p := normality.Pursue(rows(2000), 1)
	fmt.Printf("weight of the fourth column: %.1f\n", math.Abs(p.Direction[3]))
	fmt.Printf("held-out g2 within the Gaussian range: %v\n", p.Gaussian.Contains(float64(p.HeldOut)))
	// Output:
	// weight of the fourth column: 1.0
	// held-out g2 within the Gaussian range: false
}

func ExampleUnivariate() {
	r := normality.Univariate([]float64{-1.2, 0.3, 0.8, -0.4, 0.1})
	fmt.Println(len(r.Tests), "tests")
	for _, warning := range r.Warnings {
		fmt.Println(warning)
	}
	// Output:
	// 8 tests
	// no intervals for fewer than 8 values, got 5
	// dagostino-skewness, dagostino-k2, anderson-darling, cramer-von-mises: needs at least 8 values, got 5
}

func ExampleShapiroWilk() {
	t := normality.ShapiroWilk([]float64{-1.2, 0.3, 0.8, -0.4, 0.1, 1.1, -0.7, 0.2, 6.5, -0.1})
	fmt.Printf("W = %.4f, p = %.2g\n", t.Statistic, t.PValue)
	// Output:
	// W = 0.6741, p = 0.00043
}

func ExampleBenjaminiHochberg() {
	adjusted := normality.BenjaminiHochberg([]float64{math.Log(0.001), math.Log(0.04), math.Log(0.6)})
	for _, logP := range adjusted {
		fmt.Printf("%.3f\n", math.Exp(logP))
	}
	// Output:
	// 0.003
	// 0.060
	// 0.600
}
