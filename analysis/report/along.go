package report

import (
	"fmt"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// alongTrainingSection phrases what was found over all checkpoints: whether the noise becomes weak as training goes, as Section 4 of the paper
// discusses, and how far from Gaussian it stays.
func alongTrainingSection(r *Report) document.Section {
	s := document.Section{ID: "along-training", Title: "What becomes of the noise along training?",
		Figures: []string{"diversity", "kurtosis-training"}}
	if r.Along == nil {
		s.Lines = []string{"Not known: fewer than two checkpoints hold a covariance."}
		return s
	}
	s.Lines = append(strengthWords(r.Along.Strength), gaussianWords(r.Along.Shape)...)
	s.Table = alongTable(r)
	s.Notes = []string{"gamma: how much more the squared length of one gradient varies than a Gaussian's, relative to its mean."}
	if finite(r.Run.Alpha) {
		s.Notes[0] += " Last columns: the excess of minibatches, as above."
	}
	return s
}

func strengthWords(s *along.Strength) []string {
	if s == nil {
		return nil
	}
	words := fmt.Sprintf("tr Sigma goes from %s at step %s to %s at step %s, ", document.Number(s.First.Trace), document.Whole(s.First.Step),
		document.Number(s.Last.Trace), document.Whole(s.Last.Step))
	ratio := document.Measured(s.Ratio, s.CI)
	if s.Against == "peak" {
		words += fmt.Sprintf("%s times its largest value, that of step %s: ", ratio, document.Whole(s.Peak.Step))
	} else {
		words += fmt.Sprintf("its largest value, %s times the first: ", ratio)
	}
	switch s.Verdict {
	case along.Weaker:
		return []string{words + "the noise has become weaker."}
	case along.Stronger:
		return []string{words + "the noise has become stronger."}
	}
	if !s.CI.Defined() {
		return []string{words + "without an interval, no verdict."}
	}
	return []string{words + "whether it has changed is not decided."}
}

func gaussianWords(s *along.Shape) []string {
	if s == nil {
		return nil
	}
	judged := s.Checkpoints - s.Withheld
	words := fmt.Sprintf("Single gradients are heavier than Gaussian at %d of %s", s.Heavier, document.Plural(judged, "checkpoint"))
	if s.Lighter > 0 {
		words += fmt.Sprintf(", lighter at %d", s.Lighter)
	}
	if s.NotToldApart > 0 {
		words += fmt.Sprintf(", not told apart at %d", s.NotToldApart)
	}
	words += fmt.Sprintf(": gamma from %s at step %s to %s at step %s.", document.Measured(s.First.Gamma, s.First.CI), document.Whole(s.First.Step),
		document.Measured(s.Last.Gamma, s.Last.CI), document.Whole(s.Last.Step))
	if s.Withheld > 0 {
		words += fmt.Sprintf(" At %d more there is no verdict.", s.Withheld)
	}
	return []string{words}
}

func checkpointsWith(r *Report, has func(Checkpoint) bool) []Checkpoint {
	var all []Checkpoint
	for _, c := range r.Checkpoints {
		if has(c) {
			all = append(all, c)
		}
	}
	return all
}

func alongTable(r *Report) *document.Table {
	with := checkpointsWith(r, func(c Checkpoint) bool { return c.Covariance != nil })
	arms := []enhancement.Arm{enhancement.ArmNE, enhancement.ArmEffective}
	switch {
	case r.Run.Alpha == 1:
		arms = []enhancement.Arm{enhancement.ArmSGD}
	case !finite(r.Run.Alpha):
		arms = nil
	}
	t := &document.Table{Header: []string{"step", "tr Sigma", "gamma"}, Brief: 8, Spread: true}
	for _, arm := range arms {
		t.Header = append(t.Header, arm.String())
	}
	for _, c := range with {
		row := []string{strconv.Itoa(c.Step), document.Measured(c.Covariance.TraceUnbiased, c.Covariance.Interval("trace_unbiased")), document.Undefined}
		if c.Shape != nil {
			row[2] = document.Measured(c.Shape.Gamma, c.Shape.CI.Gamma)
		}
		for _, arm := range arms {
			excess := document.Undefined
			if c.Shape != nil {
				if x := excessRow(c.Shape, arm, shape.Exact); x != nil {
					excess = document.Number(x.Unbiased)
				}
			}
			row = append(row, excess)
		}
		t.Add(row...)
	}
	return t
}

// Diversity draws the scaled gradient diversity against the step.
func Diversity(r *Report) figure.Figure {
	s := figure.Series{Name: "n times diversity"}
	for _, c := range checkpointsWith(r, func(c Checkpoint) bool { return c.Covariance != nil }) {
		s.Add(float64(c.Step), c.Covariance.GradientDiversityScaled, c.Covariance.Interval("gradient_diversity_scaled"))
	}
	return newFigure("diversity", s)
}

// KurtosisAlongTraining draws the excess of the noise, from the recorded gradients, arm by arm against the step.
func KurtosisAlongTraining(r *Report) figure.Figure {
	var series []figure.Series
	for _, arm := range enhancement.Arms() {
		s := figure.Series{Name: arm.String()}
		for _, c := range checkpointsWith(r, func(c Checkpoint) bool { return c.Shape != nil }) {
			if row := excessRow(c.Shape, arm, shape.Exact); row != nil {
				s.Add(float64(c.Step), row.Unbiased, row.UnbiasedCI)
			}
		}
		if len(s.X) > 0 {
			series = append(series, s)
		}
	}
	return newFigure("kurtosis-training", series...)
}
