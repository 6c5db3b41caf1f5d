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
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil })
	if c == nil {
		s.Lines = []string{"Not known: no checkpoint holds gradients."}
		return s
	}
	s.Lines = append(populationGammaWords(c.Shape), gammaWords(*c, atStep(r, c)))
	s.Table = excessTable(c.Shape)
	if s.Table != nil {
		s.Notes = append(s.Notes, "Excess: how much more |noise|^2 varies than that of a Gaussian of the same covariance (ratio of variances, less 1); from the fourth cumulant of the recorded gradients, "+
			"and over real minibatches, with a test of their agreement.")
	}
	if run := r.Run; run.Alpha != 1 && finite(run.Alpha) {
		s.Notes = append(s.Notes, fmt.Sprintf("By a theorem NE has %s of the excess of SGD at B_eff, whose covariance is the same.",
			document.Significant(noise.KurtosisRatio(run.Alpha))))
	}
	s.Notes = append(append(s.Notes, directionWords(*c)...), countWords(r)...)
	s.Notes = append(s.Notes, exponentWords(*c)...)
	s.DetailTitle, s.Detail = "Single gradients along directions", directionTable(c.Shape)
	return s
}

// gammaWords is the conclusion about single gradients.
func gammaWords(c Checkpoint, where string) string {
	s := c.Shape
	gamma := "gamma = " + document.Measured(s.Gamma, s.CI.Gamma) + ", 0 for a Gaussian"
	of := "Gradients of single " + unitsWord(c) + where
	switch s.Verdict {
	case shape.Heavier:
		return fmt.Sprintf("%s are not Gaussian: their squared lengths vary more (%s).", of, gamma)
	case shape.Lighter:
		return fmt.Sprintf("%s are not Gaussian: their squared lengths vary less (%s).", of, gamma)
	case shape.NotToldApart:
		return fmt.Sprintf("%s are not told apart from Gaussian (%s).", of, gamma)
	}
	if s.Withheld != "" {
		return fmt.Sprintf("The recorded gradients%s are not tested (gamma = %s): %s.", where, document.Number(s.Gamma), s.Withheld)
	}
	return fmt.Sprintf("%s: %s.", of, gamma)
}

// populationGammaWords give gamma of the training set, of which the norms of all samples leave little to estimate.
func populationGammaWords(s *shape.Shape) []string {
	if s.Population == nil || !s.Population.Gamma.Defined() {
		return nil
	}
	return []string{fmt.Sprintf("Over all training samples the squared lengths of gradients have gamma = %s, 0 for a Gaussian: how much more they vary, relative to their mean, than those of Gaussian vectors of the same covariance.", document.Measured(s.Population.Gamma, s.Population.GammaCI))}
}

// excessTable has a row an arm; nil where there is none.
func excessTable(s *shape.Shape) *document.Table {
	t := &document.Table{Header: []string{"excess of", "from gradients", "from minibatches", "test"}}
	for _, arm := range enhancement.Arms() {
		exact, direct := excessRow(s, arm, shape.Exact), excessRow(s, arm, enhancement.Direct)
		if exact == nil {
			continue
		}
		measured, p := document.Undefined, document.Undefined
		if direct != nil {
			measured, p = document.Measured(direct.NormExcess, direct.CI), orUndefined(document.PValue(direct.PValue))
		}
		t.Add(fmt.Sprintf("%s = %s", arm, document.Whole(exact.Batch)), document.Measured(exact.Unbiased, exact.UnbiasedCI), measured, p)
	}
	if t.Rows == nil {
		return nil
	}
	return t
}

func excessRow(s *shape.Shape, arm enhancement.Arm, evidence string) *shape.Row {
	for i, row := range s.Rows {
		if row.Arm == arm && row.Evidence == evidence {
			return &s.Rows[i]
		}
	}
	return nil
}

// directionWords name the directions along which single gradients are not Gaussian.
func directionWords(c Checkpoint) []string {
	if len(c.Shape.Directions) == 0 || c.Shape.Withheld != "" {
		return nil
	}
	var found []string
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, d := range c.Shape.Directions {
		if v := testOf(c.Shape, d.Of).Verdict; v != shape.NotToldApart && v != shape.NotTested {
			found = append(found, directionName(d.Of))
			lo, hi = min(lo, float64(d.ExcessKurtosisG2)), max(hi, float64(d.ExcessKurtosisG2))
		}
	}
	half := fmt.Sprintf("Along %s, chosen on one half of the %s and judged on the other, ", document.Plural(len(c.Shape.Directions), "direction"), unitsWord(c))
	if found == nil {
		return []string{half + "none is told apart from Gaussian."}
	}
	return []string{fmt.Sprintf("%s%s not Gaussian (%s): the excess kurtosis of single gradients is %s to %s.", half, areWords(len(found)),
		strings.Join(found, ", "), document.Significant(lo), document.Significant(hi))}
}

func areWords(n int) string {
	if n == 1 {
		return "1 is"
	}
	return document.Whole(n) + " are"
}

func directionName(of string) string { return strings.TrimPrefix(of, enhancement.NoisePrefix) }

func testOf(s *shape.Shape, of string) shape.Test {
	for _, t := range s.Tests {
		if t.Of == of {
			return t
		}
	}
	return shape.Test{}
}

// countWords state the rate of false alarms of everything that the report calls non-Gaussian.
func countWords(r *Report) []string {
	tests, found := 0, 0
	for _, c := range r.Checkpoints {
		if c.Rejections != nil {
			tests, found = tests+c.Rejections.Rows, found+c.Rejections.Discoveries
		}
	}
	if tests == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s of this report look for anything that is not Gaussian, and find it in %s, at a false discovery rate of %s%% over all of them.",
		document.Plural(tests, "test"), document.Whole(found), document.Plain(100*shape.FalseDiscoveryRate))}
}

func directionTable(s *shape.Shape) *document.Table {
	if len(s.Directions) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"direction", "skewness", "excess kurtosis", "verdict"}}
	for _, d := range s.Directions {
		t.Add(directionName(d.Of), document.Measured(d.SkewnessG1, d.SkewnessCI), document.Measured(d.ExcessKurtosisG2, d.CI),
			shapeVerdict(testOf(s, d.Of).Verdict))
	}
	return t
}

// shapeVerdict phrases a verdict in a table.
func shapeVerdict(v shape.Verdict) string {
	switch v {
	case shape.Heavier:
		return "heavier"
	case shape.Lighter:
		return "lighter"
	case shape.Skewed:
		return "skewed"
	case shape.NotToldApart:
		return "not told apart"
	}
	return document.Undefined
}

// exponentWords read the exponent along the first direction of the direct draws.
func exponentWords(c Checkpoint) []string {
	for _, e := range c.ScaleExponent {
		if e.Evidence == enhancement.Direct && e.S.Defined() {
			return []string{fmt.Sprintf("Scale exponent along %s, from %s of real minibatches: s = %s (2 for finite variance; Gaussian pairs give %s): %s.",
				directionName(e.Of), document.Plural(e.Draws, "pair"), document.Measured(e.S, e.CI), orUndefined(document.Interval(e.GaussianSurrogate)), e.Verdict)}
		}
	}
	return nil
}
