package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/document"
)

func trainingSection(r *Report) document.Section {
	t := r.Training
	s := document.Section{ID: "training", Title: "Training", Figures: []string{"loss", "accuracy"}}
	s.Lines = []string{fmt.Sprintf("%s in %s s (%s); train loss %s, test loss %s, test accuracy %s.",
		document.Plural(t.Steps, "step"), document.Significant(t.Seconds), stopWords(t), document.Number(t.TrainLoss), document.Number(t.TestLoss),
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
	s.Table = &document.Table{Header: []string{"step", "train loss", "tr Sigma", "noise scale"}, Brief: 8, Spread: true}
	if r.Analysis == nil {
		s.Table.Header = slices.Insert(s.Table.Header, 2, "test loss", "test accuracy")
	}
	for _, c := range r.Checkpoints {
		trace, scale := document.Undefined, document.Undefined
		if z := c.NoiseSize; z != nil {
			if trace = document.Number(z.Trace); z.NoiseScale.Defined() {
				scale = document.Number(z.NoiseScale)
			} else {
				scale = noiseScaleWords(z)
			}
		}
		row := []string{strconv.Itoa(c.Step), document.Number(c.TrainLoss), trace, scale}
		if r.Analysis == nil {
			row = slices.Insert(row, 2, document.Number(c.TestLoss), document.Percent(c.TestAccuracy))
		}
		s.Table.Add(row...)
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
