package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
)

func trainingSection(r *Report) document.Section {
	t := r.Training
	s := document.Section{ID: "training", Title: "Training", Figures: []string{"loss", "accuracy"}}
	s.Lines = []string{fmt.Sprintf("%s steps in %s s (%s); train loss %s, test loss %s, test accuracy %s.",
		document.Whole(t.Steps), document.Significant(t.Seconds), stopWords(t), document.Number(t.TrainLoss), document.Number(t.TestLoss), document.Percent(t.TestAccuracy))}
	return s
}

func stopWords(t Training) string {
	if t.Stopped == StoppedConverged && t.ConvergenceTime != nil {
		return "converged after " + document.Whole(*t.ConvergenceTime)
	}
	return t.Stopped
}

func noiseSection(r *Report) document.Section {
	s := document.Section{ID: "noise", Title: "How large is the gradient noise, and along how many directions?",
		Figures: []string{"trace", "noise-scale", "spectrum"}}
	c := lastWith(r, func(c Checkpoint) bool { return c.Covariance != nil })
	if c == nil {
		s.Lines = []string{"Not known: no checkpoint holds a covariance."}
		return s
	}
	v := c.Covariance
	step := "this run's step"
	s.Lines = []string{fmt.Sprintf("At step %s, from the gradients of %s:", document.Whole(c.Step), unitWords(*c))}
	if r.Run.Model == "" {
		step = "a step"
		s.Lines[0] = fmt.Sprintf("From the gradients of %s by %s:", unitWords(*c), document.Plural(c.Parameters, "parameter"))
	}
	s.Table = &document.Table{Rows: [][]string{
		{"tr Sigma", document.Measured(v.TraceUnbiased, ciOf(v.CI, "trace_unbiased")), "variance of one unit's gradient, all parameters"},
		{"noise scale", noiseScaleWords(v), "samples; larger batches have more signal than noise"},
		{"directions", document.Measured(v.EffectiveRankParticipationUnbiased, ciOf(v.CI, "effective_rank_participation_unbiased")),
			"participation ratio, unbiased"},
		{"entropy rank", document.Number(v.EffectiveRankEntropy), rankWords(*c)},
	}}
	if c.Noise != nil && c.Noise.GradientTrace.Defined() {
		s.Table.Add(step, document.Number(c.Noise.GradientTrace), "trace of the noise of "+stepWords(r.Run))
	}
	s.Notes = append(outstandingWords(v), overlapWords(c.Overlap)...)
	s.DetailTitle, s.Detail = "Layer by layer", layerTable(v.Layers)
	return s
}

// stepWords names the gradient that a run steps with; without a run it says for what settings.
func stepWords(run Run) string {
	if run.Model == "" {
		return fmt.Sprintf("a gradient at alpha %s, B %s", document.Plain(run.Alpha), document.Whole(run.Batch))
	}
	return "the NE gradient"
}

// atStep says which checkpoint a section is about; gradients without a run have none.
func atStep(r *Report, c *Checkpoint) string {
	if r.Run.Model == "" {
		return ""
	}
	return " at step " + document.Whole(c.Step)
}

func unitWords(c Checkpoint) string {
	words := document.Whole(c.Units) + " samples"
	if c.Unit == "ghost-batch" {
		words = fmt.Sprintf("%s ghost batches of %s samples", document.Whole(c.Units), document.Whole(c.UnitSize))
	}
	if c.Population > 0 {
		words += " (of " + document.Whole(c.Population) + ")"
	}
	return words
}

func noiseScaleWords(v *covariance.Covariance) string {
	if v.NoiseScale.Defined() {
		return document.Measured(v.NoiseScale, ciOf(v.CI, "noise_scale"))
	}
	return document.Undefined + " (gradient not above 0)"
}

func layerTable(layers []covariance.Layer) *document.Table {
	if len(layers) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"layer", "parameters", "trace", "|gradient|^2", "noise scale"}}
	for _, l := range layers {
		t.Add(l.Name, document.Whole(l.Parameters), document.Number(l.Trace), document.Number(l.GradientNormSq), document.Number(l.NoiseScale))
	}
	return t
}

func enhancementSection(r *Report) document.Section {
	s := document.Section{ID: "enhancement", Title: "What did noise enhancement do to it?", Figures: []string{"enhancement"}}
	s.Lines = []string{enhancementWords(r.Run.Alpha)}
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Enhancement) > 0 })
	if c == nil {
		s.Notes = []string{"Not measured: no checkpoint holds draws."}
		return s
	}
	s.Table = factorTable(r.Run.Alpha, c.Enhancement)
	if math.IsNaN(r.Run.Alpha) {
		s.Table = gridTable(c.Enhancement)
	}
	for _, row := range c.NoiseCorrelation {
		s.Notes = append(s.Notes, correlationWords(row))
	}
	if c.UpdateCheck.Defined() {
		s.Notes = append(s.Notes, fmt.Sprintf(
			"The trainer's own NE gradient equals the combination of the two to %s (relative).", document.Number(c.UpdateCheck)))
	}
	return s
}

func enhancementWords(alpha float64) string {
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

// factorTable has the rows for the run's own alpha; the figure has the others.
func factorTable(alpha float64, rows []enhancement.Factor) *document.Table {
	t := &document.Table{Header: []string{"evidence", "batches", "draws", "f measured", "f predicted", "verdict"}}
	for _, row := range rows {
		if row.Alpha == alpha {
			t.Add(row.Evidence, row.Pairing, document.Whole(row.Draws), document.Measured(row.Measured, row.CI), document.Number(row.Predicted),
				verdict(row))
		}
	}
	return t
}

// gridTable has the resampled rows of every alpha, for gradients that belong to none.
func gridTable(rows []enhancement.Factor) *document.Table {
	t := &document.Table{Header: []string{"alpha", "B", "draws", "f resampled", "f predicted", "verdict"}}
	for _, row := range rows {
		if row.Evidence == enhancement.Resampled {
			t.Add(document.Plain(row.Alpha), document.Whole(row.Batch), document.Whole(row.Draws), document.Measured(row.Measured, row.CI), document.Number(row.Predicted), verdict(row))
		}
	}
	return t
}

// verdict says whether the interval settles that the factor is the predicted one, within the margin.
func verdict(f enhancement.Factor) string {
	e := f.Equivalence
	switch {
	case !e.Margin.Defined() || !e.PValue.Defined():
		return document.Undefined
	case e.Equivalent:
		return fmt.Sprintf("equal within %s (%s)", document.Number(e.Margin), document.PValue(e.PValue))
	}
	if f.CI.Contains(float64(f.Predicted)) {
		return fmt.Sprintf("undecided (%s)", document.PValue(e.PValue))
	}
	return fmt.Sprintf("not equal within %s (%s)", document.Number(e.Margin), document.PValue(e.PValue))
}

func correlationWords(c enhancement.Correlation) string {
	words := fmt.Sprintf("Noises of B and B' (%s, %s): rho = %s, predicted %s", c.Evidence, c.Pairing,
		document.Measured(c.Measured, c.CI), document.Number(c.Predicted))
	if c.PValue.Defined() {
		words += ", " + document.PValue(c.PValue)
	}
	return words + "."
}

func effectiveBatchSection(r *Report) document.Section {
	s := document.Section{ID: "effective-batch", Title: "What batch was the run worth?"}
	if r.Run.Model == "" {
		s.Title = "What batch is the noise worth?"
	}
	c := lastWith(r, func(c Checkpoint) bool { return len(c.EffectiveBatch) > 0 })
	if c == nil {
		s.Lines = []string{"Not measured: no checkpoint compares the noise with that of another batch size."}
	} else {
		s.Table = &document.Table{Header: []string{"evidence", "compared with", "B_eff measured", "B_eff predicted", "test"}}
		for _, row := range c.EffectiveBatch {
			if row.Alpha == r.Run.Alpha {
				s.Table.Add(row.Evidence, againstWords(row.Against), document.Measured(row.Measured, row.CI), document.Number(row.Predicted),
					orUndefined(document.PValue(row.PValue)))
			}
		}
	}
	s.Notes = append(costWords(r.Run), adamWords(r.Run.Optimizer)...)
	return s
}

func againstWords(against string) string {
	switch against {
	case "recorded-units":
		return "tr Sigma of the recorded units"
	case "sgd-at-b-eff":
		return "SGD at B_eff"
	case "sgd-at-b":
		return "SGD at B"
	case "resampled-sgd":
		return "resampled SGD at B"
	}
	return against
}

func costWords(run Run) []string {
	if run.Batch <= 0 || run.Alpha == 1 || !finite(run.Alpha) {
		return nil
	}
	double := document.Whole(2 * run.Batch)
	return []string{fmt.Sprintf("Cost: a step reads 2B = %s samples; against SGD at %s the covariance grew by 2f = %s.",
		double, double, document.Significant(2*noise.Factor(run.Alpha)))}
}

// adamWords says what B_eff does not mean, where the optimizer makes a difference.
func adamWords(optimizer string) []string {
	if optimizer != "adam" {
		return nil
	}
	return []string{"B_eff is about the gradient: Adam divides by moments that grow with the noise, so the noise of its " +
		"updates does not grow by f."}
}

func checkpointSection(r *Report) document.Section {
	s := document.Section{ID: "checkpoints", Title: "Checkpoints"}
	if len(r.Checkpoints) == 0 {
		s.Lines = []string{"None was recorded."}
		return s
	}
	s.Table = &document.Table{Header: []string{"step", "train loss", "test accuracy", "tr Sigma", "noise scale", "f resampled"}, Brief: 8, Spread: true}
	for _, c := range r.Checkpoints {
		trace, scale := document.Undefined, document.Undefined
		if c.Covariance != nil {
			trace, scale = document.Number(c.Covariance.TraceUnbiased), document.Number(c.Covariance.NoiseScale)
		}
		s.Table.Add(strconv.Itoa(c.Step), document.Number(c.TrainLoss), document.Percent(c.TestAccuracy), trace, scale, resampledFactor(r.Run.Alpha, c))
	}
	return s
}

// bestFactor is the measured factor for alpha: the direct one where there is one.
func bestFactor(alpha float64, c Checkpoint) estimate.Number {
	for _, evidence := range []string{enhancement.Direct, enhancement.Resampled} {
		if row := factorRow(alpha, evidence, c); row != nil {
			return row.Measured
		}
	}
	return estimate.Undefined()
}

// resampledFactor is one kind of evidence for a column over all checkpoints; direct draws are at the last alone.
func resampledFactor(alpha float64, c Checkpoint) string {
	row := factorRow(alpha, enhancement.Resampled, c)
	if row == nil {
		return document.Undefined
	}
	return document.Number(row.Measured)
}

func factorRow(alpha float64, evidence string, c Checkpoint) *enhancement.Factor {
	for i, row := range c.Enhancement {
		if row.Alpha == alpha && row.Evidence == evidence && row.Pairing != string(noise.Naive) {
			return &c.Enhancement[i]
		}
	}
	return nil
}

const (
	warningsID = "warnings"
	noWarnings = "None."
)

// warningSection merges equal warnings of several checkpoints.
func warningSection(r *Report) document.Section {
	s := document.Section{ID: warningsID, Title: "Warnings"}
	count, last := map[string]int{}, map[string]int{}
	var order []string
	for _, c := range r.Checkpoints {
		for _, w := range c.Warnings {
			if count[w] == 0 {
				order = append(order, w)
			}
			count[w]++
			last[w] = c.Step
		}
	}
	for _, w := range order {
		where := "step " + document.Whole(last[w]) + ": "
		if count[w] > 1 {
			where = document.Whole(count[w]) + " checkpoints: "
		}
		if r.Run.Model == "" {
			where = ""
		}
		s.Lines = append(s.Lines, where+w)
	}
	if order == nil {
		s.Lines = []string{noWarnings}
	}
	return s
}
