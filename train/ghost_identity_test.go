package train

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/floats"
)

// ghostPopulation holds the gradients of ghost batches of 2 in a small network for images, less their mean.
type ghostPopulation struct {
	n        int
	pairs    [][2]int
	centred  [][]float64
	mean     []float64
	variance float64 // trace of the covariance of one ghost batch's gradient; the divisor is the number of ghost batches
}

// ghostPairs computes the gradient of every ghost batch of n samples: all pairs, or those of one partition.
func ghostPairs(t *testing.T, m *Model, n int, fixed bool) ghostPopulation {
	t.Helper()
	data := images(n, 16, 3, 7)
	p := ghostPopulation{n: n, mean: make([]float64, m.Parameters())}
	for i := range n {
		for j := i + 1; j < n; j++ {
			if !fixed || i%2 == 0 && j == i+1 {
				p.pairs = append(p.pairs, [2]int{i, j})
			}
		}
	}
	for _, pair := range p.pairs {
		computeGradient(t, m, data, 1, pair[:], nil)
		p.centred = append(p.centred, numtest.Widen(m.Gradient))
	}
	count := float64(len(p.pairs))
	for _, g := range p.centred {
		for j, v := range g {
			p.mean[j] += v / count
		}
	}
	for _, g := range p.centred {
		for j := range g {
			g[j] -= p.mean[j]
		}
		p.variance += floats.Dot(g, g) / count
	}
	return p
}

// correlation is that of the gradients of two disjoint ghost batches, over all such pairs with equal weight:
//
//	mean <x, x'> / mean |x|^2
func (p ghostPopulation) correlation() float64 {
	sum, count := 0.0, 0.0
	for i, a := range p.pairs {
		for j, b := range p.pairs {
			if a[0] != b[0] && a[0] != b[1] && a[1] != b[0] && a[1] != b[1] {
				sum += floats.Dot(p.centred[i], p.centred[j])
				count++
			}
		}
	}
	return sum / count / p.variance
}

// Under ghost batch normalisation the effect of a finite training set depends on one number, the correlation r of the gradients of
// two disjoint ghost batches: with V the covariance of the gradient of one, minibatches of b ghost batches have the covariance
//
//	SGD (1 + (b-1) r) V / b,    NE, disjoint pair (f (1 + (b-1) r) + 2 alpha (1-alpha) b r) V / b
//
// With r = -1/(N/G - 1) these are the formulas of package noise for ghost batches. That is exact for a fixed partition into ghost
// batches, and holds to order G/N for random ones. NE with an independent pair has f times the covariance of SGD whatever r is.
func TestGhostIdentities(t *testing.T) {
	m := newImageModel(t, "[4,3,3,1]", []int{1, 4, 4}, 3, 2)
	for _, n := range []int{8, 16, 32} {
		for _, fixed := range []bool{true, false} {
			p := ghostPairs(t, m, n, fixed)
			units := n / 2
			r, want := p.correlation(), -1/float64(units-1)
			t.Logf("N = %d, fixed %v: correlation %.5f, predicted %.5f", n, fixed, r, want)
			if fixed {
				// Exact up to float32 rounding of the gradients.
				if err := numtest.Close(r, want, numtest.Tol{Rel: 1e-4}); err != nil {
					t.Error(err)
				}
			} else if !(math.Abs(r-want) < 1/float64(n)) || r > 0 {
				t.Errorf("N = %d: correlation %.4f of disjoint random ghost batches, %.4f is predicted to order 1/N", n, r, want)
			}
			for _, b := range []int{1, 2} {
				sgd := (1 + float64(b-1)*r) / float64(b)
				predicted := noise.CovarianceFactor(noise.Independent, units, b, 1)
				for _, alpha := range []float64{0.5, 1.5, 3} {
					f := noise.Factor(alpha)
					disjoint := f*sgd + 2*alpha*(1-alpha)*r
					theory := noise.CovarianceFactor(noise.Disjoint, units, b, alpha)
					tolerance := numtest.Tol{Rel: 1e-4, Abs: 1e-6}
					if !fixed {
						tolerance.Rel = 2 * float64(2*b) / float64(n) // order B/N
					}
					if err := numtest.Close(sgd, predicted, tolerance); err != nil {
						t.Errorf("N = %d, b = %d, fixed %v: SGD: %v", n, b, fixed, err)
					}
					if err := numtest.Close(disjoint, theory, tolerance); err != nil {
						t.Errorf("N = %d, b = %d, alpha = %g, fixed %v: disjoint: %v", n, b, alpha, fixed, err)
					}
				}
			}
		}
	}
}

// A minibatch that is not a whole number of ghost batches ends in a smaller one, whose gradient is noisier and weighs less. The theory
// counts samples: 3 samples are 1.5 ghost batches of 2. How far that is from the truth depends on the network, not on N.
func TestLighterLastGhostBatch(t *testing.T) {
	const n = 16
	m := newImageModel(t, "[4,3,3,1]", []int{1, 4, 4}, 3, 2)
	p := ghostPairs(t, m, n, false)
	data := images(n, 16, 3, 7)
	var gradients [][]float64
	mean, count := make([]float64, m.Parameters()), 0.0
	for _, pair := range p.pairs {
		for i := range n {
			if i == pair[0] || i == pair[1] {
				continue
			}
			computeGradient(t, m, data, 1, []int{pair[0], pair[1], i}, nil)
			g := numtest.Widen(m.Gradient)
			gradients = append(gradients, g)
			for j, v := range g {
				mean[j] += v
			}
			count++
		}
	}
	variance := 0.0
	for _, g := range gradients {
		for j := range g {
			g[j] -= mean[j] / count
		}
		variance += floats.Dot(g, g) / count
	}
	// (G/B) (N-B)/(N-G) of the covariance of one ghost batch.
	predicted := 2.0 / 3 * (n - 3) / (n - 2) * p.variance
	t.Logf("B = 3 as 2 + 1: the trace of the covariance is %.3f of the prediction", variance/predicted)
	if ratio := variance / predicted; ratio < 0.5 || ratio > 2 {
		t.Errorf("ratio %v", ratio)
	}
}

// One effect does not vanish as N grows: the mean gradient depends on the size of the ghost batches, so that it is not a mean over
// samples, and differs from the mean of the gradients that samples have with frozen statistics.
func TestGhostGradientIsNoMeanOverSamples(t *testing.T) {
	const n = 8
	data := images(n, 16, 3, 7)
	means := map[int][]float64{}
	for _, ghost := range []int{2, 4, 8} {
		m := newImageModel(t, "[4,3,3,1]", []int{1, 4, 4}, 3, ghost)
		mean, count := make([]float64, m.Parameters()), 0.0
		for mask := range 1 << n {
			var index []int
			for i := range n {
				if mask>>i&1 == 1 {
					index = append(index, i)
				}
			}
			if len(index) != ghost {
				continue
			}
			computeGradient(t, m, data, 1, index, nil)
			for j, v := range m.Gradient {
				mean[j] += float64(v)
			}
			count++
		}
		for j := range mean {
			mean[j] /= count
		}
		means[ghost] = mean
	}
	whole := math.Sqrt(floats.Dot(means[8], means[8]))
	for _, ghost := range []int{2, 4} {
		apart := 0.0
		for j, v := range means[ghost] {
			apart += (v - means[8][j]) * (v - means[8][j])
		}
		share := math.Sqrt(apart) / whole
		t.Logf("ghost batches of %d: the mean gradient is %.3f of its length away from that of all %d samples normalised together", ghost, share, n)
		if share < 1e-3 {
			t.Errorf("ghost batches of %d have the mean gradient of larger ones", ghost)
		}
	}
}
