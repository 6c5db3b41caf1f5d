package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
)

func shapeSection(r *Report) document.Section {
	s := document.Section{ID: "shape", Title: "How Gaussian is the noise of a minibatch?", Figures: []string{"kurtosis", "shape"}}
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil && c.Shape.Conclusion != nil })
	if c == nil {
		s.Lines = []string{"Not known, since no checkpoint holds gradients."}
		return s
	}
	s.Lines = append(conclusionWords(r, *c), recordedWords(r.Run, *c)...)
	s.Table = excessTable(c.Shape)
	s.Notes = append(excessWords(r.Run, *c, s.Table), directionWords(*c)...)
	s.Notes = append(append(s.Notes, familyWords(c.Shape.Family)...), exponentWords(r.Run, *c)...)
	s.DetailTitle, s.Detail = "Single gradients along directions", directionTable(c.Shape)
	return s
}

// conclusionWords are the answer.
func conclusionWords(r *Report, c Checkpoint) []string {
	k := c.Shape.Conclusion
	of := "The gradients of single " + unitsWord(c) + atStep(r, &c)
	switch k.Verdict {
	case shape.NotGaussian:
		return []string{of + " are not Gaussian. " + gammaWords(c)}
	case shape.NotToldApart:
		return []string{of + " are not told apart from Gaussian. " + gammaWords(c)}
	}
	lines := []string{of + " are not tested, since " + again(r.Run, c, orUndefined(k.Reason), k.Needs) + "."}
	if k.Gamma.Defined() {
		lines[0] += fmt.Sprintf(" The estimate of gamma is %s, where a Gaussian has 0.", document.Measured(k.Gamma, k.CI))
	}
	return lines
}

// gammaWords say what gamma is, and whether it tells.
func gammaWords(c Checkpoint) string {
	k := c.Shape.Conclusion
	from := fmt.Sprintf("of the %s recorded %s", document.Whole(c.Units), unitsWord(c))
	if k.From == shape.FromAllSamples {
		from = "of all training samples"
	}
	gamma := fmt.Sprintf("gamma = %s %s", document.Measured(k.Gamma, k.CI), from)
	than := "than those of Gaussian vectors of the same covariance"
	switch k.OfGamma {
	case shape.Heavier:
		return fmt.Sprintf("Their squared lengths vary more %s: %s, 0 for a Gaussian.", than, gamma)
	case shape.Lighter:
		return fmt.Sprintf("Their squared lengths vary less %s: %s, 0 for a Gaussian.", than, gamma)
	case shape.NotToldApart:
		words := "Their squared lengths do not tell them apart: " + gamma + ", 0 for a Gaussian"
		if p := c.Shape.Population; p != nil && k.From == shape.FromAllSamples && float64(k.Gamma) <= p.GaussianGamma.Hi {
			words += fmt.Sprintf(" and by chance up to %s for so many Gaussian vectors", document.Significant(p.GaussianGamma.Hi))
		}
		return words + "."
	}
	if k.Gamma.Defined() {
		return fmt.Sprintf("Their squared lengths are not tested: %s, 0 for a Gaussian.", gamma)
	}
	return "gamma is undefined."
}

// recordedWords explain a gamma of the recorded units that is another than that of all samples, and why they were not tested.
func recordedWords(run Run, c Checkpoint) []string {
	k := c.Shape.Conclusion
	if k.From != shape.FromAllSamples || k.Verdict == shape.NotTested {
		return nil
	}
	if k.Reason != "" {
		return []string{fmt.Sprintf("The %s recorded %s by themselves are not tested: %s.", document.Whole(c.Units), unitsWord(c), again(run, c, k.Reason, k.Needs))}
	}
	why := map[string]string{"below": "too few of the longest gradients are among them", "above": "too many of the longest gradients are among them"}[k.Recorded]
	if why == "" {
		return nil
	}
	return []string{fmt.Sprintf("The %s recorded %s by themselves have gamma = %s: %s, as happens where few samples carry the fourth moment.",
		document.Whole(c.Units), unitsWord(c), document.Measured(c.Shape.Gamma, c.Shape.CI.Gamma), why)}
}

// excessTable has a row an arm, and columns for real minibatches where there are any; nil where there is no row.
func excessTable(s *shape.Shape) *document.Table {
	t := &document.Table{Header: []string{"excess of", "from gradients"}}
	direct := excessRow(s, enhancement.ArmSGD, enhancement.Direct) != nil
	if direct {
		t.Header = append(t.Header, "from minibatches", "test")
	}
	for _, arm := range enhancement.Arms() {
		exact := excessRow(s, arm, shape.Exact)
		if exact == nil {
			continue
		}
		row := []string{fmt.Sprintf("%s = %s", arm, document.Whole(exact.Batch)), document.Measured(exact.FromGradients())}
		if x := excessRow(s, arm, enhancement.Direct); x != nil {
			row = append(row, document.Measured(x.NormExcess, x.CI), orUndefined(document.PValue(x.PValue)))
		} else if direct {
			row = append(row, document.Undefined, document.Undefined)
		}
		t.Add(row...)
	}
	if t.Rows == nil {
		return nil
	}
	return t
}

// excessWords explain the table.
func excessWords(run Run, c Checkpoint, table *document.Table) []string {
	if table == nil {
		return nil
	}
	s := c.Shape
	words := "Excess: how much more |noise|^2 varies than that of a Gaussian of the same covariance (ratio of variances, less 1), from the fourth cumulant of " + sourceOf(s)
	ne, exact := excessRow(s, enhancement.ArmNE, shape.Exact), excessRow(s, enhancement.ArmEffective, shape.Exact)
	if s.NoDirect == "" {
		words += " and over real minibatches, with a test of their agreement"
	} else {
		words += fmt.Sprintf(". Over real minibatches it is not measured: %s", again(run, c, s.NoDirect, s.NoDirectNeeds))
	}
	notes := []string{words + "."}
	if without := effectiveDrawn(c); exact != nil && without > 0 && exact.Batch != without {
		notes = append(notes, fmt.Sprintf("B_eff is %s with replacement, as from gradients, and %s without, as minibatches are drawn.",
			document.Whole(exact.Batch), document.Whole(without)))
	}
	if ne != nil && exact != nil {
		at, rest := "B_eff", "."
		if b := float64(ne.Batch) / noise.Factor(run.Alpha); math.Abs(b-float64(exact.Batch)) > 1e-9*b {
			at, rest = "B / f = "+document.Significant(b), fmt.Sprintf("; the table has that at %s.", document.Whole(exact.Batch))
		}
		notes = append(notes, fmt.Sprintf("By a theorem NE has %s of the excess of SGD at %s, whose covariance is the same%s",
			document.Significant(noise.KurtosisRatio(run.Alpha)), at, rest))
	}
	return notes
}

// effectiveDrawn is the B_eff of the minibatches that were drawn, 0 where there were none.
func effectiveDrawn(c Checkpoint) int {
	if row := excessRow(c.Shape, enhancement.ArmEffective, enhancement.Direct); row != nil {
		return row.Batch
	}
	if len(c.Matched) > 0 {
		return c.Matched[0].Effective
	}
	return 0
}

// sourceOf names the gradients that the first column is from.
func sourceOf(s *shape.Shape) string {
	if s.Population != nil {
		return "single gradients (of all samples but for tr Sigma^2, which is from the recorded ones)"
	}
	return "the recorded gradients"
}

func excessRow(s *shape.Shape, arm enhancement.Arm, evidence string) *shape.Row {
	return first(s.Rows, func(row shape.Row) bool { return row.Arm == arm && row.Evidence == evidence })
}

// directionWords name the directions along which single gradients are not Gaussian.
func directionWords(c Checkpoint) []string {
	d := c.Shape.Conclusion.Directions
	if d.Tested == 0 {
		return nil
	}
	var found []string
	for _, part := range []struct {
		differ string
		of     []string
	}{{"heavier than Gaussian", d.Heavier}, {"lighter than Gaussian", d.Lighter}, {"skewed", d.Skewed}} {
		if len(part.of) == 0 {
			continue
		}
		var names []string
		for _, of := range part.of {
			names = append(names, directionName(of))
		}
		found = append(found, part.differ+" along "+inWords(names))
	}
	words := fmt.Sprintf("Along %s, chosen on one half of the %s and judged on the other, single gradients are ", document.Plural(d.Tested, "direction"), unitsWord(c))
	if found == nil {
		return []string{words + "not told apart from Gaussian."}
	}
	return []string{words + inWords(found) + "."}
}

// inWords is "a, b and c".
func inWords(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

func directionName(of string) string { return strings.TrimPrefix(of, enhancement.NoisePrefix) }

// familyWords state the rate of false alarms of everything that the report calls non-Gaussian.
func familyWords(f *shape.Family) []string {
	if f == nil || f.Tests == 0 {
		return nil
	}
	where := ""
	if f.Checkpoints > 1 {
		where = fmt.Sprintf(" at %d checkpoints", f.Checkpoints-f.Untested)
	}
	return []string{fmt.Sprintf("In all, %s%s look for anything that is not Gaussian, and %s find it, at a false discovery rate of %s%% over all of them.",
		document.Plural(f.Tests, "test"), where, document.Whole(f.Discoveries), document.Plain(100*f.FDR))}
}

func directionTable(s *shape.Shape) *document.Table {
	if len(s.Directions) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"direction", "skewness", "excess kurtosis", "verdict"}}
	for _, d := range s.Directions {
		t.Add(directionName(d.Of), document.Measured(d.SkewnessG1, d.SkewnessCI), document.Measured(d.ExcessKurtosisG2, d.CI),
			orUndefined(strings.ReplaceAll(string(d.Verdict), "-", " ")))
	}
	return t
}

// exponentWords are the conclusion about the scale of the noise along all directions of the direct draws.
func exponentWords(run Run, c Checkpoint) []string {
	k := c.ExponentConclusion
	if k == nil {
		return nil
	}
	var along []string
	gaussian := ""
	for _, e := range c.ScaleExponent {
		along = append(along, exponent(e)+" along "+directionName(e.Of))
		gaussian = document.Interval(e.GaussianSurrogate)
	}
	words := fmt.Sprintf("Over %s of real minibatches the scale of the noise follows alpha with the exponent s = %s, where a finite variance has 2", document.Plural(k.Draws, "pair"), inWords(along))
	if gaussian != "" {
		words += " and as many Gaussian pairs give " + gaussian
	}
	return []string{fmt.Sprintf("%s: %s%s.", words, k.Verdict, afterSemicolon(wouldDo(run, k.Reason, k.Needs)))}
}

// exponent keeps the lower bound where there is nothing else.
func exponent(e enhancement.ScaleExponent) string {
	switch {
	case e.S.Defined():
		return document.Measured(e.S, e.CI)
	case e.CI.Defined():
		return "above " + document.Significant(e.CI.Lo)
	}
	return "undefined"
}
