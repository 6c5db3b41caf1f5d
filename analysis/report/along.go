package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// alongTrainingSection phrases what was found over all checkpoints: whether the noise becomes weak as training goes, as Section 4 of the paper
// discusses, and how far from Gaussian it stays.
func alongTrainingSection(r *Report) document.Section {
	s := document.Section{ID: "along-training", Title: "What becomes of the noise along training?",
		Figures: []string{"diversity", "kurtosis-training"}}
	if r.Along == nil {
		s.Lines = []string{"Not known, since fewer than two checkpoints hold a covariance."}
		return s
	}
	s.Lines = append(strengthWords(r.Run, r.Along.Strength), gaussianWords(r.Run, r.Along.Shape)...)
	arms := ownArms(r.Run)
	s.Table = alongTable(r, arms)
	s.Notes = []string{"gamma: how much more the squared length of one gradient varies than a Gaussian's, relative to its mean. Each interval is for one step alone; " +
		"whether gamma is told apart from 0 allows for all tests of the report."}
	if arms != nil {
		s.Notes[0] += " Last columns: the excess of minibatches, as above."
	}
	if exact := exactSteps(r); exact != "" {
		s.Notes = append(s.Notes, fmt.Sprintf("tr Sigma and gamma at step %s are those of all training samples, elsewhere those of the recorded ones.", exact))
	}
	return s
}

// exactSteps names the checkpoints with the norms of all samples.
func exactSteps(r *Report) string {
	var steps []string
	for _, c := range r.Checkpoints {
		if c.NoiseSize != nil && c.NoiseSize.Exact() {
			steps = append(steps, document.Whole(c.Step))
		}
	}
	return strings.Join(steps, ", ")
}

func strengthWords(run Run, s *along.Strength) []string {
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
		return []string{words + "the noise has become weaker since."}
	case along.Stronger:
		return []string{words + "the noise has become stronger."}
	}
	return []string{words + "whether it has changed is not decided, since " + wouldDo(run, s.Reason, s.Needs) + "."}
}

func gaussianWords(run Run, s *along.Shape) []string {
	if s == nil {
		return nil
	}
	judged := s.Checkpoints - s.Withheld
	var parts []string
	of := " of " + document.Plural(judged, "checkpoint")
	for _, v := range []struct {
		words string
		count int
	}{{"heavier than Gaussian", s.Heavier}, {"lighter than Gaussian", s.Lighter}, {"not told apart from Gaussian", s.NotToldApart}} {
		if v.count > 0 {
			parts, of = append(parts, fmt.Sprintf("%s at %d%s", v.words, v.count, of)), ""
		}
	}
	words := fmt.Sprintf("By gamma single gradients are %s. It is %s at step %s", inWords(parts), document.Measured(s.First.Gamma, s.First.CI), document.Whole(s.First.Step))
	if s.First.Step != s.Last.Step {
		words += fmt.Sprintf(" and %s at step %s", document.Measured(s.Last.Gamma, s.Last.CI), document.Whole(s.Last.Step))
	}
	words += "."
	if s.Withheld > 0 {
		words += fmt.Sprintf(" There is no verdict at %d more: %s.", s.Withheld, wouldDo(run, s.Reason, s.Needs))
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

// ownArms are the minibatches of a run's own step, and of SGD with the same covariance; none without an alpha, and for mixtures of three.
func ownArms(run Run) []enhancement.Arm {
	switch {
	case run.MinibatchesPerStep() == 1:
		return []enhancement.Arm{enhancement.ArmSGD}
	case !finite(run.Alpha) || run.sibling():
		return nil
	}
	return []enhancement.Arm{enhancement.ArmNE, enhancement.ArmEffective}
}

func alongTable(r *Report, arms []enhancement.Arm) *document.Table {
	t := &document.Table{Header: []string{"step", "tr Sigma", "gamma"}, Brief: 8, Spread: true}
	for _, arm := range arms {
		t.Header = append(t.Header, arm.String())
	}
	for _, c := range checkpointsWith(r, withSize) {
		row := []string{strconv.Itoa(c.Step), document.Measured(c.NoiseSize.Trace, c.NoiseSize.TraceCI), document.Undefined}
		for range arms {
			row = append(row, document.Undefined)
		}
		if c.Shape != nil && c.Shape.Conclusion != nil {
			row[2] = document.Measured(c.Shape.Conclusion.Gamma, c.Shape.Conclusion.CI)
			for i, arm := range arms {
				if x := excessRow(c.Shape, arm, shape.Exact); x != nil {
					excess, _ := x.FromGradients()
					row[3+i] = document.Number(excess)
				}
			}
		}
		t.Add(row...)
	}
	return t
}

// Diversity draws the scaled gradient diversity against the step.
func Diversity(r *Report) figure.Figure {
	s := figure.Series{Name: "n times diversity", Kind: figure.Track}
	for _, c := range checkpointsWith(r, func(c Checkpoint) bool { return c.Covariance != nil }) {
		s.Add(float64(c.Step), c.Covariance.GradientDiversityScaled, estimate.None())
	}
	return newFigure("diversity", s)
}

// KurtosisAlongTraining draws the excess of the noise, from the recorded gradients, arm by arm against the step.
func KurtosisAlongTraining(r *Report) figure.Figure {
	var series []figure.Series
	for _, arm := range enhancement.Arms() {
		s := figure.Series{Name: arm.String(), Kind: figure.Track}
		for _, c := range checkpointsWith(r, func(c Checkpoint) bool { return c.Shape != nil }) {
			if row := excessRow(c.Shape, arm, shape.Exact); row != nil {
				excess, ci := row.FromGradients()
				s.Add(float64(c.Step), excess, ci)
			}
		}
		if len(s.X) > 0 {
			series = append(series, s)
		}
	}
	return newFigure("kurtosis-training", series...)
}
