package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// Answer is what the comparison says to one question about one quantity, in a sentence with its evidence, interval, n and family.
type Answer struct {
	Question string `json:"question"`
	Quantity string `json:"quantity"`
	Evidence string `json:"evidence"`
	Verdict  string `json:"verdict"`
	Text     string `json:"text"`
}

// The questions.
const (
	questionCollapse  = "Does alpha matter at equal B_eff?"
	questionBatch     = "Does alpha matter at the same B?"
	questionReference = "What differs from the reference?"
	questionWeakNoise = "At convergence, is the noise weaker or stronger with larger alpha?"
	questionLast      = "At the last checkpoint, is the noise weaker or stronger with larger alpha?"
)

// headline are the quantities that the answers are about; the tables have the others.
var headline = []string{"test_accuracy", "convergence_time", "trace_direct", "trace_units"}

func (r Result) answers() []Answer {
	answers := []Answer{}
	for _, key := range headline {
		for _, c := range r.Collapse {
			if c.Quantity == key && r.known(key) {
				answers = append(answers, r.collapseAnswer(c))
			}
		}
	}
	for _, f := range r.Contrasts {
		if f.Quantity == headline[0] {
			answers = append(answers, r.familyAnswer(f))
		}
	}
	for _, w := range r.WeakNoise {
		if r.known(w.Quantity) {
			answers = append(answers, w.answer())
		}
	}
	return answers
}

// known reports whether any cell has a value of a quantity.
func (r Result) known(key string) bool {
	for _, c := range r.Cells {
		if c.quantity(key).N > 0 {
			return true
		}
	}
	return false
}

func (r Result) label(key string) string {
	for _, q := range r.group.Quantities() {
		if q.Key == key {
			return q.Label
		}
	}
	return key
}

func (r Result) fraction(key string) bool {
	for _, q := range r.group.Quantities() {
		if q.Key == key {
			return q.Fraction
		}
	}
	return false
}

// collapseAnswer states the distances at equal B_eff, and at equal B beside them.
func (r Result) collapseAnswer(c Collapse) Answer {
	a := Answer{Question: questionCollapse, Quantity: c.Quantity, Evidence: c.Evidence, Verdict: c.Verdict}
	if len(c.BEff) == 0 {
		a.Text = fmt.Sprintf("%s: not known, there is one alpha.", sentence(r.label(c.Quantity)))
		return a
	}
	var parts []string
	for i, d := range c.BEff {
		if d.Reason != "" && !d.Value.Defined() {
			parts = append(parts, fmt.Sprintf("alpha %s: not known, %s", short(d.Alpha), d.Reason))
			continue
		}
		text := fmt.Sprintf("alpha %s %s at B_eff %s", short(d.Alpha), r.amount(c.Quantity, d.Difference), d.span())
		if b := c.B[i]; b.Value.Defined() {
			text += fmt.Sprintf(" (at equal B %s)", r.amount(c.Quantity, b.Difference))
		}
		if d.Reason != "" {
			text += ", untested: " + d.Reason
		} else {
			text += fmt.Sprintf(", %s, n = %d and %d runs", d.judged(), d.N, d.NReference)
		}
		parts = append(parts, text)
	}
	a.Text = fmt.Sprintf("%s: %s. Against alpha = %s%s: %s.", sentence(r.label(c.Quantity)), r.verdict(c.Quantity, c.Verdict),
		short(c.ReferenceAlpha), holmWords(c.Size, "alphas"), strings.Join(parts, "; "))
	return a
}

// judged is the p-value that decided a verdict.
func (d Distance) judged() string { return judged(d.Verdict, d.PHolm, d.Equivalence) }

func judged(verdict string, pHolm estimate.Number, e Equivalence) string {
	if verdict == Equal {
		return report.FormatPValue(e.PHolm) + " of a difference beyond the margin"
	}
	return report.FormatPValue(pHolm) + " of none"
}

func holmWords(size int, things string) string {
	if size < 2 {
		return ""
	}
	return fmt.Sprintf(", p by Holm over %d %s", size, things)
}

func (d Distance) span() string {
	if d.From == d.To {
		return report.Significant(float64(d.From))
	}
	return report.Significant(float64(d.From)) + " to " + report.Significant(float64(d.To))
}

// amount is a difference in points, or a ratio, with its interval.
func (r Result) amount(key string, d Difference) string { return amount(r.fraction(key), d) }

func amount(fraction bool, d Difference) string {
	switch {
	case d.Scale == Log:
		return "x " + report.Measured(d.Value, d.CI)
	case fraction:
		return signed(report.Measured(100*d.Value, estimate.Interval{Lo: 100 * d.CI.Lo, Hi: 100 * d.CI.Hi})) + " points"
	}
	return signed(report.Measured(d.Value, d.CI))
}

func signed(text string) string {
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "0 ") {
		return text
	}
	return "+" + text
}

// verdict names the margin that the verdict is about.
func (r Result) verdict(key, verdict string) string {
	if verdict != Equal {
		return verdict
	}
	for _, c := range r.Collapse {
		if c.Quantity == key && len(c.BEff) > 0 {
			return "equal within " + marginWords(r.fraction(key), c.BEff[0].Equivalence.Margin)
		}
	}
	return verdict
}

func marginWords(fraction bool, margin estimate.Number) string {
	if fraction {
		return report.Plain(round(100*float64(margin))) + " points"
	}
	return report.Plain(round(100*float64(margin))) + "%"
}

func round(x float64) float64 { return math.Round(1e6*x) / 1e6 }

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// familyAnswer counts the verdicts of a family.
func (r Result) familyAnswer(f Family) Answer {
	a := Answer{Question: questionReference, Quantity: f.Quantity, Evidence: f.Evidence, Verdict: Undecided}
	switch f.Reference {
	case SameBatch:
		a.Question = questionBatch
	case SameEffective:
		a.Question = questionCollapse
	}
	count := map[string]int{}
	for _, row := range f.Rows {
		count[row.Verdict]++
	}
	switch len(f.Rows) {
	case count[Equal]:
		a.Verdict = Equal
	default:
		if count[Different] > 0 {
			a.Verdict = Different
		}
	}
	a.Text = fmt.Sprintf("%s, cell by cell against %s: %d different, %d equal within %s, %d undecided, of %d%s.", sentence(r.label(f.Quantity)),
		f.Reference, count[Different], count[Equal], marginWords(r.fraction(f.Quantity), f.Rows[0].Equivalence.Margin), count[Undecided],
		len(f.Rows), holmWords(f.Size, "comparisons"))
	return a
}

// answer says in one sentence what happens at fixed B_eff.
func (w WeakNoise) answer() Answer {
	a := Answer{Question: questionWeakNoise, Quantity: w.Quantity, Evidence: w.Evidence, Verdict: w.Verdict}
	if !w.AtConvergence {
		a.Question = questionLast
	}
	if w.Reason != "" {
		a.Text = fmt.Sprintf("By %s evidence: not known: %s.", w.Evidence, w.Reason)
		return a
	}
	says := map[string]string{Stronger: "stronger", Weaker: "weaker", Undecided: "undecided"}[w.Verdict]
	a.Text = fmt.Sprintf("By %s evidence, at fixed B_eff: %s. tr Sigma grows as f^d with d = %s (%s), so that at f = %s it is %s times that of "+
		"plain SGD with the same B_eff; at fixed alpha it grows as B^s with s = %s. %d cells, %d runs.", w.Evidence, says,
		report.Measured(w.LogF.Value, w.LogF.CI), report.FormatPValue(w.LogF.PValue), report.Significant(float64(w.LargestF)),
		report.Measured(w.Ratio, w.RatioCI), report.Measured(w.LogBEff.Value, w.LogBEff.CI), w.Cells, w.Runs)
	return a
}
