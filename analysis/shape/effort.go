package shape

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

const (
	// DefaultResamples is the number of resampled draws per arm.
	DefaultResamples = 16384
	// FewestResamples and MostResamples bound it: a Q-Q plot needs hundreds of draws, and all draws are in memory at once.
	FewestResamples, MostResamples = 512, 1 << 20
)

// effort is the number of resampled draws per arm; the other sizes of what is simulated follow from it.
type effort int

func (s Settings) effort() effort {
	if s.Resamples == 0 {
		return DefaultResamples
	}
	return effort(s.Resamples)
}

// Pairs is the number of resampled pairs behind the factors, 2048 by default.
func (s Settings) Pairs() int { return int(s.effort()) / 8 }

// replicates is the number of Gaussian samples behind a band or test, of which there are full by default: fewer or more in proportion. It is
// 40 k - 1, so that the central 95% lie between two of their order statistics, and at least 39.
func (e effort) replicates(full int) int {
	k := (full + 1) / 40
	return 40*max(1, k*int(e)/DefaultResamples) - 1
}

// floor is the smallest p-value of a two-sided test by rank among so many replicates.
func floor(replicates int) float64 { return 2 / float64(replicates+1) }

// resamplesFor is the number of resamples from which that floor is at most p.
func resamplesFor(p float64) float64 {
	return DefaultResamples * math.Ceil(2/p/40) / ((tail.Replicates + 1) / 40)
}
