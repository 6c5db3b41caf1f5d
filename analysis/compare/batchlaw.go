package compare

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// batchLaws fits the steps to the smallest loss that all runs reached by S = S_min + E_min / B, for every alpha with enough batch sizes. The
// learning rate is the same in all runs.
func (g *Group) batchLaws() []criticalbatch.Fit {
	loss := g.equalLoss()
	fits := []criticalbatch.Fit{}
	for _, alpha := range g.Alphas() {
		var rows []criticalbatch.Row
		for _, r := range g.Runs {
			if r.Alpha() == alpha && !r.Diverged() {
				steps := estimate.Number(r.stepsTo(loss))
				rows = append(rows, criticalbatch.Row{Alpha: alpha, Batch: r.Batch(), Seed: r.Seed(), Steps: steps, Samples: steps * estimate.Number(r.Batch())})
			}
		}
		if f := criticalbatch.Of(rows); f.Batches >= criticalbatch.FewestBatches {
			fits = append(fits, f)
		}
	}
	return fits
}

const questionCritical = "How large a batch pays, at the same learning rate?"

func criticalAnswer(f criticalbatch.Fit) Answer {
	a := Answer{Question: questionCritical, Quantity: "steps_to_equal_loss", Evidence: Evaluation, Verdict: f.Verdict}
	a.Text = fmt.Sprintf("Alpha %s, steps to the smallest loss that all runs reached, %d runs of %d batch sizes: ", short(f.Alpha), f.Runs, f.Batches)
	if f.Verdict == criticalbatch.Measured {
		a.Text += fmt.Sprintf("the critical batch size E_min / S_min is %s, with S_min = %s steps and E_min = %s samples.", document.Measured(f.CriticalBatch, f.CI),
			document.Measured(f.SMin, f.SMinCI), document.Measured(f.EMin, f.EMinCI))
		return a
	}
	a.Text += "none in this range"
	switch f.Where {
	case criticalbatch.Above:
		a.Text += fmt.Sprintf(", it is above %s", document.Significant(f.CI.Lo))
	case criticalbatch.Below:
		a.Text += fmt.Sprintf(", it is below %s", document.Significant(f.CI.Hi))
	}
	a.Text += "."
	return a
}
