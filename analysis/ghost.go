package analysis

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// addGhostWarnings says what is different where the units are ghost batches.
func addGhostWarnings(c *report.Checkpoint, u *probe.Units, d *probe.Draws, s Settings) {
	warn := func(format string, args ...any) { c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...)) }
	if s.Frozen {
		warn("the units are samples with normalisation frozen at running statistics: their gradients are those of the network as it is " +
			"evaluated, not as it is trained, and say nothing of the noise of a training step")
	}
	if u != nil && u.UnitSize > 1 {
		if used := enhancement.WholeUnits(s.Batch, u.UnitSize) * u.UnitSize; used != s.Batch {
			warn("resampled minibatches have %d samples, whole ghost batches of %d, in place of B = %d", used, u.UnitSize, s.Batch)
		}
		if s.enhanced() && s.Alpha != 1 && s.Alpha != 0 && len(enhancement.Minibatches(s.Alpha, s.Batch, u.UnitSize)) < 3 {
			warn("SGD at B_eff has no row of its own: B_eff = %.3g holds no whole ghost batch of %d, and less would be another statistic",
				float64(enhancement.WholeUnits(s.Batch, u.UnitSize)*u.UnitSize)/noise.Factor(s.Alpha), u.UnitSize)
		}
	}
	if d == nil || !d.Differenced() {
		return
	}
	why := ""
	if d.Ghost > 0 {
		why = "under ghost batch normalisation "
	}
	warn("%sdirect noises are differences of two draws over sqrt 2: the same second moments, no skewness, "+
		"and half the excess kurtosis of one draw's noise", why)
	if d.Ghost == 0 {
		return
	}
	if d.Pairing != noise.Replacement {
		warn("minibatches are cut into ghost batches at random: f is exact for independent pairs, the finite-N factors and the prediction " +
			"for disjoint pairs hold to order B/N (exactly for a fixed partition of the training set)")
	}
}
