package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

func tailSection(r *Report) document.Section {
	s := document.Section{ID: "tails", Title: "How heavy are the tails?", Figures: []string{"hill"}}
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Tails) > 0 })
	if c == nil {
		s.Lines = []string{"Not known: no checkpoint holds tail estimates."}
		return s
	}
	s.Lines = []string{tailWords(*c)}
	s.Table = &document.Table{Header: []string{"sample", "method", "tail index", "Gaussian", "verdict"}, Brief: 8}
	for _, t := range c.Tails {
		addTail(s.Table, c.Shape, t)
	}
	s.Notes = []string{"Tail index: below 2 the variance would be infinite. Gaussian: where 95% of the samples from Gaussian vectors of the same mean and covariance lie."}
	s.DetailTitle, s.Detail = "Losses and gradient norms of the recorded "+unitsWord(*c), summaryTable(c.Summaries)
	return s
}

// tailWords is the conclusion about the norms.
func tailWords(c Checkpoint) string {
	hill, moment := methodTest(c.Shape, "hill").Verdict, methodTest(c.Shape, "moment").Verdict
	switch {
	case hill == shape.NotTested && moment == shape.NotTested:
		return "No verdict on the norms of gradients: there are too few of them, or a few carry all."
	case hill == moment && hill == shape.NotToldApart:
		return "The tail of the gradients' norms is not told apart from that of Gaussian gradients."
	case hill == moment:
		return fmt.Sprintf("The tail of the gradients' norms is %s than that of Gaussian gradients, by both methods.", hill)
	}
	return fmt.Sprintf("The tail of the gradients' norms against that of Gaussian gradients: %s by Hill's estimate, %s by the moment estimate.",
		shapeVerdict(hill), shapeVerdict(moment))
}

func methodTest(s *shape.Shape, method string) shape.Test {
	if s != nil {
		for _, t := range s.Tests {
			if t.Of == shape.GradientNorm && t.By == method {
				return t
			}
		}
	}
	return shape.Test{}
}

// summaryMethods are the estimators that the summary shows; report.json has all of them.
var summaryMethods = []string{"hill", "moment"}

// addTail adds a row for each method: the first names the sample, the next says what it runs over.
func addTail(t *document.Table, s *shape.Shape, row shape.Tail) {
	words := sampleWords(row)
	for _, method := range summaryMethods {
		e, ok := estimateOf(row, method)
		if !ok {
			continue
		}
		gaussian, verdict := document.Undefined, document.Undefined
		for _, g := range row.Surrogate {
			if g.Method == method {
				gaussian, verdict = gaussianIndex(g), shapeVerdict(methodTest(s, method).Verdict)
			}
		}
		t.Add(words[0], method, document.Measured(e.TailIndex, e.CI), gaussian, verdict)
		words = append(words[1:], "")
	}
}

// gaussianIndex is the band of the tail index; Gaussian gradients mostly have none by the moment estimate, whose gamma is negative.
func gaussianIndex(g tail.SurrogateBand) string {
	if g.GammaBand.Defined() && !g.Band.Defined() {
		return "none (no power law)"
	}
	return orUndefined(document.Interval(g.Band))
}

func estimateOf(row shape.Tail, method string) (tail.Estimate, bool) {
	for _, e := range row.Estimates {
		if e.Method == method {
			return e, true
		}
	}
	return tail.Estimate{}, false
}

// sampleWords says what a tail is of, and over what it runs with how many exact zeros.
func sampleWords(t shape.Tail) []string {
	size := fmt.Sprintf("  %s %s", document.Whole(t.N), t.Axis)
	if t.Zeros > 0 {
		size += fmt.Sprintf(", %s zero", document.Whole(t.Zeros))
	}
	return []string{t.Of, size}
}

// summaryTable shows what resists outliers, and counts them.
func summaryTable(summaries []shape.Summary) *document.Table {
	if len(summaries) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"of", "median", "quartiles", "10% trimmed mean", "smallest, largest", "outliers mild, extreme"}}
	for _, s := range summaries {
		t.Add(s.Of, document.Number(s.Median), document.Number(s.Q1)+", "+document.Number(s.Q3), document.Number(s.TrimmedMean),
			document.Number(s.Min)+", "+document.Number(s.Max), document.Whole(s.MildOutliers)+", "+document.Whole(s.ExtremeOutliers))
	}
	return t
}
