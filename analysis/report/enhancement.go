package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/noise"
)

// howToMeasure is said where only the theorem is at hand, and measureElsewhere where the network is elsewhere.
const (
	howToMeasure = "Not measured: that takes direct draws of real minibatches (-draws). Minibatches resampled from recorded gradients have this f by a theorem."

	measureElsewhere = "That is a theorem about the recorded gradients, not a measurement of the training that they come from. Direct draws of its real " +
		"minibatches would be one: noiseprobe.draws of pytorch/noiseprobe.py writes draws.safetensors, a file more for analyze."
)

func enhancementSection(r *Report) document.Section {
	s := document.Section{ID: "enhancement", Title: "What did noise enhancement do to it?", Figures: []string{"enhancement"}}
	if r.Run.sibling() && finite(r.Run.Alpha) {
		s.Title = "What did " + r.Run.Noise + " do to it?"
		s.Lines, s.Notes = siblingWords(r.Run), []string{siblingUnmeasured}
		s.Lines = append(s.Lines, updateWords(r)...)
		return s
	}
	s.Lines = []string{theoryWords(r.Run.Alpha)}
	c := lastWith(r, func(c Checkpoint) bool { return directRho(c) != nil })
	switch {
	case c == nil && r.Run.Alpha == 1:
		return s
	case c == nil:
		s.Lines, s.Notes = append(s.Lines, updateWords(r)...), []string{howToMeasure}
		if r.Analysis != nil {
			s.Notes = []string{measureElsewhere}
		}
		return s
	}
	if row := leadingFactor(*c); row != nil {
		s.Lines = append(s.Lines, factorWords(r.Run, *row))
	}
	s.Lines = append(s.Lines, updateWords(r)...)
	s.Notes = append(s.Notes, correlationWords(*directRho(*c)))
	if c.UpdateCheck.Defined() && r.Run.Alpha != 1 {
		s.Notes = append(s.Notes, fmt.Sprintf("The trainer's own NE gradient is alpha g_B + (1 - alpha) g_B' to within %s (relative).", document.Number(c.UpdateCheck)))
	}
	s.DetailTitle, s.Detail = "Every alpha, from the same draws", factorTable(c.Enhancement)
	return s
}

// directRho is the correlation over direct draws, nil where there are none.
func directRho(c Checkpoint) *enhancement.Correlation {
	return first(c.NoiseCorrelation, func(row enhancement.Correlation) bool { return row.Evidence == enhancement.Direct })
}

// first is the first element that is such, nil where there is none.
func first[T any](list []T, such func(T) bool) *T {
	if i := slices.IndexFunc(list, such); i >= 0 {
		return &list[i]
	}
	return nil
}

func theoryWords(alpha float64) string {
	f := noise.Factor(alpha)
	switch {
	case alpha == 1:
		return "Nothing: alpha = 1 is plain SGD, with f = 1 by definition. There is no factor to measure."
	case math.IsNaN(alpha):
		return "Theory: alpha multiplies its covariance by f = alpha^2 + (1 - alpha)^2."
	case !finite(f):
		return "alpha is not known."
	}
	return fmt.Sprintf("Theory: alpha = %s multiplies its covariance by f = alpha^2 + (1 - alpha)^2 = %s.", document.Plain(alpha), document.Significant(f))
}

// factorWords is the conclusion about f.
func factorWords(run Run, row enhancement.Factor) string {
	test := ""
	if p := document.PValue(row.Equivalence.PValue); p != "" && row.Verdict == enhancement.Equal {
		test = "equivalence test, " + p
	}
	verdict := verdictWords(row.Verdict, test, wouldDo(run, row.Reason, row.Needs))
	if row.Withheld != "" {
		verdict = "no interval and no test, since " + wouldDo(run, row.Withheld, row.Needs)
	}
	return fmt.Sprintf("Measured over %s of real minibatches: f = %s, predicted %s: %s.", document.Plural(row.Draws, "pair"),
		document.Measured(row.Measured, row.CI), document.Number(row.Predicted), verdict)
}

// verdictWords phrase a verdict with the test that goes with it and the reason for it, each of which may be empty.
func verdictWords(v enhancement.Verdict, test, reason string) string {
	within := document.Plain(100*enhancement.Margin) + "%"
	words := "undecided"
	switch v {
	case enhancement.Equal:
		words = "equal within " + within
	case enhancement.Differs:
		words = "different; whether by more than " + within + " is undecided"
	case enhancement.BeyondMargin:
		words = "different by more than " + within
	}
	return words + inBrackets(test) + afterSemicolon(reason)
}

func inBrackets(words string) string {
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}

func afterSemicolon(words string) string {
	if words == "" {
		return ""
	}
	return "; " + words
}

// factorTable has the direct rows of every alpha that are measured.
func factorTable(rows []enhancement.Factor) *document.Table {
	t := &document.Table{Header: []string{"alpha", "minibatches", "draws", "f measured", "f predicted"}}
	for _, row := range rows {
		if row.Evidence == enhancement.Direct && row.Kind == enhancement.Measured {
			t.Add(document.Plain(row.Alpha), row.Pairing, document.Whole(row.Draws), document.Measured(row.Measured, row.CI), document.Number(row.Predicted))
		}
	}
	return t
}

func correlationWords(c enhancement.Correlation) string {
	test := ""
	if c.PValue.Defined() {
		test = "test of that: " + document.PValue(c.PValue)
	}
	return fmt.Sprintf("The noises of B and B' have the correlation rho = %s, predicted %s%s.", document.Measured(c.Measured, c.CI), document.Number(c.Predicted), inBrackets(test))
}

// leadingFactor is the row that answers for the run's alpha.
func leadingFactor(c Checkpoint) *enhancement.Factor {
	return first(c.Enhancement, func(row enhancement.Factor) bool { return row.Leads })
}

// leadingBatch is the same of B_eff.
func leadingBatch(c Checkpoint) *enhancement.EffectiveBatch {
	return first(c.EffectiveBatch, func(row enhancement.EffectiveBatch) bool { return row.Leads })
}

func effectiveBatchSection(r *Report) document.Section {
	s := document.Section{ID: "effective-batch", Title: "What batch was the run worth?"}
	if r.Run.Model == "" {
		s.Title = "What batch is the noise worth?"
	}
	c := lastWith(r, func(c Checkpoint) bool { return leadingBatch(c) != nil })
	switch {
	case r.Run.sibling():
		s.Lines = siblingBatchWords(r.Run)
	case c == nil && r.Analysis != nil && r.Run.Alpha == 1:
		s.Lines = []string{fmt.Sprintf("B = %s itself: alpha = 1 is plain SGD.", document.Whole(r.Run.Batch))}
	case c == nil && r.Analysis != nil:
		s.Lines = []string{fmt.Sprintf("By the theorem B / f = %s samples; not measured.", document.Significant(float64(r.Run.Batch)/noise.Factor(r.Run.Alpha)))}
	case c == nil:
		s.Lines = []string{"Not measured: that takes direct draws of real minibatches (-draws)."}
	default:
		row := *leadingBatch(*c)
		s.Lines = []string{fmt.Sprintf("The noise of its gradient is that of a plain minibatch of %s samples, predicted B_eff = %s: %s.",
			document.Measured(row.Measured, row.CI), document.Number(row.Predicted), batchVerdict(r.Run, row))}
		s.Table = batchTable(*c, row)
		if len(s.Table.Rows) > 1 {
			s.Notes = append(s.Notes, fmt.Sprintf("The answer is from %s; the other rows share its draws, and each is tested by itself.", againstWords(*c, row)))
		}
		s.Notes = append(append(s.Notes, withheldWords(r.Run, *c)...), predictionWords(r.Run, *c, row)...)
		s.Notes = append(s.Notes, togetherWords(r)...)
	}
	s.Notes = append(append(s.Notes, costWords(r.Run)...), adamWords(r.Run)...)
	return s
}

func batchVerdict(run Run, row enhancement.EffectiveBatch) string {
	if row.Withheld != "" {
		return "no test, since " + wouldDo(run, row.Withheld, row.Needs)
	}
	test := ""
	if row.PValue.Defined() {
		test = "test of the prediction: " + document.PValue(row.PValue)
	}
	return verdictWords(row.Verdict, test, wouldDo(run, row.Reason, row.Needs))
}

// batchTable has what was measured for the alpha of the leading row.
func batchTable(c Checkpoint, leading enhancement.EffectiveBatch) *document.Table {
	t := &document.Table{Header: []string{"compared with", "B_eff measured", "predicted", "test of that"}}
	for _, row := range c.EffectiveBatch {
		if row.Alpha == leading.Alpha && row.Evidence == enhancement.Direct && row.Kind == enhancement.Measured {
			t.Add(againstWords(c, row), document.Measured(row.Measured, row.CI), document.Number(row.Predicted), orUndefined(document.PValue(row.PValue)))
		}
	}
	return t
}

// withheldWords say why a row has neither an interval nor a test.
func withheldWords(run Run, c Checkpoint) []string {
	for _, row := range c.EffectiveBatch {
		if row.Withheld != "" && !row.Leads {
			return []string{fmt.Sprintf("No interval and no test with %s: %s.", againstWords(c, row), wouldDo(run, row.Withheld, row.Needs))}
		}
	}
	return nil
}

// predictionWords say where the prediction comes from if it is not B / f.
func predictionWords(run Run, c Checkpoint, row enhancement.EffectiveBatch) []string {
	simple := float64(run.Batch) / noise.Factor(run.Alpha)
	if !finite(simple) || document.Significant(simple) == document.Number(row.Predicted) {
		return nil
	}
	return []string{fmt.Sprintf("The prediction is for minibatches drawn without replacement from %s samples: N / (1 + f (N/B - 1)). With replacement it would be B / f = %s.",
		document.Whole(c.Population*max(c.UnitSize, 1)), document.Significant(simple))}
}

// togetherWords state the error rate of all tests of predictions.
func togetherWords(r *Report) []string {
	c := lastWith(r, func(c Checkpoint) bool { return c.Predictions != nil })
	if c == nil {
		return nil
	}
	var rejected, kinds []string
	for _, c := range r.Checkpoints {
		if c.Predictions == nil {
			continue
		}
		for _, t := range c.Predictions.Tests {
			if kind, _, _ := strings.Cut(t.Of, " "); !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
			if t.Rejected {
				rejected = append(rejected, fmt.Sprintf("%s%s (adjusted p = %s)", predictionName(t.Of), atStep(r, &c), document.Significant(float64(t.Holm))))
			}
		}
	}
	p := c.Predictions
	tests := document.Plural(p.All, "test") + " (" + inWords(kinds) + ")"
	if p.Checkpoints > 1 {
		tests += fmt.Sprintf(" at %d checkpoints", p.Checkpoints)
	}
	verdict, which := "is not rejected", ""
	if len(rejected) > 0 {
		verdict, which = "is rejected", ": "+inWords(rejected)
	}
	return []string{fmt.Sprintf("By %s theory %s, at a family-wise error rate of %s%% (Holm)%s.", tests, verdict, document.Plain(100*p.Level), which)}
}

// predictionName is "B_eff against SGD" for "B_eff sgd-at-b-eff".
func predictionName(of string) string {
	kind, what, found := strings.Cut(of, " ")
	switch {
	case !found:
		return of
	case kind == "excess":
		return "the excess of " + enhancement.Arm(what).String()
	case what == enhancement.SGDAtBEff:
		return "B_eff against SGD"
	}
	return "B_eff against tr Sigma"
}

func againstWords(c Checkpoint, row enhancement.EffectiveBatch) string {
	switch row.Against {
	case enhancement.RecordedUnits:
		if row.ExactTrace {
			return "tr Sigma of all training samples"
		}
		return "tr Sigma of the recorded gradients"
	case enhancement.SGDAtBEff:
		if row.Alpha == 1 {
			return "SGD at B = " + document.Whole(row.Batch)
		}
		if len(c.Matched) > 0 {
			return "SGD at B = " + document.Whole(c.Matched[0].Effective)
		}
		return enhancement.ArmEffective.String()
	case enhancement.SGDAtB:
		return "SGD at B = " + document.Whole(row.Batch)
	}
	return strings.ReplaceAll(row.Against, "-", " ")
}

func costWords(run Run) []string {
	minibatches := run.MinibatchesPerStep()
	if run.Batch <= 0 || run.Alpha == 1 || !finite(run.Alpha) || minibatches == 1 {
		return nil
	}
	all := document.Whole(minibatches * run.Batch)
	factor := enhancement.AgainstEqualCost(noise.Pairing(run.Pairing), run.Data.Train, run.Batch, minibatches, run.Alpha)
	if !finite(factor) {
		return []string{fmt.Sprintf("Cost: a step reads %dB = %s samples, the whole training set or more.", minibatches, all)}
	}
	return []string{fmt.Sprintf("Cost: a step reads %dB = %s samples. Compared with SGD at B = %s the covariance of its noise is %s times as large.",
		minibatches, all, all, document.Significant(factor))}
}

// adamWords say what f and B_eff mean for the update, where the optimizer makes a difference.
func adamWords(run Run) []string {
	if !run.adaptive() || run.Alpha == 1 {
		return nil
	}
	return []string{"With " + optimizerWord(run.Optimizer) + " f is that of the gradient, and not of the update, which is divided by moments that grow with the noise. B_eff holds for both: SGD at B_eff " +
		"has the same moments, to second order."}
}

func orUndefined(text string) string { return cmp.Or(text, document.Undefined) }
