package compare

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// AtStep compares the checkpoints of one step that all runs recorded.
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

// checkpoints compares the recorded gradients at the steps that all runs recorded.
func (g *Group) checkpoints() []AtStep {
	out := []AtStep{}
	for _, first := range g.Runs[0].Report.Checkpoints {
		step := first.Step
		if slices.ContainsFunc(g.Runs, func(r *Run) bool { return r.at(step) == nil && !r.Diverged() }) {
			continue
		}
		at := AtStep{Step: step}
		for _, c := range g.Cells {
			row := CellsAtStep{Alpha: c.Alpha, Batch: c.Batch, BEff: c.BEff()}
			for _, q := range checkpointQuantities(func(r *Run) *report.Checkpoint { return r.at(step) }) {
				e := g.Estimate(c, q)
				row.Quantities = append(row.Quantities, CellQuantity{Quantity: q.Key, Evidence: q.Evidence, Estimate: e, Missing: len(c.Runs) - e.N})
			}
			at.Cells = append(at.Cells, row)
		}
		out = append(out, at)
	}
	return out
}
