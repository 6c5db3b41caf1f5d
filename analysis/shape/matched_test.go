package analysis

import (
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

func findMatched(c report.Checkpoint, quantity, direction string) *enhancement.Comparison {
	for i, m := range c.Matched {
		if m.Quantity == quantity && m.Direction == direction {
			return &c.Matched[i]
		}
	}
	return nil
}

// TestMatchedAlongPlantedDirection: along a heavy-tailed direction the fourth cumulant of NE is a third of that of SGD at B_eff, and the
// interval says so. A p-value below 1e-4 would be a false alarm of 1e-4 a row, 8 rows.
func TestMatchedAlongPlantedDirection(t *testing.T) {
	u := denseUnits(400, 20, heavyCoordinate(seed.New(5, "heavy")))
	c := Analyse(u, nil, Settings{Alpha: 1.5, Batch: 5, Seed: 1}).Checkpoint
	ratio := findMatched(c, enhancement.FourthCumulantRatio, leadingAxis)
	if ratio == nil || !(ratio.CI.Lo > 0 && ratio.CI.Hi < 1) || ratio.Effective != 2 || ratio.Draws != DefaultResamples {
		t.Fatalf("%+v", ratio)
	}
	for _, m := range c.Matched {
		if m.PValue < 1e-4 && (m.Direction == leadingAxis || m.Direction == enhancement.All) && m.Predicted.Defined() {
			t.Errorf("%+v", m)
		}
	}
	for quantity, want := range map[string]int{enhancement.TraceRatio: 1, enhancement.VarianceRatio: 7, enhancement.HillDifference: 2} {
		count := 0
		for _, m := range c.Matched {
			if m.Quantity == quantity {
				count++
			}
		}
		if count != want {
			t.Errorf("%d rows of %s, want %d", count, quantity, want)
		}
	}
}

// TestExponentOfResampledNoise: at B = 50 the noise of nearly Gaussian directions reads as of finite variance, along the heavy one at
// B = 1 not, and every row has its pairs.
func TestExponentOfResampledNoise(t *testing.T) {
	u := denseUnits(400, 20, heavyCoordinate(seed.New(5, "heavy")))
	for _, e := range Analyse(u, nil, Settings{Alpha: 1.5, Batch: 50, Seed: 1}).Checkpoint.ScaleExponent {
		if e.Draws != DefaultResamples/2 || e.Batch != 50 || e.Evidence != enhancement.Resampled || !strings.HasPrefix(e.Of, "noise ") {
			t.Errorf("%+v", e)
		}
		if strings.HasPrefix(e.Of, "noise top") && e.Of != leadingAxis && e.Reading() != enhancement.FiniteVariance {
			t.Errorf("%s: s = %g in %v reads %s", e.Of, e.S, e.CI, e.Reading())
		}
	}
	heavy := Analyse(u, nil, Settings{Alpha: 1, Batch: 1, Seed: 1}).Checkpoint
	if e := heavy.ScaleExponent[0]; e.Of != leadingAxis || e.Reading() != enhancement.StableLike {
		t.Errorf("%s: s = %g in %v reads %s", e.Of, e.S, e.CI, e.Reading())
	}
	if len(heavy.Matched) != 0 {
		t.Errorf("plain SGD was matched: %+v", heavy.Matched)
	}
}

// TestUnmatched: B_eff = 1/13 has no SGD arm; B_eff that rounds to B is compared with the arm at B.
func TestUnmatched(t *testing.T) {
	if m := Analyse(factoredUnits(32), nil, Settings{Alpha: 3, Batch: 1, Pairing: noise.Disjoint, Seed: 1}).Checkpoint.Matched; len(m) != 0 {
		t.Errorf("%+v", m)
	}
	c := Analyse(factoredUnits(32), nil, Settings{Alpha: 1.01, Batch: 2, Pairing: noise.Disjoint, Seed: 1}).Checkpoint
	if m := findMatched(c, enhancement.VarianceRatio, leadingAxis); m == nil || m.Effective != 2 {
		t.Errorf("%+v", m)
	}
}
