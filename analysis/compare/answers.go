package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Answer is the answer to one question about one quantity, in sentences with the evidence, interval, n and family.
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
var headline = []string{"test_accuracy", "convergence_time", "steps_to_equal_loss", "trace_direct", "trace_units"}

func (r Result) answers() []Answer {
	answers := []Answer{}
	if len(r.group.Alphas()) == 1 {
		answers = append(answers, Answer{Question: questionCollapse, Verdict: Undecided, Text: "Not known: there is only one alpha."})
	}
	for _, key := range headline {
		for _, c := range r.Collapse {
			if c.Quantity == key && r.known(key) && c.overlaps() {
				answers = append(answers, r.collapseAnswer(c))
			}
		}
	}
	if len(answers) == 0 {
		answers = append(answers, Answer{Question: questionCollapse, Verdict: Undecided,
			Text: "Not known: the alphas have no range of B_eff in common; runs at more B would give one."})
	}
	for _, reference := range []string{SameEffective, SameBatch} {
		answers = append(answers, r.familyAnswers(func(f Family) bool { return f.Reference == reference })...)
	}
	answers = append(answers, r.familyAnswers(func(f Family) bool { return f.Reference != SameBatch && f.Reference != SameEffective })...)
	for _, w := range r.WeakNoise {
		if r.known(w.Quantity) {
			answers = append(answers, w.answer())
		}
	}
	for _, f := range r.BatchLaws {
		answers = append(answers, criticalAnswer(f))
	}
	return answers
}

// overlaps reports whether any alpha has a range of B_eff in common with the reference.
func (c Collapse) overlaps() bool {
	return slices.ContainsFunc(c.BEff, func(d Distance) bool { return d.Value.Defined() })
}

// known reports whether any cell has a value of a quantity.
func (r Result) known(key string) bool {
	return slices.ContainsFunc(r.Cells, func(c CellResult) bool { return c.quantity(key).N > 0 })
}

func (r Result) label(key string) string { return withKey(r.quantities, key).Label }

func (r Result) fraction(key string) bool { return withKey(r.quantities, key).Fraction }

// collapseAnswer states the distances at equal B_eff, and in parentheses those at equal B. There is more than one alpha.
func (r Result) collapseAnswer(c Collapse) Answer {
	a := Answer{Question: questionCollapse, Quantity: c.Quantity, Evidence: c.Evidence, Verdict: c.Verdict}
	a.Text = fmt.Sprintf("%s: %s. Against alpha = %s at equal B_eff: %s (at equal B: %s). %s.", sentence(r.label(c.Quantity)), r.verdict(c.Quantity, c.Verdict),
		short(c.ReferenceAlpha), r.distanceWords(c.Quantity, c.BEff), r.distanceWords(c.Quantity, c.B), sentence(c.testWords()))
	return a
}

// testWords are the p-values at equal B_eff that decide the verdicts, with their tests, and the numbers of runs.
func (c Collapse) testWords() string {
	var tests, runs []string
	named := ""
	for _, d := range c.BEff {
		test, p := "difference", d.PHolm
		if c.Verdict == Equal {
			test, p = "equivalence", d.Equivalence.PValue
		} else if d.Verdict == Equal {
			test, p = "equivalence", d.Equivalence.PHolm
		}
		text := document.Significant(float64(p))
		if d.Reason != "" {
			text = fmt.Sprintf("no test at alpha %s (%s)", short(d.Alpha), d.Reason)
		} else if test != named {
			text, named = test+" p = "+text, test
		}
		tests = append(tests, text)
		runs = append(runs, fmt.Sprintf("%d+%d", d.N, d.NReference))
	}
	correction := holmWords(c.Size, "alphas")
	if c.Verdict == Equal && c.Size > 1 {
		correction = ", each by its own test without correction"
	}
	return fmt.Sprintf("%s%s; runs (alpha + reference): %s", strings.Join(tests, ", "), correction, strings.Join(runs, ", "))
}

// distanceWords lists the distances of the alphas.
func (r Result) distanceWords(key string, rows []Distance) string {
	var parts []string
	for _, d := range rows {
		amount := "not known"
		if d.Value.Defined() {
			amount = r.amount(key, d.Difference)
		}
		parts = append(parts, fmt.Sprintf("%s at alpha %s", amount, short(d.Alpha)))
	}
	return strings.Join(parts, ", ")
}

func holmWords(size int, things string) string {
	if size < 2 {
		return ""
	}
	return fmt.Sprintf(", after Holm's correction over %d %s", size, things)
}

func (d Distance) span() string {
	if d.From == d.To {
		return document.Significant(float64(d.From))
	}
	return document.Significant(float64(d.From)) + " to " + document.Significant(float64(d.To))
}

// amount is a difference in points, or a ratio, with its interval.
func (r Result) amount(key string, d Difference) string { return amount(r.fraction(key), d) }

func amount(fraction bool, d Difference) string {
	few := tooWide(d.Scale, fraction, d.CI)
	switch {
	case d.Scale == Log && few:
		return "x " + document.Number(d.Value) + fewWords
	case fraction && few:
		return signed(document.Number(100*d.Value)) + " points" + fewWords
	case d.Scale == Log:
		return "x " + document.Measured(d.Value, d.CI)
	case fraction:
		return signed(document.Measured(100*d.Value, d.CI.Times(100))) + " points"
	}
	return signed(document.Measured(d.Value, d.CI))
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
		return document.Plain(round(100*float64(margin))) + " points"
	}
	return document.Plain(round(100*float64(margin))) + "%"
}

func round(x float64) float64 { return math.Round(1e6*x) / 1e6 }

// sentence makes the first letter a capital, except in "tr Sigma".
func sentence(text string) string {
	if word, _, _ := strings.Cut(text, " "); slices.Contains([]string{"tr", "gamma", "g2"}, word) { // symbols
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func (r Result) familyAnswers(of func(Family) bool) []Answer {
	var answers []Answer
	for _, f := range r.Contrasts {
		if f.Quantity == headline[0] && of(f) {
			answers = append(answers, r.familyAnswer(f))
		}
	}
	return answers
}

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
	switch {
	case count[Equal] == len(f.Rows):
		a.Verdict = Equal
	case count[Different] > 0:
		a.Verdict = Different
	}
	a.Text = fmt.Sprintf("%s, each cell against %s: of %d comparisons %d are different, %d equal within %s and %d undecided%s.", sentence(r.label(f.Quantity)),
		f.Reference, len(f.Rows), count[Different], count[Equal], marginWords(r.fraction(f.Quantity), f.Rows[0].Equivalence.Margin), count[Undecided],
		holmWords(f.Size, "tests"))
	return a
}

// answer says in one sentence what happens at fixed B_eff.
func (w WeakNoise) answer() Answer {
	a := Answer{Question: questionWeakNoise, Quantity: w.Quantity, Evidence: w.Evidence, Verdict: w.Verdict}
	if !w.AtConvergence {
		a.Question = questionLast
	}
	if w.Reason != "" {
		a.Text = fmt.Sprintf("tr Sigma, %s: not known (%s).", w.Evidence, w.Reason)
		return a
	}
	says, test, p := w.Verdict, "difference", w.LogF.PValue
	if says == Equal {
		says, test, p = "equal within "+marginWords(false, w.Equivalence.Margin), "equivalence", w.Equivalence.PValue
	}
	a.Text = fmt.Sprintf("tr Sigma, %s: %s. At f = %s it is %s times that of plain SGD with the same B_eff (%s %s)%s. It grows as f^d at fixed B_eff, with "+
		"d = %s, and as B^s at fixed alpha, with s = %s. %d cells, %d runs.", w.Evidence, says, document.Significant(float64(w.LargestF)),
		document.Measured(w.Ratio, w.RatioCI), test, document.PValue(p), w.lossWords(), document.Measured(w.LogF.Value, w.LogF.CI),
		document.Measured(w.LogBEff.Value, w.LogBEff.CI), w.Cells, w.Runs)
	return a
}

// lossWords say what is left at equal training loss. A difference that is gone there is no finding about alpha.
func (w WeakNoise) lossWords() string {
	differ := fmt.Sprintf("the training loss there, which differs %s times between cells", document.Significant(float64(w.LossRatio)))
	switch {
	case !w.LossRatio.Defined():
		return "; the training loss there is not known and may differ, too"
	case !w.lossDiffers():
		return ""
	case w.AtLoss.Reason != "":
		return fmt.Sprintf(", which is no finding: %s, cannot be held equal (%s)", differ, w.AtLoss.Reason)
	}
	words := fmt.Sprintf(", and %s times (d = %s) with %s, held equal", document.Measured(w.AtLoss.Ratio, w.AtLoss.RatioCI),
		document.Measured(w.AtLoss.LogF.Value, w.AtLoss.LogF.CI), differ)
	if w.Verdict == Undecided {
		words += ", so that neither is a finding"
	}
	return words
}
