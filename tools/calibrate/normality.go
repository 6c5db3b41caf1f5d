package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

// momentCases are samples of five shapes; g1 and g2 of a small sample are biased towards 0, as they must be.
func momentCases() (all []experiment) {
	for _, shape := range []struct {
		name   string
		draw   func(*rand.Rand) float64
		g1, g2 float64 // in closed form
		light  bool
	}{
		{"normal", normal, 0, 0, true},
		{"uniform", uniform, 0, -1.2, true},
		{"Laplace", laplace, 0, 3, false},
		{"Student t10", student(10), 0, 1, false},
		{"exponential", exponential, 2, 6, false},
	} {
		for _, n := range []int{20, 100, 1000} {
			bar := barredIf(shape.light && n > 20)
			all = append(all, experiment{
				section: sectionMoments, data: shape.name, n: n, share: 5,
				targets: []target{bar("g1", shape.g1), bar("g2", shape.g2)},
				read: func(rng *rand.Rand) []reading {
					m := normality.Describe(sample(rng, n, shape.draw))
					return []reading{estimated(m.Skewness.Biased, m.Skewness.CI), estimated(m.ExcessKurtosis.Biased, m.ExcessKurtosis.CI)}
				},
			})
		}
	}
	return all
}

// normalityCases are the sizes of the tests, at n = 20, 100 and 1000.
func normalityCases() (all []experiment) {
	for _, n := range []int{20, 100, 1000} {
		all = append(all, univariateCase(n))
	}
	return append(all, multivariateCase(20, 3, 99, 1), multivariateCase(100, 3, 99, 0.5), multivariateCase(1000, 3, 19, 0.1),
		pursuitCase(100), pursuitCase(1000))
}

func univariateCase(n int) experiment {
	var targets []target
	for _, t := range normality.Tests([]float64{1, 2}) {
		targets = append(targets, test(t.Name))
	}
	return experiment{
		section: sectionNormality, data: "normal", n: n, share: 2.5, targets: targets,
		read: func(rng *rand.Rand) []reading { return pValues(normality.Tests(sample(rng, n, normal))) },
	}
}

func pValues(tests []normality.Test) (all []reading) {
	for _, t := range tests {
		all = append(all, tested(t.PValue))
	}
	return all
}

func multivariateCase(n, d, replicates int, share float64) experiment {
	options := normality.MultivariateOptions{Replicates: replicates}
	var targets []target
	for _, t := range normality.Multivariate(normality.Rows{N: 2, D: 1, X: []float64{1, 2}}, options).Tests {
		targets = append(targets, test(t.Name))
	}
	return experiment{
		section: sectionNormality, data: fmt.Sprintf("normal rows, d = %d, %d replicates of the energy test", d, replicates), n: n, share: share,
		targets: targets,
		read: func(rng *rand.Rand) []reading {
			mine := options
			mine.Seed = rng.Uint64()
			return pValues(normality.Multivariate(normality.Rows{N: n, D: d, X: sample(rng, n*d, normal)}, mine).Tests)
		},
	}
}

// pursuitCase judges the least Gaussian direction of normal rows on the half that did not choose it.
func pursuitCase(n int) experiment {
	const d = 3
	return experiment{
		section: sectionNormality, data: fmt.Sprintf("normal rows, d = %d, along the least Gaussian direction", d), n: n, share: 0.5,
		targets: []target{test("pursuit, held-out dagostino-kurtosis"), interval("pursuit, held-out g2 in its Gaussian interval", 0)},
		read: func(rng *rand.Rand) []reading {
			p := normality.Pursue(normality.Rows{N: n, D: d, X: sample(rng, n*d, normal)}, rng.Uint64())
			return []reading{tested(p.Test.PValue), inBand(float64(p.HeldOut), p.Gaussian)}
		},
	}
}
