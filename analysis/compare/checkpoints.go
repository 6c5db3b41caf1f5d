package compare

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// AtStep compares the checkpoints of one step that all runs recorded, but for those that diverged.
type AtStep struct {
	Step  int           `json:"step"`
	Cells []CellsAtStep `json:"cells"`
}

// CellsAtStep is one cell at that step.
type CellsAtStep struct {
	Alpha      float64        `json:"alpha"`
	Batch      int            `json:"batch"`
	BEff       float64        `json:"b_eff"`
	Quantities []CellQuantity `json:"quantities"`
}

// checkpoints compares the recorded gradients at the steps that all runs recorded, but for those that diverged.
func (g *Group) checkpoints() []AtStep {
	out := []AtStep{}
	first := g.Runs[max(0, slices.IndexFunc(g.Runs, func(r *Run) bool { return !r.Diverged() }))]
	for _, c := range first.Report.Checkpoints {
		step := c.Step
		if slices.ContainsFunc(g.Runs, func(r *Run) bool { return r.at(step) == nil && !r.Diverged() }) {
			continue
		}
		at := AtStep{Step: step}
		for _, c := range g.Cells {
			row := CellsAtStep{Alpha: c.Alpha, Batch: c.Batch, BEff: c.BEff()}
			for _, q := range checkpointQuantities(func(r *Run) *report.Checkpoint { return r.at(step) }) {
				row.Quantities = append(row.Quantities, g.cellQuantity(c, q))
			}
			at.Cells = append(at.Cells, row)
		}
		out = append(out, at)
	}
	return out
}
