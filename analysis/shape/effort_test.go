package shape

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// TestEffort: by default the sizes are those of the constants; fewer draws take the others down in proportion, to the fewest that
// have a central 95% range, and more take them up.
func TestEffort(t *testing.T) {
	for _, c := range []struct{ resamples, draws, pairs, bands int }{
		{0, DefaultResamples, enhancement.DefaultPairs, tail.Replicates},
		{DefaultResamples, DefaultResamples, enhancement.DefaultPairs, tail.Replicates},
		{DefaultResamples / 2, DefaultResamples / 2, enhancement.DefaultPairs / 2, 79}, // 40 floor(5/2) - 1
		{FewestResamples, 512, 64, 39},
		{MostResamples, 1 << 20, 1 << 17, 64*(tail.Replicates+1) - 1},
	} {
		s := Settings{Resamples: c.resamples}
		e := s.effort()
		if int(e) != c.draws || s.Pairs() != c.pairs || e.replicates(tail.Replicates) != c.bands {
			t.Errorf("%d: %d draws, %d pairs, %d replicates", c.resamples, e, s.Pairs(), e.replicates(tail.Replicates))
		}
	}
}

// TestFloor: 79 replicates are the fewest of 40 k - 1 whose p-value can be as low as 0.03, and take two fifths of the default.
func TestFloor(t *testing.T) {
	needed := int(math.Ceil(resamplesFor(FalseDiscoveryRate)))
	if got := effort(needed).replicates(tail.Replicates); got != 79 || floor(got) > FalseDiscoveryRate || floor(39) <= FalseDiscoveryRate {
		t.Errorf("%d resamples: %d replicates", needed, got)
	}
	if got := effort(needed - 1).replicates(tail.Replicates); got != 39 {
		t.Errorf("%d resamples: %d replicates", needed-1, got)
	}
}
