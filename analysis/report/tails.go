package report

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

func tailSection(r *Report) document.Section {
	s := document.Section{ID: "tails", Title: "How heavy are the tails?", Figures: []string{"hill"}}
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Tails) > 0 })
	if c == nil {
		s.Lines = []string{"Not known, since no checkpoint holds tail estimates."}
		return s
	}
	if c.Shape != nil && c.Shape.Conclusion != nil {
		n := c.Shape.Conclusion.Norms
		s.Lines = []string{indexWords(r.Run, *c, n), normWords(r.Run, *c, n)}
	}
	s.Table = &document.Table{Header: []string{"sample", "method", "tail index", "Gaussian"}, Brief: 8}
	for _, t := range c.Tails {
		addTail(s.Table, t)
	}
	s.Notes = []string{"Tail index: below 2 the variance would be infinite. Hill's estimate gives one for any data, and says something only beside that of Gaussian data. " +
		"Gaussian: where 95% of the samples from Gaussian vectors of the same mean and covariance lie. Losses have no Gaussian counterpart."}
	s.DetailTitle, s.Detail = "Losses and gradient norms of the recorded "+unitsWord(*c), summaryTable(c.Summaries)
	return s
}

// indexWords are the answer to whether the variance of the norms is finite.
func indexWords(run Run, c Checkpoint, n shape.NormTail) string {
	of := fmt.Sprintf("of the %s recorded %s", document.Whole(n.N), unitsWord(c))
	if n.From == shape.FromAllSamples {
		of = fmt.Sprintf("of all %s training samples", document.Whole(n.N))
	}
	by := fmt.Sprintf("by %s from the largest %s", methodWords(n.Method), document.Whole(n.K))
	words := fmt.Sprintf("The norms of the gradients %s have the tail index %s, %s: ", of, document.Measured(n.TailIndex, n.CI), by)
	switch {
	case !n.Gamma.Defined():
		words = fmt.Sprintf("There is no estimate of how heavy the tail of the norms of the gradients %s is, %s: ", of, by)
	case !n.TailIndex.Defined() && n.CI.Defined():
		words = fmt.Sprintf("The norms of the gradients %s have no power-law tail, or one with an index of at least %s, %s: ", of, document.Significant(n.CI.Lo), by)
	case !n.TailIndex.Defined():
		words = fmt.Sprintf("The norms of the gradients %s have no power-law tail, %s: ", of, by)
	}
	switch n.Variance {
	case tail.Finite:
		return words + "their variance is finite."
	case tail.Infinite:
		return words + "their variance is infinite if the tail continues like this."
	}
	reason, needs := orUndefined(n.Reason), estimate.Needs{}
	if n.From == shape.FromRecordedUnits && n.ValuesNeeded > 0 {
		reason += fmt.Sprintf("; about %d units would do", n.ValuesNeeded)
		needs.Units = n.ValuesNeeded
	}
	return words + "whether their variance is finite is undecided, since " + again(run, c, reason, needs) + "."
}

// normWords compare the tail with that of Gaussian gradients.
func normWords(run Run, c Checkpoint, n shape.NormTail) string {
	of := fmt.Sprintf("The tail of the %s recorded norms is ", document.Whole(c.Units))
	reason := again(run, c, n.Untested, n.Needs)
	switch {
	case n.Verdict == shape.NotToldApart && reason != "":
		return of + "not told apart from that of Gaussian gradients, though " + reason + "."
	case n.Verdict == shape.NotToldApart:
		return of + "not told apart from that of Gaussian gradients."
	case n.Verdict != shape.NotTested:
		var by []string
		for _, method := range n.By {
			by = append(by, methodWords(method))
		}
		return fmt.Sprintf("%s%s than that of Gaussian gradients, by %s.", of, n.Verdict, inWords(by))
	}
	return of + "not compared with that of Gaussian gradients: " + orUndefined(reason) + "."
}

func methodWords(method string) string {
	if method == tail.NameHill {
		return "Hill's estimate"
	}
	return "the " + method + " estimate"
}

// summaryMethods are the estimators that the summary shows; report.json has all of them.
var summaryMethods = []string{tail.NameHill, tail.NameMoment}

// addTail adds a row for each method: the first names the sample, the next says what it runs over.
func addTail(t *document.Table, row shape.Tail) {
	words := sampleWords(row)
	for _, method := range summaryMethods {
		if e := estimateOf(row, method); e != nil {
			t.Add(words[0], method, tailIndex(*e), gaussianBand(row, method))
			words = append(words[1:], "")
		}
	}
}

const noPowerLaw = "none (no power law)"

func tailIndex(e tail.Estimate) string {
	if e.Gamma.Defined() && !e.TailIndex.Defined() {
		return strings.TrimSpace(noPowerLaw + " " + document.Interval(e.CI))
	}
	return document.Measured(e.TailIndex, e.CI)
}

// gaussianBand is that of the tail index of Gaussian gradients, which mostly have none by the moment estimate, whose gamma is negative.
func gaussianBand(row shape.Tail, method string) string {
	g := first(row.Surrogate, func(g tail.SurrogateBand) bool { return g.Method == method })
	switch {
	case g == nil:
		return document.Undefined
	case g.GammaBand.Defined() && !g.Band.Defined():
		return noPowerLaw
	}
	return orUndefined(document.Interval(g.Band))
}

func estimateOf(row shape.Tail, method string) *tail.Estimate {
	return first(row.Estimates, func(e tail.Estimate) bool { return e.Method == method })
}

// sampleWords says what a tail is of, and over what it runs with how many exact zeros.
func sampleWords(t shape.Tail) []string {
	size := fmt.Sprintf("  %s %s", document.Whole(t.N), t.Axis)
	if len(t.Estimates) > 0 && t.Estimates[0].K > 0 {
		size += fmt.Sprintf(", largest %s", document.Whole(t.Estimates[0].K))
	}
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
