package identity

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// population is a whole training set at fixed weights: one gradient for each sample. It is a [probe.Source].
type population [][]float64

// newPopulation draws n gradients in d dimensions with eigenvalues near 1/k, k = 1 to d, and a mean that is not 0. Skewness 2 and excess
// kurtosis 6 are those of an exponential, so that the third and fourth moments are not those of a normal.
func newPopulation(rng *rand.Rand, n, d int) population {
	g := make(population, n)
	for i := range g {
		for k := range d {
			g[i] = append(g[i], 0.3+(rng.ExpFloat64()-1)/math.Sqrt(float64(k+1)))
		}
	}
	return g
}

// clumps returns values of which three in ten are near 1 and the others near 0: about skewness 0.8 and excess kurtosis -1.2, without a tail.
// Tails would make fourth powers so skewed that their mean over all blocks would not be normal enough for a test at a level of 1/50,000.
func clumps(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 0.2 * rng.Float64()
		if 10*i < 3*n {
			x[i]++
		}
	}
	return x
}

func (v *verification) population(label string, n, d int) population {
	return newPopulation(seed.New(v.root, "population/"+label), n, d)
}

func (g population) Population() int { return len(g) }
func (g population) Parameters() int { return len(g[0]) }

// MeanGradientTo writes the mean over the samples with these indices.
func (g population) MeanGradientTo(dst []float32, index []int) error {
	sum := make([]float64, len(dst))
	g.addTo(sum, 1/float64(len(index)), index)
	narrowTo(dst, sum)
	return nil
}

// EnhancedGradientTo is one weighted pass over the 2B samples, as a training step makes it.
func (g population) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	sum := make([]float64, len(dst))
	w, wPrime := noise.Weights(alpha, len(b))
	g.addTo(sum, w, b)
	g.addTo(sum, wPrime, bPrime)
	narrowTo(dst, sum)
	return nil
}

func (g population) addTo(dst []float64, weight float64, index []int) {
	for _, i := range index {
		for k, v := range g[i] {
			dst[k] += float64(weight * v)
		}
	}
}

func narrowTo(dst []float32, x []float64) {
	for k, v := range x {
		dst[k] = float32(v)
	}
}

// mean is the mean over the samples with these indices, or over all if index is empty.
func (g population) mean(index []int) []float64 {
	if index == nil {
		index = everyIndex(len(g))
	}
	m := make([]float64, len(g[0]))
	g.addTo(m, 1/float64(len(index)), index)
	return m
}

// covariance has divisor n.
func (g population) covariance() [][]float64 {
	m := g.mean(nil)
	sigma := make([][]float64, len(m))
	for j := range m {
		sigma[j] = make([]float64, len(m))
		for k := range m {
			for _, row := range g {
				sigma[j][k] += (row[j] - m[j]) * (row[k] - m[k]) / float64(len(g))
			}
		}
	}
	return sigma
}

func (g population) trace() float64 {
	total := 0.0
	for j, row := range g.covariance() {
		total += row[j]
	}
	return total
}

// along projects onto (1, 1, ...), to which every coordinate contributes.
func (g population) along() []float64 {
	x := make([]float64, len(g))
	for i, row := range g {
		for _, v := range row {
			x[i] += v
		}
	}
	return x
}

// units records the samples with these indices, with the size of the population.
func (g population) units(index []int) *probe.Units {
	var flat []float64
	for _, i := range index {
		flat = append(flat, g[i]...)
	}
	all := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", len(index), g.Parameters(), flat)}}
	u := all.Reduce(nil)
	u.Population = len(g)
	return u
}

func everyIndex(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}
