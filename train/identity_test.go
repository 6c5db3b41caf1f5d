package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/stat/combin"
)

// The covariance identity on a real network: a weighted backward pass is made for every pair of minibatches of a small training set,
// and the trace of the covariance of all these NE gradients must equal the closed form.
func TestCovarianceIdentityThroughBackwardPasses(t *testing.T) {
	const n, batch = 6, 2
	m := newModel(t, "[5],[4]", 8, 3)
	data := images(n, 8, 3, 5)
	source := Source{Model: m, Data: data}
	full := gradientOf(t, source, 1, upTo(n), nil)
	sigma := 0.0 // divisor N
	for i := range n {
		sigma += distanceSq(gradientOf(t, source, 1, []int{i}, nil), full) / n
	}
	batches := combin.Combinations(n, batch)
	for _, pairing := range []noise.Pairing{noise.Independent, noise.Disjoint} {
		for _, alpha := range []float64{0.5, 1, 1.5, 3, -0.7} {
			t.Run(fmt.Sprintf("%s/alpha=%g", pairing, alpha), func(t *testing.T) {
				trace, pairs := 0.0, 0.0
				for _, b := range batches {
					for _, bPrime := range batches {
						if pairing == noise.Disjoint && overlap(b, bPrime) {
							continue
						}
						trace += distanceSq(gradientOf(t, source, alpha, b, bPrime), full)
						pairs++
					}
				}
				want := noise.CovarianceFactor(pairing, n, batch, alpha) * sigma
				// Exact up to float32 rounding of the gradients.
				if err := numtest.Close(trace/pairs, want, numtest.Tol{Rel: 1e-4}); err != nil {
					t.Error(err)
				}
				misprint := (alpha*alpha + (1 - alpha*alpha)) * noise.CovarianceFactor(pairing, n, batch, 1) * sigma
				if alpha != 1 && numtest.Close(trace/pairs, misprint, numtest.Tol{Rel: 1e-4}) == nil {
					t.Error("the misprinted first line of Eq. 10 fits as well: this test sees nothing")
				}
			})
		}
	}
}

func gradientOf(t *testing.T, s Source, alpha float64, b, bPrime []int) []float32 {
	t.Helper()
	g := make([]float32, s.Parameters())
	if err := s.EnhancedGradientTo(g, alpha, b, bPrime); err != nil {
		t.Fatal(err)
	}
	return g
}

func distanceSq(x, y []float32) float64 {
	sum := 0.0
	for i := range x {
		sum += math.Pow(float64(x[i])-float64(y[i]), 2)
	}
	return sum
}

func overlap(b, bPrime []int) bool {
	return slices.ContainsFunc(b, func(i int) bool { return slices.Contains(bPrime, i) })
}
