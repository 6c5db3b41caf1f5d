package analysis

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// inUnits are the settings for minibatches that are resampled from units of so many samples: B in whole units, at least one.
func (s Settings) inUnits(size int) Settings {
	if size > 1 {
		s.Batch = max(1, int(math.Round(float64(s.Batch)/float64(size))))
		s.whole = true
	}
	return s
}

// match is [enhancement.Match] for minibatches of whole units: where a unit is a ghost batch, less than one would be another statistic.
func (s Settings) match() (enhancement.Matching, bool) {
	return enhancement.Match(s.Alpha, s.Batch, s.whole)
}

// inSamples gives the sizes of resampled minibatches, which count units of so many samples, in samples.
func inSamples(c *report.Checkpoint, size int) {
	resampled := enhancement.Resampled
	for i := range c.Enhancement {
		if row := &c.Enhancement[i]; row.Evidence == resampled {
			row.Batch *= size
		}
	}
	for i := range c.EffectiveBatch {
		if row := &c.EffectiveBatch[i]; row.Evidence == resampled {
			factor := float64(size)
			row.Batch *= size
			row.Predicted *= estimate.Number(factor)
			row.Measured *= estimate.Number(factor)
			row.CI.Lo, row.CI.Hi = row.CI.Lo*factor, row.CI.Hi*factor
		}
	}
	for i := range c.Matched {
		if row := &c.Matched[i]; row.Evidence == resampled {
			row.Batch, row.Effective = row.Batch*size, row.Effective*size
		}
	}
	for i := range c.ScaleExponent {
		if row := &c.ScaleExponent[i]; row.Evidence == resampled {
			row.Batch *= size
		}
	}
	times := func(batch **int) {
		if *batch != nil {
			samples := **batch * size
			*batch = &samples
		}
	}
	for i := range c.Normality {
		if row := &c.Normality[i]; row.Evidence == resampled {
			times(&row.Batch)
		}
	}
	for i := range c.Tails {
		if row := &c.Tails[i]; row.Evidence == resampled {
			times(&row.Batch)
		}
	}
}

// addGhostWarnings says what is different where the units are ghost batches.
func addGhostWarnings(c *report.Checkpoint, u *probe.Units, d *probe.Draws, s Settings) {
	warn := func(format string, args ...any) { c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...)) }
	if s.Frozen {
		warn("the units are samples with normalisation frozen at running statistics: their gradients are those of the network as it is " +
			"evaluated, not as it is trained, and say nothing of the noise of a training step")
	}
	if u != nil && u.UnitSize > 1 {
		if used := s.inUnits(u.UnitSize).Batch * u.UnitSize; used != s.Batch {
			warn("resampled minibatches have %d samples, whole ghost batches of %d, in place of B = %d", used, u.UnitSize, s.Batch)
		}
		if s.enhanced() {
			if _, ok := s.inUnits(u.UnitSize).match(); !ok && s.Alpha != 1 && s.Alpha != 0 {
				warn("resampled SGD at B_eff: B_eff = %.3g holds no whole ghost batch of %d, and less would be another statistic",
					float64(s.inUnits(u.UnitSize).Batch*u.UnitSize)/noise.Factor(s.Alpha), u.UnitSize)
			}
		}
	}
	if d == nil || d.Ghost == 0 {
		return
	}
	warn("under ghost batch normalisation direct noises are differences of two draws over sqrt 2: the same second moments, no skewness, " +
		"and half the excess kurtosis of one draw's noise")
	if d.Pairing != noise.Replacement {
		warn("minibatches are cut into ghost batches at random: f is exact for independent pairs, the finite-N factors and the prediction " +
			"for disjoint pairs hold to order B/N (exactly for a fixed partition of the training set)")
	}
}
