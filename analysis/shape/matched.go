package analysis

import (
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// addMatched compares NE at B with SGD at B_eff along the leading and the first random direction, and fits the exponent of the
// noise's scale.
func (sh shape) addMatched(c *report.Checkpoint, s Settings) {
	rows, exponents := make([][]enhancement.Comparison, len(sh.axes)), make([][]enhancement.ScaleExponent, len(sh.axes))
	parallel.For(len(sh.axes), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			rows[i], exponents[i] = sh.matched(sh.axes[i], s), sh.exponent(sh.axes[i], s)
		}
	})
	for i := range rows {
		c.Matched, c.ScaleExponent = append(c.Matched, rows[i]...), append(c.ScaleExponent, exponents[i]...)
	}
}

// matched has nothing for plain SGD and where B_eff rounds to no sample; the tails are those of the directions with tails.
func (sh shape) matched(ax axis, s Settings) []enhancement.Comparison {
	m, ok := s.match()
	if !ok {
		return nil
	}
	sgd := ax.draws[sh.armOf(arm{1, m.Effective})]
	rows := m.Along(ax.name, ax.units, ax.draws[0], sgd)
	if hasTails(ax.name) {
		rows = append(rows, m.Tails(ax.name, ax.draws[0], sgd)...)
	}
	return rows
}

// exponent makes pairs of the draws of SGD at B: the first half are x, the others x'.
func (sh shape) exponent(ax axis, s Settings) []enhancement.ScaleExponent {
	x := ax.draws[sh.armOf(arm{1, s.Batch})]
	half := len(x) / 2
	return []enhancement.ScaleExponent{{
		Of: ax.name, Evidence: enhancement.Resampled, Batch: s.Batch, Draws: half,
		ExponentEstimate: enhancement.Exponent(x[:half], x[half:], enhancement.Alphas, surrogateSeed),
	}}
}

func (sh shape) armOf(a arm) int {
	for k, have := range sh.arms {
		if have == a {
			return k
		}
	}
	panic("analysis: an arm that was not drawn")
}
