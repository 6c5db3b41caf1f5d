package report

import (
	"fmt"
	"math"
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
	s.Lines = []string{theoryWords(r.Run.Alpha)}
	c := lastWith(r, func(c Checkpoint) bool { return factorRow(r.Run.Alpha, enhancement.Direct, c) != nil })
	if c == nil {
		s.Notes = []string{howToMeasure}
		if r.Analysis != nil {
			s.Notes = []string{measureElsewhere}
		}
		return s
	}
	s.Lines = append(s.Lines, factorWords(*factorRow(r.Run.Alpha, enhancement.Direct, *c)))
	for _, row := range c.NoiseCorrelation {
		if row.Evidence == enhancement.Direct {
			s.Notes = append(s.Notes, correlationWords(row))
		}
	}
	if c.UpdateCheck.Defined() {
		s.Notes = append(s.Notes, fmt.Sprintf("The trainer's own NE gradient is alpha g_B + (1 - alpha) g_B' to within %s (relative).", document.Number(c.UpdateCheck)))
	}
	s.DetailTitle, s.Detail = "Every alpha, from the same draws", factorTable(c.Enhancement)
	return s
}

func theoryWords(alpha float64) string {
	f := noise.Factor(alpha)
	switch {
	case alpha == 1:
		return "alpha = 1 is plain SGD: the covariance of the noise stays as it is, f = 1."
	case math.IsNaN(alpha):
		return "Theory: alpha multiplies its covariance by f = alpha^2 + (1 - alpha)^2."
	case !finite(f):
		return "alpha is not known."
	}
	return fmt.Sprintf("Theory: alpha = %s multiplies its covariance by f = alpha^2 + (1 - alpha)^2 = %s.", document.Plain(alpha), document.Significant(f))
}

// factorWords is the conclusion about f.
func factorWords(row enhancement.Factor) string {
	return fmt.Sprintf("Measured over %s of real minibatches: f = %s, predicted %s: %s.", document.Plural(row.Draws, "pair"),
		document.Measured(row.Measured, row.CI), document.Number(row.Predicted), verdictWords(row.Verdict, enhancement.Margin, document.PValue(row.Equivalence.PValue)))
}

// verdictWords phrase a verdict; equivalence is the p-value of the test of equivalence, empty where there is none.
func verdictWords(v enhancement.Verdict, margin float64, equivalence string) string {
	within := document.Plain(100*margin) + "%"
	switch v {
	case enhancement.Equal:
		words := "equal within " + within
		if equivalence != "" {
			words += " (equivalence test, " + equivalence + ")"
		}
		return words
	case enhancement.Differs:
		return "different, by more or less than " + within + " is not decided"
	case enhancement.BeyondMargin:
		return "different by more than " + within
	}
	return "undecided; more draws would tell"
}

// factorTable has the direct rows of every alpha. The naive one is arithmetic: alpha^2 times a ratio of two equal noises.
func factorTable(rows []enhancement.Factor) *document.Table {
	t := &document.Table{Header: []string{"alpha", "minibatches", "draws", "f measured", "f predicted"}}
	for _, row := range rows {
		if row.Evidence == enhancement.Direct && row.Pairing != string(noise.Naive) {
			t.Add(document.Plain(row.Alpha), row.Pairing, document.Whole(row.Draws), document.Measured(row.Measured, row.CI), document.Number(row.Predicted))
		}
	}
	return t
}

func correlationWords(c enhancement.Correlation) string {
	words := fmt.Sprintf("The noises of B and B' have the correlation rho = %s, predicted %s", document.Measured(c.Measured, c.CI), document.Number(c.Predicted))
	if c.PValue.Defined() {
		words += " (test of that: " + document.PValue(c.PValue) + ")"
	}
	return words + "."
}

// factorRow is the measured factor for alpha by one kind of evidence.
func factorRow(alpha float64, evidence string, c Checkpoint) *enhancement.Factor {
	for i, row := range c.Enhancement {
		if row.Alpha == alpha && row.Evidence == evidence && row.Pairing != string(noise.Naive) {
			return &c.Enhancement[i]
		}
	}
	return nil
}

func effectiveBatchSection(r *Report) document.Section {
	s := document.Section{ID: "effective-batch", Title: "What batch was the run worth?"}
	if r.Run.Model == "" {
		s.Title = "What batch is the noise worth?"
	}
	c := lastWith(r, func(c Checkpoint) bool { return batchRow(r.Run.Alpha, c) != nil })
	switch {
	case c == nil && r.Analysis != nil:
		s.Lines = []string{fmt.Sprintf("By the theorem %s, about B / f; not measured.", document.Significant(float64(r.Run.Batch)/noise.Factor(r.Run.Alpha)))}
	case c == nil:
		s.Lines = []string{"Not measured: that takes direct draws of real minibatches (-draws)."}
	default:
		row := batchRow(r.Run.Alpha, *c)
		s.Lines = []string{fmt.Sprintf("The noise of its gradient is that of a plain minibatch of %s samples, predicted B_eff = %s: %s.",
			document.Measured(row.Measured, row.CI), document.Number(row.Predicted), batchVerdict(*row))}
		s.Table = batchTable(r.Run.Alpha, c.EffectiveBatch)
	}
	s.Notes = append(costWords(r.Run), adamWords(r.Run)...)
	return s
}

func batchVerdict(row enhancement.EffectiveBatch) string {
	if row.Withheld != "" {
		return "no test, since " + row.Withheld
	}
	words := verdictWords(row.Verdict, enhancement.Margin, "")
	if row.PValue.Defined() {
		words += " (test of the prediction: " + document.PValue(row.PValue) + ")"
	}
	return words
}

// batchRow is the direct row that could fail: against the recorded units, or else against SGD.
func batchRow(alpha float64, c Checkpoint) *enhancement.EffectiveBatch {
	var found *enhancement.EffectiveBatch
	for i, row := range c.EffectiveBatch {
		if row.Alpha != alpha || row.Evidence != enhancement.Direct || !row.Measured.Defined() {
			continue
		}
		if row.Against == enhancement.RecordedUnits && row.Withheld == "" {
			return &c.EffectiveBatch[i]
		}
		if found == nil || found.Against == enhancement.RecordedUnits {
			found = &c.EffectiveBatch[i]
		}
	}
	return found
}

func batchTable(alpha float64, rows []enhancement.EffectiveBatch) *document.Table {
	t := &document.Table{Header: []string{"compared with", "B_eff measured", "predicted", "test of that"}}
	for _, row := range rows {
		if row.Alpha == alpha && row.Evidence == enhancement.Direct {
			t.Add(againstWords(row), document.Measured(row.Measured, row.CI), document.Number(row.Predicted), orUndefined(document.PValue(row.PValue)))
		}
	}
	return t
}

func againstWords(row enhancement.EffectiveBatch) string {
	switch row.Against {
	case enhancement.RecordedUnits:
		if row.ExactTrace {
			return "tr Sigma of all training samples"
		}
		return "tr Sigma of the recorded gradients"
	case enhancement.SGDAtBEff:
		return "SGD at B_eff"
	case enhancement.SGDAtB:
		return "SGD at B"
	}
	return strings.ReplaceAll(row.Against, "-", " ")
}

func costWords(run Run) []string {
	if run.Batch <= 0 || run.Alpha == 1 || !finite(run.Alpha) {
		return nil
	}
	double := document.Whole(2 * run.Batch)
	return []string{fmt.Sprintf("Cost: a step reads 2B = %s samples. Against SGD at %s the covariance is multiplied by 2f = %s.",
		double, double, document.Significant(2*noise.Factor(run.Alpha)))}
}

// adamWords say what f and B_eff mean for the update, where the optimizer makes a difference.
func adamWords(run Run) []string {
	if run.Optimizer != "adam" || run.Alpha == 1 {
		return nil
	}
	return []string{"All of this is about the gradient. Adam divides it by moments that grow with the noise, so that the noise of its updates grows by less " +
		"than f; SGD at B_eff has the same moments, so that B_eff holds for updates too, to second order."}
}

func orUndefined(text string) string {
	if text == "" {
		return document.Undefined
	}
	return text
}
