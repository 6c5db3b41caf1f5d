package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/probe"
)

func noiseSection(r *Report) document.Section {
	s := document.Section{ID: "noise", Title: "How large is the gradient noise, and along how many directions?",
		Figures: []string{"trace", "noise-scale", "spectrum"}}
	c := lastWith(r, func(c Checkpoint) bool { return c.Covariance != nil })
	if c == nil {
		s.Lines = []string{"Not known: no checkpoint holds a covariance."}
		return s
	}
	v := c.Covariance
	s.Lines = []string{fmt.Sprintf("At step %s, from the gradients of %s:", document.Whole(c.Step), unitWords(*c))}
	if r.Run.Model == "" {
		s.Lines[0] = fmt.Sprintf("From the gradients of %s with %s:", unitWords(*c), document.Plural(c.Parameters, "parameter"))
	}
	s.Lines = append(populationWords(*c), s.Lines...)
	s.Table = &document.Table{Rows: [][]string{
		{"tr Sigma", document.Measured(v.TraceUnbiased, v.Interval("trace_unbiased")), "variance of the gradient of one " + unitWord(*c)},
		{"noise scale", noiseScaleWords(v), "batch size at which noise equals signal"},
		{"directions", document.Measured(v.EffectiveRankParticipationUnbiased, v.Interval("effective_rank_participation_unbiased")),
			"participation ratio, unbiased"},
		{"entropy rank", document.Number(v.EffectiveRankEntropy), rankWords(v)},
	}}
	if c.Noise != nil && c.Noise.GradientTrace.Defined() {
		s.Table.Add("noise of a step", document.Number(c.Noise.GradientTrace), "trace "+stepWords(r.Run))
	}
	if v.Withheld != "" {
		s.Notes = append(s.Notes, "No intervals: "+v.Withheld+".")
	}
	if r.Along != nil {
		s.Notes = append(s.Notes, signalWords(r.Along.Signal)...)
	}
	s.Notes = append(append(s.Notes, outstandingWords(*c)...), overlapWords(*c)...)
	s.DetailTitle, s.Detail = "Layer by layer", layerTable(*c)
	return s
}

// populationWords give tr Sigma of the training set and how unevenly its samples carry it, numbers that need no interval; nothing where they
// are not known.
func populationWords(c Checkpoint) []string {
	p := c.PopulationNorms
	if p == nil || !p.Trace.Defined() {
		return nil
	}
	words := fmt.Sprintf("Over all %s training samples tr Sigma is %s", document.Whole(p.Samples), document.Number(p.Trace))
	if p.ShareOfLargestPercent.Defined() {
		words += fmt.Sprintf("; 1%% of them hold %s of it", document.Percent(p.ShareOfLargestPercent))
	}
	return []string{words + "."}
}

// stepWords names the gradient that a run steps with; without a run it says for what settings.
func stepWords(run Run) string {
	if run.Model == "" {
		return fmt.Sprintf("at alpha %s, B %s", document.Plain(run.Alpha), document.Whole(run.Batch))
	}
	if run.Alpha == 1 {
		return "of it in the gradient of a minibatch"
	}
	return "of it in the NE gradient"
}

// signalWords compare the noise of the run's own step with the gradient.
func signalWords(s *along.Signal) []string {
	if s == nil {
		return nil
	}
	if s.Verdict == along.NoSignal {
		return []string{"The gradient is not told apart from 0 beside the noise of a step."}
	}
	words := fmt.Sprintf("In a step the noise has %s times the squared length of the gradient: ", document.Measured(s.Ratio, s.CI))
	switch s.Verdict {
	case along.Noise:
		return []string{words + "noise is the larger part."}
	case along.Gradient:
		return []string{words + "the gradient is the larger part."}
	}
	return []string{words + "which of them is larger is not decided."}
}

// atStep says which checkpoint a section is about; gradients without a run have none.
func atStep(r *Report, c *Checkpoint) string {
	if r.Run.Model == "" {
		return ""
	}
	return " at step " + document.Whole(c.Step)
}

// unitWord is what one unit is, unitsWord what several are.
func unitWord(c Checkpoint) string {
	if c.Unit == probe.UnitGhostBatch {
		return "ghost batch"
	}
	return "sample"
}

func unitsWord(c Checkpoint) string {
	if c.Unit == probe.UnitGhostBatch {
		return "ghost batches"
	}
	return "samples"
}

func unitWords(c Checkpoint) string {
	words := document.Whole(c.Units) + " " + unitsWord(c)
	if c.Unit == probe.UnitGhostBatch {
		words += fmt.Sprintf(" of %s samples", document.Whole(c.UnitSize))
	}
	if c.Population > 0 {
		words += " (of " + document.Whole(c.Population) + ")"
	}
	return words
}

// noiseScaleWords keep the lower bound where there is nothing else.
func noiseScaleWords(v *covariance.Covariance) string {
	ci := v.Interval("noise_scale")
	switch {
	case v.NoiseScale.Defined():
		return document.Measured(v.NoiseScale, ci)
	case ci.Defined() && ci.Lo > 0:
		return "above " + document.Significant(ci.Lo)
	}
	return document.Undefined
}

// rankWords say how far the entropy rank is from what it tends to with more units.
func rankWords(v *covariance.Covariance) string {
	if x := v.Extrapolated["effective_rank_entropy"]; x != nil {
		return "biased down; for n to infinity " + document.Measured(x.Value, x.CI)
	}
	return "effective rank by entropy, biased down"
}

// outstandingWords count the eigenvalues that are more than the scales of parameters and units; none where that is not known.
func outstandingWords(c Checkpoint) []string {
	v := c.Covariance
	if v.Outstanding == nil {
		return nil
	}
	words := fmt.Sprintf("%s are larger than independent parameters of the same variances would give",
		document.Plural(*v.Outstanding, "eigenvalue"))
	if v.OutstandingUnitScales != nil {
		words += fmt.Sprintf("; %s, if the gradients of %s may also differ in length", document.Whole(*v.OutstandingUnitScales), unitsWord(c))
	}
	return []string{words + "."}
}

// overlapWords compare the last two checkpoints, where that was done.
func overlapWords(c Checkpoint) []string {
	o := c.Overlap
	if o == nil {
		return nil
	}
	words := fmt.Sprintf("Since step %s: the mean gradients have the cosine %s", document.Whole(o.PreviousStep), document.Number(o.MeanCosine))
	if o.MeanCosineUnbiased.Defined() {
		words += fmt.Sprintf(", %s with the noise in both taken out", document.Number(o.MeanCosineUnbiased))
	} else if o.MeanCosineReason != "" {
		words += ", without the noise in both not known: " + o.MeanCosineReason
	}
	lines := []string{words + "."}
	if n := len(o.Subspaces); n > 0 {
		s := o.Subspaces[n-1]
		lines = append(lines, fmt.Sprintf("The spans of the first %s eigenvectors then and now, from different %s, overlap by %s (1: the same span); two halves of one checkpoint by %s.",
			document.Whole(s.K), unitsWord(c), document.Number(s.Halves), document.Number(s.SplitHalf)))
	}
	return lines
}

// layerTable has the curvature of each layer too, where it is known.
func layerTable(c Checkpoint) *document.Table {
	layers := c.Covariance.Layers
	if len(layers) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"layer", "parameters", "trace", "|gradient|^2", "noise scale"}}
	curved := c.Curvature != nil && len(c.Curvature.Layers) == len(layers)
	if curved {
		t.Header = append(t.Header, "tr F", "anisotropy")
	}
	for i, l := range layers {
		row := []string{l.Name, document.Whole(l.Parameters), document.Number(l.Trace), document.Number(l.GradientNormSq), document.Number(l.NoiseScale)}
		if curved {
			own := c.Curvature.Layers[i]
			row = append(row, document.Number(own.Trace), document.Number(own.AnisotropyUnbiased))
		}
		t.Add(row...)
	}
	return t
}

// lastWith is the last checkpoint that has something, or nil.
func lastWith(r *Report, has func(Checkpoint) bool) *Checkpoint {
	for i := len(r.Checkpoints) - 1; i >= 0; i-- {
		if has(r.Checkpoints[i]) {
			return &r.Checkpoints[i]
		}
	}
	return nil
}
