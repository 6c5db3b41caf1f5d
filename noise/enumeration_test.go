package noise_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/combin"
)

// Two small populations of gradients with integer entries and integer means: with B = 1 or 2 and alpha a multiple of 1/2
// every outcome and every sum below is exact in float64.
var (
	fiveGradients = [][]float64{{0, 2}, {1, -3}, {1, 0}, {6, 1}, {-3, 0}}         // mean (1, 0)
	sixGradients  = [][]float64{{7, 1}, {0, 1}, {2, 5}, {-1, -4}, {3, 2}, {1, 1}} // mean (2, 1)
	enumerated    = numtest.Tol{Rel: 1e-12, Abs: 1e-12}
	allPairings   = []noise.Pairing{noise.Independent, noise.Disjoint, noise.Replacement, noise.Naive}
)

// TestIdentityByEnumeration checks the claim of the package without any statistics: over all possible pairs of minibatches, the
// mean of the NE gradient is the full gradient and its covariance is CovarianceFactor times Sigma.
func TestIdentityByEnumeration(t *testing.T) {
	for _, population := range [][][]float64{fiveGradients, sixGradients} {
		for _, p := range allPairings {
			for _, batch := range []int{1, 2} {
				pairs := everyPair(p, len(population), batch)
				t.Run(fmt.Sprintf("N=%d/%s/B=%d", len(population), p, batch), func(t *testing.T) {
					for _, alpha := range []float64{0.5, 1, 1.5, 3, -0.5} {
						checkIdentity(t, p, population, gradients(p, population, pairs, alpha), batch, alpha)
					}
					if p != noise.Naive {
						checkCorrelation(t, p, population, pairs, batch)
					}
				})
			}
		}
	}
}

func checkIdentity(t *testing.T, p noise.Pairing, population, outcomes [][]float64, batch int, alpha float64) {
	t.Helper()
	check(t, fmt.Sprintf("alpha=%g: mean", alpha), mean(outcomes), mean(population))
	factor := noise.CovarianceFactor(p, len(population), batch, alpha)
	sigma := covariance(population)
	for i, row := range covariance(outcomes) {
		check(t, fmt.Sprintf("alpha=%g: covariance row %d", alpha, i), row, floats.ScaleTo(make([]float64, len(row)), factor, sigma[i]))
	}
	// Third and fourth moments along the axes and an oblique direction.
	for _, u := range [][]float64{{1, 0}, {0, 1}, {1, -2}} {
		got := noise.Moments(p, noise.NewPopulation(along(population, u)), batch, alpha)
		x := along(outcomes, u)
		check(t, fmt.Sprintf("alpha=%g: moments along %v", alpha, u),
			[]float64{got.Mu2, got.Mu3, got.Mu4}, []float64{stat.Moment(2, x, nil), stat.Moment(3, x, nil), stat.Moment(4, x, nil)})
	}
}

// checkCorrelation compares the mean of <x, x'> over that of |x|^2.
func checkCorrelation(t *testing.T, p noise.Pairing, population [][]float64, pairs []pair, batch int) {
	t.Helper()
	full, cross, norm := mean(population), 0.0, 0.0
	for _, q := range pairs {
		x, xPrime := minibatch(population, q.b), minibatch(population, q.prime)
		for j := range full {
			cross += (x[j] - full[j]) * (xPrime[j] - full[j])
			norm += (x[j] - full[j]) * (x[j] - full[j])
		}
	}
	if err := numtest.Close(cross/norm, noise.Correlation(p, len(population), batch), enumerated); err != nil {
		t.Errorf("N=%d %s B=%d: correlation: %v", len(population), p, batch, err)
	}
}

// pair is one of the equally likely outcomes of drawing B and B'.
type pair struct{ b, prime []int }

func everyPair(p noise.Pairing, n, batch int) (pairs []pair) {
	minibatches := combin.Combinations(n, batch)
	if p == noise.Replacement {
		minibatches = combin.Cartesian(slices.Repeat([]int{n}, batch))
	}
	for _, b := range minibatches {
		for _, prime := range minibatches {
			if p != noise.Disjoint || !overlap(b, prime) {
				pairs = append(pairs, pair{b, prime})
			}
		}
	}
	return pairs
}

func overlap(a, b []int) bool {
	return slices.ContainsFunc(a, func(i int) bool { return slices.Contains(b, i) })
}

// gradients is Eq. 6, or Eq. 5 (which ignores B') for the naive pairing, for every pair.
func gradients(p noise.Pairing, population [][]float64, pairs []pair, alpha float64) [][]float64 {
	outcomes := make([][]float64, len(pairs))
	for k, q := range pairs {
		other := mean(population)
		if p != noise.Naive {
			other = minibatch(population, q.prime)
		}
		for j, g := range minibatch(population, q.b) {
			outcomes[k] = append(outcomes[k], alpha*g+(1-alpha)*other[j])
		}
	}
	return outcomes
}

// minibatch is the mean gradient of the samples with these indices.
func minibatch(population [][]float64, index []int) []float64 {
	var rows [][]float64
	for _, i := range index {
		rows = append(rows, population[i])
	}
	return mean(rows)
}

func mean(rows [][]float64) []float64 {
	m := make([]float64, len(rows[0]))
	for _, x := range rows {
		floats.Add(m, x)
	}
	floats.Scale(1/float64(len(rows)), m)
	return m
}

// covariance divides by the number of rows.
func covariance(rows [][]float64) [][]float64 {
	m := mean(rows)
	c := make([][]float64, len(m))
	for i := range m {
		c[i] = make([]float64, len(m))
		for j := range m {
			for _, x := range rows {
				c[i][j] += (x[i] - m[i]) * (x[j] - m[j]) / float64(len(rows))
			}
		}
	}
	return c
}

func check(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if err := numtest.AllClose(got, want, enumerated); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}
