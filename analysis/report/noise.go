package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

func noiseSection(r *Report) document.Section {
	s := document.Section{ID: "noise", Title: "How large is the gradient noise, and along how many directions?",
		Figures: []string{"trace", "noise-scale", "spectrum"}}
	c := lastWith(r, withSize)
	if c == nil {
		s.Lines = []string{"Not known, since no checkpoint holds a covariance."}
		return s
	}
	if r.Along != nil {
		s.Lines = signalWords(r, r.Along.Signal)
	}
	s.Lines = append(s.Lines, sourceWords(r, *c))
	s.Table = sizeTable(r.Run, *c)
	if why := c.NoiseSize.Undefined; why != "" {
		s.Notes = append(s.Notes, "The noise scale is undefined, since "+wouldDo(r.Run, why, c.NoiseSize.UndefinedNeeds)+".")
	}
	if v := c.Covariance; v != nil {
		if v.Withheld != "" {
			s.Notes = append(s.Notes, fmt.Sprintf("No intervals and no count of large eigenvalues from the recorded %s: %s.", unitsWord(*c),
				wouldDo(r.Run, v.Withheld, v.Needs)))
		}
		s.Notes = append(s.Notes, unseenWords(r.Run, *c)...)
		s.Notes = append(append(s.Notes, outstandingWords(*c)...), overlapWords(*c)...)
		s.DetailTitle, s.Detail = "Layer by layer", layerTable(*c)
	}
	return s
}

// wouldDo adds to a reason the flag with the number of units, draws or resamples that would do; gradients from files have no flags.
func wouldDo(run Run, reason string, n estimate.Needs) string {
	if run.Model == "" {
		return reason
	}
	for _, flag := range []struct {
		name   string
		number int
	}{{"-units", n.Units}, {"-draws", n.Draws}, {"-resamples", n.Resamples}} {
		if flag.number > 0 {
			reason += fmt.Sprintf(" (%s %d)", flag.name, flag.number)
		}
	}
	return reason
}

// again is wouldDo, but short for the reason that the first section has given in full.
func again(run Run, c Checkpoint, reason string, n estimate.Needs) string {
	if v := c.Covariance; v != nil && reason == v.Withheld && v.Needs.Units > 0 {
		reason, n = "the recorded "+unitsWord(c)+" are too few, as said above", v.Needs
	}
	return wouldDo(run, reason, n)
}

// sourceWords say which gradients the table is from.
func sourceWords(r *Report, c Checkpoint) string {
	z := c.NoiseSize
	from := "From"
	if at := atStep(r, &c); at != "" {
		from = "A" + at[len(" a"):] + ", from"
	}
	all := fmt.Sprintf("%s the gradients of all %s training samples", from, document.Whole(z.Samples))
	switch {
	case z.Exact() && c.Covariance == nil:
		return all + ":"
	case z.Exact():
		return fmt.Sprintf("%s, and the ranks from those of %s of them:", all, document.Whole(c.Units))
	case r.Analysis != nil && c.Parameters > 0:
		return fmt.Sprintf("%s the gradients of %s with %s:", from, unitWords(c), document.Plural(int(c.Parameters), "parameter"))
	}
	return fmt.Sprintf("%s the gradients of %s:", from, unitWords(c))
}

func sizeTable(run Run, c Checkpoint) *document.Table {
	z := c.NoiseSize
	t := &document.Table{}
	t.Add("tr Sigma", document.Measured(z.Trace, z.TraceCI), "variance of the gradient of one "+unitWord(c))
	if p := c.PopulationNorms; p != nil && z.Exact() && p.ShareOfLargestPercent.Defined() {
		t.Add("", document.Percent(p.ShareOfLargestPercent), "of it from 1% of the samples")
	}
	t.Add("noise scale", noiseScaleWords(z), "batch size at which noise equals signal")
	if c.Noise != nil && c.Noise.StepTrace.Defined() {
		t.Add("noise of a step", document.Number(c.Noise.StepTrace), "variance "+stepWords(run))
	}
	if v := c.Covariance; v != nil {
		t.Add("directions", document.Measured(v.EffectiveRankParticipationUnbiased, v.Interval(covariance.KeyParticipationUnbiased)),
			"participation ratio, unbiased")
		rank, meaning := rankWords(v)
		t.Add("entropy rank", rank, meaning)
	}
	return t
}

// stepWords names the gradient that a run steps with; without a run it says for what settings.
func stepWords(run Run) string {
	if run.Model == "" {
		return fmt.Sprintf("at alpha %s, B %s", document.Plain(run.Alpha), document.Whole(run.Batch))
	}
	if run.MinibatchesPerStep() == 1 {
		return "of the gradient of a minibatch"
	}
	return "of the NE gradient"
}

// signalWords compare the noise of the run's own step with the gradient.
func signalWords(r *Report, s *along.Signal) []string {
	if s == nil || s.Verdict == along.NoSignal {
		return nil // the noise scale is then undefined, with its reason
	}
	words := fmt.Sprintf("At step %s the noise of a step has %s times the squared length of the gradient: ", document.Whole(s.Step), document.Measured(s.Ratio, s.CI))
	switch s.Verdict {
	case along.Noise:
		return []string{words + "noise is the larger part."}
	case along.Gradient:
		return []string{words + "the gradient is the larger part."}
	}
	return []string{words + "which of them is larger is not decided, since " + wouldDo(r.Run, s.Reason, s.Needs) + "."}
}

// atStep says which checkpoint a section is about; nothing where gradients without a run have a single one.
func atStep(r *Report, c *Checkpoint) string {
	if r.Analysis != nil && len(r.Checkpoints) < 2 {
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
func noiseScaleWords(z *covariance.Size) string {
	switch {
	case z.NoiseScale.Defined():
		return document.Measured(z.NoiseScale, z.NoiseScaleCI)
	case z.NoiseScaleCI.Defined() && z.NoiseScaleCI.Lo > 0:
		return "above " + document.Significant(z.NoiseScaleCI.Lo)
	}
	return document.Undefined
}

// rankWords are the entropy rank for many units where that is known, and else for the recorded ones, with what is to be said of it.
func rankWords(v *covariance.Covariance) (rank, meaning string) {
	if x := v.Extrapolated[covariance.KeyEntropy]; x != nil {
		return document.Measured(x.Value, x.CI), "effective rank by entropy, extrapolated"
	}
	return document.Number(v.EffectiveRankEntropy), "effective rank by entropy, rises with n"
}

// outstandingWords count the eigenvalues that are more than the scales of parameters and units; none where that is not known.
func outstandingWords(c Checkpoint) []string {
	v := c.Covariance
	if v.Outstanding == nil || v.OutstandingUnitScales == nil {
		return nil
	}
	verb := "are"
	if *v.OutstandingUnitScales == 1 {
		verb = "is"
	}
	return []string{fmt.Sprintf("%s %s larger than independent parameters would give, allowing for the variance of each parameter and the length of each gradient; "+
		"allowing for the variances alone, %s.", document.Plural(*v.OutstandingUnitScales, "eigenvalue"), verb, document.Whole(*v.Outstanding))}
}

// overlapWords compare the last two checkpoints, where that was done.
func overlapWords(c Checkpoint) []string {
	o := c.Overlap
	if o == nil {
		return nil
	}
	steps := fmt.Sprintf("steps %s and %s", document.Whole(o.PreviousStep), document.Whole(c.Step))
	words := fmt.Sprintf("The mean gradients of %s have a cosine of %s", steps, document.Number(o.MeanCosine))
	if o.MeanCosineUnbiased.Defined() {
		words += fmt.Sprintf(" (%s corrected for the noise in both)", document.Number(o.MeanCosineUnbiased))
	} else if o.MeanCosineReason != "" {
		words += "; corrected for the noise in both it is not known, since " + o.MeanCosineReason
	}
	lines := []string{words + "."}
	if s := o.Largest(); s != nil {
		lines = append(lines, fmt.Sprintf("The first %s of %s, from different %s, overlap by %s (1: they span the same space). Sampling alone leaves %s of 1, "+
			"the overlap of two halves of the %s at one step.", document.Plural(s.K, "eigenvector"), steps, unitsWord(c),
			document.Number(s.Halves), document.Number(s.SplitHalf), unitsWord(c)))
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
		row := []string{l.Name, orUnknown(l.Parameters), document.Number(l.Trace), document.Number(l.GradientNormSq), document.Number(l.NoiseScale)}
		if curved {
			own := c.Curvature.Layers[i]
			row = append(row, document.Number(own.Trace), document.Number(own.AnisotropyUnbiased))
		}
		t.Add(row...)
	}
	return t
}

// orUnknown is a number that may not be known.
func orUnknown(c estimate.Count) string {
	if c == 0 {
		return document.Undefined
	}
	return document.Whole(int(c))
}

// withSize reports whether it is known how large the noise is.
func withSize(c Checkpoint) bool { return c.NoiseSize != nil }

// lastWith is the last checkpoint that has something, or nil.
func lastWith(r *Report, has func(Checkpoint) bool) *Checkpoint {
	for i := len(r.Checkpoints) - 1; i >= 0; i-- {
		if has(r.Checkpoints[i]) {
			return &r.Checkpoints[i]
		}
	}
	return nil
}
