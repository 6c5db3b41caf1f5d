package analysis

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// TestDrawsAreWeightedSums adds up the same minibatches unit by unit, for an enhanced pair and for a single minibatch.
func TestDrawsAreWeightedSums(t *testing.T) {
	const n, root, step = 7, 3, 20
	rng := seed.New(1, "units of three directions")
	const draws = 3*shapeRows + 2*shapeBlock + 1 // neither whole rows nor whole blocks
	sh := shape{arms: []arm{{1.5, 4}, {1, 30}}, effort: draws}
	for range 3 {
		ax := axis{draws: make([][]float64, len(sh.arms))}
		for range n {
			ax.units = append(ax.units, rng.NormFloat64())
		}
		sh.axes = append(sh.axes, ax)
	}
	for k, a := range sh.arms {
		sh.draw(k, n, root, step)
		w, wPrime := noise.Weights(a.alpha, a.batch)
		want := make([][]float64, len(sh.axes))
		b, bPrime := make([]float64, n), make([]float64, n)
		for block := range uint64(draws/shapeBlock + 1) {
			rng := seed.New(root, "shape", step, uint64(k), block)
			for range min(shapeBlock, draws-int(block)*shapeBlock) {
				noise.Counts(rng, a.batch, b)
				if a.alpha != 1 {
					noise.Counts(rng, a.batch, bPrime)
				}
				for i, ax := range sh.axes {
					sum := 0.0
					for j, x := range ax.units {
						sum += (w*b[j] + wPrime*bPrime[j]) * x
					}
					want[i] = append(want[i], sum)
				}
			}
		}
		for i, ax := range sh.axes {
			if err := numtest.AllClose(ax.draws[k], want[i], numtest.Tol{Abs: 1e-13}); err != nil {
				t.Errorf("arm %d, direction %d: %v", k, i, err)
			}
			if slices.Equal(ax.draws[k][:shapeBlock], ax.draws[k][shapeBlock:2*shapeBlock]) {
				t.Errorf("arm %d: two blocks share their draws", k)
			}
		}
	}
}
