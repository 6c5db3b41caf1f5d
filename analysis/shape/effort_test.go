package shape

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// TestEffort: by default the sizes are those of the constants; fewer draws take the others down in proportion, to the fewest that
// have a central 95% range, and more leave the bands as they are.
func TestEffort(t *testing.T) {
	for _, c := range []struct{ resamples, draws, pairs, bands int }{
		{0, DefaultResamples, enhancement.DefaultPairs, tail.Replicates},
		{DefaultResamples, DefaultResamples, enhancement.DefaultPairs, tail.Replicates},
		{DefaultResamples / 2, DefaultResamples / 2, enhancement.DefaultPairs / 2, 79}, // 40 floor(5/2) - 1
		{FewestResamples, 512, 64, 39},
		{MostResamples, 1 << 20, 1 << 17, tail.Replicates},
	} {
		s := Settings{Resamples: c.resamples}
		e := s.effort()
		if int(e) != c.draws || s.Pairs() != c.pairs || e.replicates(tail.Replicates) != c.bands {
			t.Errorf("%d: %d draws, %d pairs, %d replicates", c.resamples, e, s.Pairs(), e.replicates(tail.Replicates))
		}
	}
}
