package paper

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Pair is NE at (alpha, B) and SGD at B / f: noise of the same covariance, and of another kurtosis.
type Pair struct {
	NE  Cell `json:"ne"`
	SGD Cell `json:"sgd"`
	// KurtosisRatio is the excess kurtosis of the noise of NE over that of SGD, as theory has it.
	KurtosisRatio float64  `json:"kurtosis_ratio"`
	Effects       []Effect `json:"effects"`
}

// Effect is what a quantity is more with NE than with SGD.
type Effect struct {
	Quantity string `json:"quantity"`
	Evidence string `json:"evidence"`
	// Tested has the tests and the verdict of the pairs together, and those of one are empty.
	compare.Tested

	label    string
	fraction bool
}

// cares are the quantities that training might care by.
func cares() []string {
	return []string{"test_accuracy", "test_loss", "convergence_time", "steps_to_equal_loss", "trace_direct", "trace_units", "kurtosis_noise"}
}

// compareNoise compares the pairs, each by itself and all together. Values belong together by seed, where there are three or more; all together are the mean of the pairs'
// effects, with the interval of what differs between seeds. The pairs have the same seeds; what these leave in a difference is taken as independent.
func (r *Result) compareNoise(g *compare.Group) {
	if r.plan.ofModel().Pairs == nil {
		return
	}
	var quantities []compare.Quantity
	for _, q := range g.Quantities() {
		if slices.Contains(cares(), q.Key) {
			quantities = append(quantities, q)
		}
	}
	for _, pair := range r.plan.pairs() {
		p := Pair{NE: pair.NE, SGD: pair.SGD, KurtosisRatio: noise.KurtosisRatio(pair.NE.Alpha), Effects: []Effect{}}
		for _, q := range quantities {
			a, b := matched(g, q, pair)
			p.Effects = append(p.Effects, effect(q, compare.Matched(a, b, q.Scale)))
		}
		r.Pairs = append(r.Pairs, p)
	}
	for i, q := range quantities {
		var pairs []compare.Difference
		for _, p := range r.Pairs {
			pairs = append(pairs, p.Effects[i].Difference)
		}
		r.Together = append(r.Together, effect(q, compare.MeanDifference(pairs)))
	}
	r.judge()
}

// matched are the values of a quantity by seed, of the seeds that both cells have. The end of training is convergence, where any run
// converged: one that met the bound of steps is elsewhere, and does not count.
func matched(g *compare.Group, q compare.Quantity, p pair) (ne, sgd []float64) {
	left, right := g.Cell(p.NE.Alpha, p.NE.Batch), g.Cell(p.SGD.Alpha, p.SGD.Batch)
	if left == nil || right == nil {
		return nil, nil
	}
	for _, a := range left.Runs {
		for _, b := range right.Runs {
			if a.Seed() == b.Seed() && counts(g, a) && counts(g, b) {
				ne, sgd = append(ne, q.Of(a)), append(sgd, q.Of(b))
			}
		}
	}
	return ne, sgd
}

func counts(g *compare.Group, r *compare.Run) bool {
	return !r.Diverged() && (r.Stopped() || !g.Converging())
}

func effect(q compare.Quantity, d compare.Difference) Effect {
	return Effect{
		Quantity: q.Key, Evidence: q.Evidence, label: q.Label, fraction: q.Fraction,
		Tested: compare.Tested{Difference: d, PHolm: estimate.Undefined(), Equivalence: d.EqualWithin(math.NaN())},
	}
}

// judge tests the pairs together for a difference and for equality, by Holm's correction for the number of quantities, and says what it
// comes to.
func (r *Result) judge() {
	var tests []*compare.Tested
	for i := range r.Together {
		r.Together[i].Equivalence = r.equivalence(i)
		tests = append(tests, &r.Together[i].Tested)
	}
	compare.Judge(tests)
	for i := range r.Together {
		e := &r.Together[i]
		if !e.PValue.Defined() {
			e.Verdict = ""
		}
		r.Findings = append(r.Findings, e.sentence(r.alphasWith(i)))
	}
}

// alphasWith counts the pairs that have any run of a quantity.
func (r *Result) alphasWith(quantity int) int {
	n := 0
	for _, p := range r.Pairs {
		if p.Effects[quantity].N > 0 {
			n++
		}
	}
	return n
}

// equivalence of all pairs in a quantity is that of each by itself: as an intersection-union test, of the largest p-value (Berger, Technometrics
// 24 (1982)). A mean of effects that cancel shows nothing.
func (r *Result) equivalence(quantity int) compare.Equivalence {
	margin := r.Together[quantity].margin()
	largest := compare.Equivalence{Margin: estimate.Number(margin), PValue: estimate.Undefined(), PHolm: estimate.Undefined()}
	for i, p := range r.Pairs {
		e := p.Effects[quantity].EqualWithin(margin)
		if !e.PValue.Defined() {
			return compare.Equivalence{Margin: e.Margin, PValue: estimate.Undefined(), PHolm: estimate.Undefined()}
		}
		if i == 0 || e.PValue > largest.PValue {
			largest = e
		}
	}
	return largest
}

// margin is what counts as equal, NaN where nothing is known to be small.
func (e *Effect) margin() float64 {
	switch margins := compare.DefaultSettings(); {
	case e.fraction:
		return margins.AccuracyMargin
	case e.Scale == compare.Log:
		return margins.RatioMargin
	}
	return math.NaN()
}

// sentence is the finding about a quantity.
func (e *Effect) sentence(pairs int) string {
	if !e.Value.Defined() {
		return fmt.Sprintf("%s: no pair of runs has it.", e.label)
	}
	if e.Verdict == "" {
		why := "one pair of runs gives no interval"
		if e.N > 1 {
			why = "without spread there is no interval"
		}
		return fmt.Sprintf("%s: %s with NE; %s.", e.label, e.amount(), why)
	}
	p, of := e.PHolm, ""
	if e.Verdict == compare.Equal {
		p, of = e.Equivalence.PHolm, " of equality"
	}
	return fmt.Sprintf("%s: %s with NE, over %d pairs of runs at %d alphas: %s (p%s = %.2g after Holm's correction).",
		e.label, e.amount(), e.N, pairs, e.Verdict, of, float64(p))
}

// amount is the difference with its interval in the form of its scale.
func (e *Effect) amount() string {
	scale, sign, unit := 1.0, "%+.3g", ""
	switch {
	case e.Scale == compare.Log:
		sign, unit = "%.3g", " times"
	case e.fraction:
		scale, unit = 100, " points"
	}
	text := fmt.Sprintf(sign, scale*float64(e.Value))
	if e.CI.Defined() {
		text += fmt.Sprintf(" [%.3g, %.3g]", scale*e.CI.Lo, scale*e.CI.Hi)
	}
	return text + unit
}

// pairsText is the table of effects, a column for each quantity.
func (r *Result) pairsText(w io.Writer) {
	if len(r.Pairs) == 0 {
		return
	}
	fmt.Fprintln(w, "NE against SGD of the same noise covariance, paired by seed for three seeds or more, by Welch's test for two: differences of accuracies in points, ratios where it says times.")
	t := document.Table{Header: []string{"quantity", "evidence", "NE", "SGD", "pairs", "effect", "p"}}
	for i := range r.Together {
		for _, p := range r.Pairs {
			e := p.Effects[i]
			t.Add(e.label, e.Evidence, fmt.Sprintf("alpha %g, B %d", p.NE.Alpha, p.NE.Batch), fmt.Sprint("B ", p.SGD.Batch), fmt.Sprint(e.N), e.shown(), e.p())
		}
	}
	t.Text(w)
}

func (e *Effect) shown() string {
	if !e.Value.Defined() {
		return "-"
	}
	return e.amount()
}

func (e *Effect) p() string {
	if !e.PValue.Defined() {
		return "-"
	}
	return strconv.FormatFloat(float64(e.PValue), 'g', 2, 64)
}

// equalNoiseFigures are accuracy and convergence time against B / f, NE and SGD each.
func (r *Result) equalNoiseFigures() []figure.Figure {
	panels := []figure.Figure{
		r.panel("accuracy", accuracyOf, Row.effectiveBatch, "B / f, the same noise covariance"),
		r.panel("convergence", convergenceOf, Row.effectiveBatch, "B / f, the same noise covariance"),
	}
	panels[0].Finding, panels[1].Finding = r.togetherFinding("test_accuracy"), r.togetherFinding("convergence_time")
	return panels
}
