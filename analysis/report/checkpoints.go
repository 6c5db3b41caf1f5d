package report

import (
	"fmt"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/document"
)

func trainingSection(r *Report) document.Section {
	t := r.Training
	s := document.Section{ID: "training", Title: "Training", Figures: []string{"loss", "accuracy"}}
	s.Lines = []string{fmt.Sprintf("%s steps in %s s (%s); train loss %s, test loss %s, test accuracy %s.",
		document.Whole(t.Steps), document.Significant(t.Seconds), stopWords(t), document.Number(t.TrainLoss), document.Number(t.TestLoss),
		document.Percent(t.TestAccuracy))}
	return s
}

func stopWords(t Training) string {
	switch {
	case t.Stopped == StoppedConverged && t.ConvergenceTime != nil:
		return "converged after " + document.Whole(*t.ConvergenceTime)
	case t.Stopped == StoppedMaxSteps:
		return "all that were asked for"
	}
	return t.Stopped
}

func checkpointSection(r *Report) document.Section {
	s := document.Section{ID: "checkpoints", Title: "Checkpoints"}
	if len(r.Checkpoints) == 0 {
		s.Lines = []string{"None was recorded."}
		return s
	}
	s.Table = &document.Table{Header: []string{"step", "train loss", "test loss", "test accuracy", "tr Sigma", "noise scale"}, Brief: 8, Spread: true}
	for _, c := range r.Checkpoints {
		trace, scale := document.Undefined, document.Undefined
		if z := c.NoiseSize; z != nil {
			if trace = document.Number(z.Trace); z.NoiseScale.Defined() {
				scale = document.Number(z.NoiseScale)
			} else {
				scale = noiseScaleWords(z)
			}
		}
		s.Table.Add(strconv.Itoa(c.Step), document.Number(c.TrainLoss), document.Number(c.TestLoss), document.Percent(c.TestAccuracy), trace, scale)
	}
	if r.Analysis != nil {
		s.Table.Drop("test loss", "test accuracy")
	}
	return s
}

const (
	warningsID = "warnings"
	noWarnings = "None."
)

// warningSection merges equal warnings of several checkpoints.
func warningSection(r *Report) document.Section {
	s := document.Section{ID: warningsID, Title: "Warnings"}
	count, last := map[string]int{}, map[string]int{}
	var order []string
	for _, c := range r.Checkpoints {
		for _, w := range c.Warnings {
			if count[w] == 0 {
				order = append(order, w)
			}
			count[w]++
			last[w] = c.Step
		}
	}
	for _, w := range order {
		where := "step " + document.Whole(last[w]) + ": "
		if count[w] > 1 {
			where = document.Whole(count[w]) + " checkpoints: "
		}
		if r.Analysis != nil && len(r.Checkpoints) < 2 {
			where = ""
		}
		s.Lines = append(s.Lines, where+w)
	}
	if order == nil {
		s.Lines = []string{noWarnings}
	}
	return s
}
