package noise_test

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

// TestWeights: the weights of all samples of B and B' add up to 1, as those of a mean.
func TestWeights(t *testing.T) {
	b, prime := noise.Weights(1.5, 4)
	if err := numtest.AllClose([]float64{b, prime, 4*b + 4*prime}, []float64{0.375, -0.125, 1}, numtest.Tol{}); err != nil {
		t.Error(err)
	}
}
