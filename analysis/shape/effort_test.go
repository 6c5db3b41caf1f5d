package analysis

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// TestEffort: by default the sizes are those of the constants; fewer draws take the others down in proportion, to the fewest that
// have a central 95% range, and more leave the bands as they are.
func TestEffort(t *testing.T) {
	for _, c := range []struct{ resamples, draws, pairs, bands, kurtosis int }{
		{0, DefaultResamples, enhancement.DefaultPairs, tail.Replicates, kurtosisReplicates},
		{DefaultResamples, DefaultResamples, enhancement.DefaultPairs, tail.Replicates, kurtosisReplicates},
		{DefaultResamples / 2, DefaultResamples / 2, enhancement.DefaultPairs / 2, 79, 479}, // 40 floor(5/2) - 1, 40 floor(25/2) - 1
		{FewestResamples, 512, 64, 39, 39},
		{MostResamples, 1 << 20, 1 << 17, tail.Replicates, kurtosisReplicates},
	} {
		e := Settings{Resamples: c.resamples}.effort()
		if int(e) != c.draws || e.pairs() != c.pairs || e.replicates(tail.Replicates) != c.bands || e.replicates(kurtosisReplicates) != c.kurtosis {
			t.Errorf("%d: %d draws, %d pairs, %d and %d replicates", c.resamples, e, e.pairs(), e.replicates(tail.Replicates), e.replicates(kurtosisReplicates))
		}
	}
}

// TestFewestResamples: with the fewest draws the same rows are there as by default, each with its size, its estimates and its references.
func TestFewestResamples(t *testing.T) {
	u, few := factoredUnits(64), settings
	few.Resamples = FewestResamples
	want, got := Analyse(u, nil, settings).Checkpoint, Analyse(u, nil, few).Checkpoint
	if len(got.Normality) != len(want.Normality) || len(got.Tails) != len(want.Tails) || len(got.Matched) != len(want.Matched) {
		t.Fatalf("%d, %d, %d rows, want %d, %d, %d", len(got.Normality), len(got.Tails), len(got.Matched), len(want.Normality), len(want.Tails), len(want.Matched))
	}
	for i, r := range got.Normality {
		if w := want.Normality[i]; r.Of != w.Of || r.Evidence == enhancement.Resampled && r.N != FewestResamples || !r.GaussianSurrogate.Defined() {
			t.Errorf("%s of %d draws: surrogate %v, want a row of %s", r.Of, r.N, r.GaussianSurrogate, w.Of)
		}
	}
	for _, r := range got.Tails {
		for i, e := range r.Estimates {
			if !e.Gamma.Defined() || !r.Surrogate[i].GammaBand.Defined() {
				t.Errorf("%s: %s undefined, or its surrogate", r.Of, e.Method)
			}
		}
	}
	for _, r := range got.Matched {
		if !r.Measured.Defined() || !r.PValue.Defined() {
			t.Errorf("%s along %s: undefined", r.Quantity, r.Direction)
		}
	}
	if c := got.NoiseCorrelation[0]; c.Draws != 64 || !c.CI.Defined() {
		t.Errorf("correlation of %d pairs: %v", c.Draws, c.CI)
	}
}
