package report

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/noise"
)

func shapeSection(r *Report) document.Section {
	s := document.Section{ID: "shape", Title: "How Gaussian is the noise of a minibatch?", Figures: []string{"kurtosis", "shape"}}
	c, directions := lastDirections(r)
	if c == nil {
		s.Lines = []string{"Not known: no checkpoint holds draws along directions."}
		return s
	}
	s.Lines = []string{fmt.Sprintf("Excess kurtosis%s (Gaussian: 0).", atStep(r, c))}
	if run := r.Run; run.Alpha != 1 && finite(run.Alpha) {
		s.Lines[0] += fmt.Sprintf(" Theory: NE has %s of that of SGD at B_eff.",
			document.Significant(noise.KurtosisRatio(run.Alpha)))
	}
	s.Table = kurtosisTable(directions)
	s.Notes = []string{"top1, top2, ... are the leading eigenvectors of Sigma in one half of the units; the draws are from the other half."}
	s.Notes = append(s.Notes, rejectionWords(c.Rejections)...)
	s.Notes = append(s.Notes, pursuitWords(c.Pursuit)...)
	s.Notes = append(append(s.Notes, matchedWords(*c)...), exponentWords(*c)...)
	s.DetailTitle, s.Detail = "NE at B against SGD at B_eff, which has the same covariance", matchedTable(c.Matched)
	return s
}

// rejectionWords count the rows that differ from Gaussian; none where no noise was resampled.
func rejectionWords(r *Rejections) []string {
	if r == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s of %s resampled rows differ from Gaussian at a false discovery rate of %s (%s).",
		document.Whole(r.Discoveries), document.Whole(r.Rows), document.Percent(estimate.Number(r.FDR)), r.Test)}
}

func pursuitWords(p *Pursuit) []string {
	if p == nil || !p.HeldOut.Defined() {
		return nil
	}
	verdict := "consistent with Gaussian"
	switch g2 := float64(p.HeldOut); {
	case g2 > p.Gaussian.Hi:
		verdict = heavier
	case g2 < p.Gaussian.Lo:
		verdict = "lighter than Gaussian"
	}
	return []string{fmt.Sprintf("pursued is the least Gaussian combination of the first %d eigenvectors, found and judged likewise: single gradients "+
		"have an excess kurtosis of %s along it (Gaussian %s): %s.", p.Directions, document.Number(p.HeldOut), document.Interval(p.Gaussian), verdict)}
}

func kurtosisTable(directions []direction) *document.Table {
	t := &document.Table{Header: []string{"direction"}, Brief: 4}
	present := presentArms(directions)
	for _, arm := range present {
		t.Header = append(t.Header, armHeader(arm, directions))
	}
	for _, d := range directions {
		shown, expected := []string{strings.TrimPrefix(d.name, "noise ")}, []string{"  predicted"}
		for _, arm := range present {
			row := d.arms[arm]
			if row == nil {
				shown, expected = append(shown, document.Undefined), append(expected, document.Undefined)
				continue
			}
			shown = append(shown, document.Measured(row.ExcessKurtosisG2, row.CI))
			expected = append(expected, document.Number(row.ExcessKurtosisPredicted))
		}
		t.Add(shown...)
		t.Add(expected...)
	}
	return t
}

func presentArms(directions []direction) []int {
	var present []int
	for arm := range arms() {
		for _, d := range directions {
			if d.arms[arm] != nil {
				present = append(present, arm)
				break
			}
		}
	}
	return present
}

// armHeader names an arm with its batch, such as "SGD at B_eff = 200".
func armHeader(arm int, directions []direction) string {
	for _, d := range directions {
		if row := d.arms[arm]; row != nil {
			return fmt.Sprintf("%s = %s", arms()[arm], document.Whole(*row.Batch))
		}
	}
	return arms()[arm]
}

func tailSection(r *Report) document.Section {
	s := document.Section{ID: "tails", Title: "How heavy are the tails?", Figures: []string{"hill"}}
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Tails) > 0 })
	if c == nil {
		s.Lines = []string{"Not known: no checkpoint holds tail estimates."}
		return s
	}
	s.Lines = []string{fmt.Sprintf("Tail index%s (below 2: infinite variance) and the range of Gaussian samples alike.", atStep(r, c))}
	s.Table = &document.Table{Header: []string{"sample", "method", "tail index", "Gaussian", "verdict"}, Brief: 8}
	for _, t := range c.Tails {
		addTail(s.Table, t)
	}
	s.Notes = stableWords(r.Run, c.UnitSize, c.Tails)
	s.DetailTitle, s.Detail = "Losses and gradient norms of the recorded units", summaryTable(c.Summaries)
	return s
}

// stableWords give alpha of a stable law fitted to the noise along the first direction, arm by arm.
func stableWords(run Run, unitSize int, tails []Tail) []string {
	words, first := "", ""
	for _, t := range tails {
		arm := armOf(run, unitSize, Normality{Alpha: t.Alpha, Batch: t.Batch, Evidence: t.Evidence})
		if arm < 0 || t.Axis != AxisDraws || first != "" && t.Of != first {
			continue
		}
		for _, e := range t.Stable {
			if e.Method == "koutrouvelis" && e.Alpha.Defined() {
				first = t.Of
				words += fmt.Sprintf(", %s %s", arms()[arm], document.Measured(e.Alpha, e.CI))
			}
		}
	}
	if words == "" {
		return nil
	}
	return []string{fmt.Sprintf("Stable laws fitted to %s (characteristic function): alpha%s; 2 is Gaussian.", first, words[1:])}
}

// summaryTable shows what resists outliers, and counts them.
func summaryTable(summaries []Summary) *document.Table {
	if len(summaries) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"of", "median", "quartiles", "10% trimmed mean", "smallest, largest", "outliers mild, extreme"}}
	for _, s := range summaries {
		t.Add(s.Of, document.Number(s.Median), document.Number(s.Q1)+", "+document.Number(s.Q3), document.Number(s.TrimmedMean), document.Number(s.Min)+", "+document.Number(s.Max),
			document.Whole(s.MildOutliers)+", "+document.Whole(s.ExtremeOutliers))
	}
	return t
}

// summaryMethods are the estimators that the summary shows; report.json has all of them.
var summaryMethods = []string{"hill", "moment"}

// addTail adds a row for each method: the first names the sample, the next says what it runs over.
func addTail(t *document.Table, row Tail) {
	words := sampleWords(row)
	for _, method := range summaryMethods {
		e, ok := estimateOf(row, method)
		if !ok {
			continue
		}
		gaussian := surrogateOf(row, method)
		t.Add(words[0], method, document.Measured(e.TailIndex, e.CI), document.Interval(gaussian.Band), tailVerdict(e, gaussian))
		words = append(words[1:], "")
	}
}

func estimateOf(row Tail, method string) (tail.Estimate, bool) {
	for _, e := range row.Estimates {
		if e.Method == method {
			return e, true
		}
	}
	return tail.Estimate{}, false
}

// surrogateOf is what Gaussian samples give; its bands are document.Undefined where there is none.
func surrogateOf(row Tail, method string) tail.SurrogateBand {
	for _, s := range row.Surrogate {
		if s.Method == method {
			return s
		}
	}
	return tail.SurrogateBand{Method: method, Band: estimate.None(), GammaBand: estimate.None()}
}

// sampleWords says what a tail is of, and over what it runs with how many exact zeros.
func sampleWords(t Tail) []string {
	name, size := t.Of, fmt.Sprintf("  %s %s", document.Whole(t.N), t.Axis)
	if t.Alpha != nil && t.Batch != nil {
		name += fmt.Sprintf(", alpha %s, B %s", document.Plain(*t.Alpha), document.Whole(*t.Batch))
	}
	if t.Zeros > 0 {
		size += fmt.Sprintf(", %s zero", document.Whole(t.Zeros))
	}
	return []string{name, size}
}

const heavier = "heavier than Gaussian"

// tailVerdict reads gamma, which exists where the tail index does not, against its range for Gaussian samples.
func tailVerdict(e tail.Estimate, gaussian tail.SurrogateBand) string {
	switch {
	case !e.Gamma.Defined():
		return document.Undefined
	case !gaussian.GammaBand.Defined():
		return "no Gaussian band"
	case gaussian.Contains(e):
		return "consistent with Gaussian"
	case float64(e.Gamma) > gaussian.GammaBand.Hi:
		return heavier
	}
	return "lighter than Gaussian"
}
