package analysis

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

const (
	// kurtosisReplicates, by default, bounds the Monte Carlo error of the 95% range.
	kurtosisReplicates = 999
	// largeSample is the size from which the normal approximation of g2 is good to 1% of its range.
	largeSample = 5000
)

// gaussianKurtosis is the central 95% range of g2 of Gaussian samples of size n: simulated for small n, where it is skewed,
// and for large n from the exact moments of g2 (Fisher, 1930):
//
//	mean -6/(n+1),    variance 24 n (n-2)(n-3) / ((n+1)^2 (n+3)(n+5))
func gaussianKurtosis(n, replicates int) estimate.Interval {
	if n < 4 {
		return estimate.None()
	}
	if n >= largeSample {
		x := float64(n)
		sd := math.Sqrt(24 * x * (x - 2) * (x - 3) / ((x + 1) * (x + 1) * (x + 3) * (x + 5)))
		return estimate.Around(-6/(x+1), 1.959963984540054*sd)
	}
	references.Lock()
	defer references.Unlock()
	key := reference{n, replicates}
	if v, ok := references.kurtosis[key]; ok {
		return v
	}
	if references.kurtosis == nil {
		references.kurtosis = map[reference]estimate.Interval{}
	}
	references.kurtosis[key] = simulateKurtosis(n, replicates)
	return references.kurtosis[key]
}

func simulateKurtosis(n, replicates int) estimate.Interval {
	rng := seed.New(surrogateSeed, "kurtosis of Gaussian samples", uint64(n))
	values := make([]float64, replicates)
	x := make([]float64, n)
	for r := range values {
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		values[r] = float64(normality.Describe(x).ExcessKurtosis.Biased)
	}
	slices.Sort(values)
	j := (replicates + 1) / 40
	return estimate.Interval{Lo: values[j-1], Hi: values[replicates-j]}
}

func sqrt(x estimate.Number) float64 { return math.Sqrt(float64(x)) }
