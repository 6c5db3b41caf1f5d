package report

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
)

// kurtosisFinding is the excess of NE beside that of SGD with the same covariance: from the gradients, which tell it most closely.
func kurtosisFinding(r *Report, _ figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil && len(c.Shape.Rows) > 0 })
	if c == nil {
		return finding{}
	}
	found := finding{excessOf(c.Shape, r.Run), fmt.Sprintf("From %s%s", unitWords(*c), atStep(r, c))}
	if row := excessRow(c.Shape, enhancement.ArmSGD, enhancement.Direct); row != nil {
		found.basis += fmt.Sprintf(", and over %s real minibatches", document.Whole(row.Draws))
	}
	found.basis += "."
	return found
}

// excessOf is the excess of NE and of SGD at B_eff, or of plain SGD where that is what was run.
func excessOf(s *shape.Shape, run Run) string {
	arms := []enhancement.Arm{enhancement.ArmNE, enhancement.ArmEffective}
	if run.Alpha == 1 {
		arms = []enhancement.Arm{enhancement.ArmSGD}
	}
	var words []string
	for _, arm := range arms {
		if row := excessRow(s, arm, shape.Exact); row != nil {
			if excess, ci := row.FromGradients(); excess.Defined() {
				words = append(words, fmt.Sprintf("%s with %v", document.Measured(excess, ci), arm))
			}
		}
	}
	if words == nil {
		return ""
	}
	return "excess " + strings.Join(words, ", ")
}

// kurtosisAlongFinding is how the excess of the run's own noise has changed.
func kurtosisAlongFinding(r *Report, f figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil })
	if c == nil {
		return finding{}
	}
	for _, s := range f.Series {
		if n := len(s.Y); n > 0 && finite(s.Y[0]) && finite(s.Y[n-1]) {
			if n == 1 {
				return finding{fmt.Sprintf("%s: %s%s", s.Name, document.Significant(s.Y[0]), atStep(r, c)), fmt.Sprintf("From %s.", unitWords(*c))}
			}
			return finding{fmt.Sprintf("%s: %s at step %s, %s at step %s", s.Name, document.Significant(s.Y[0]), document.Whole(int(s.X[0])),
				document.Significant(s.Y[n-1]), document.Whole(int(s.X[n-1]))), fmt.Sprintf("From %s a checkpoint.", unitWords(*c))}
		}
	}
	return finding{}
}

// leadingFinding is the kurtosis along the leading direction: that of single gradients, and what is left of it in a minibatch drawn with replacement.
func leadingFinding(r *Report, f figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil && len(c.Shape.Directions) > 0 })
	if c == nil || len(f.Series) == 0 {
		return finding{}
	}
	d := c.Shape.Directions[0]
	if d.Of != enhancement.LeadingNoise || !d.ExcessKurtosisG2.Defined() {
		return finding{}
	}
	found := finding{words: "excess kurtosis " + document.Measured(d.ExcessKurtosisG2, d.CI) + " of single gradients",
		basis: fmt.Sprintf("From %s %s%s.", document.Whole(d.N), unitsWord(*c), atStep(r, c))}
	if b := float64(r.Run.Batch) / float64(max(c.UnitSize, 1)); b > 0 && finite(r.Run.Alpha) && !r.Run.sibling() {
		left := float64(d.ExcessKurtosisG2) * noise.KurtosisRatioSameBatch(r.Run.Alpha) / b
		found.words += fmt.Sprintf(", %s of a minibatch of B = %s", document.Significant(left), document.Whole(r.Run.Batch))
	}
	return found
}
