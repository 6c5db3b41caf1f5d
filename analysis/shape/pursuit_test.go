package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func pursuedKurtosis(n int, draw func(k int) float64, root uint64) (heldOut float64, gaussian bool) {
	sh := drawShape(denseUnits(n, 12, draw), Settings{Alpha: 1.5, Batch: 5, Seed: root})
	p := sh.pursuit
	return float64(p.HeldOut), p.Gaussian.Contains(float64(p.HeldOut))
}

// mixed has gradients of which one combination of two equally large coordinates is Laplace and the rest Gaussian: no
// single eigenvector shows it.
func mixed(rng *rand.Rand) func(k int) float64 {
	var heavy, light float64
	return func(k int) float64 {
		switch k {
		case 0:
			heavy, light = rng.ExpFloat64()-rng.ExpFloat64(), math.Sqrt2*rng.NormFloat64()
			return 3 * (heavy + light)
		case 1:
			return 3 * (heavy - light)
		}
		return rng.NormFloat64()
	}
}

// The planted direction, of excess kurtosis 3, is found on one half and seen in the other.
func TestPursuitFindsAPlantedDirection(t *testing.T) {
	for root := range uint64(5) {
		// The standard error of g2 of 800 Laplace values is about 0.5.
		if g2, gaussian := pursuedKurtosis(1600, mixed(seed.New(root, "planted")), root); gaussian || g2 < 0.8 {
			t.Errorf("seed %d: held-out excess kurtosis %g", root, g2)
		}
	}
}

// In Gaussian gradients the held-out value is within the 95% range of Gaussian samples: of 40, 2 are expected outside, and more
// than 7 have a probability of 0.1%.
func TestPursuitOfGaussianGradients(t *testing.T) {
	outside := 0
	for root := range uint64(40) {
		rng := seed.New(root, "gaussian pursuit")
		if _, gaussian := pursuedKurtosis(200, func(int) float64 { return rng.NormFloat64() }, root); !gaussian {
			outside++
		}
	}
	if outside > 7 {
		t.Errorf("%d of 40 are outside", outside)
	}
}
