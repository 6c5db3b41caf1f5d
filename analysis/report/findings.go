package report

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// WithFindings puts under the title of each figure what it shows of this report, where that is a number.
func WithFindings(r *Report, figures []figure.Figure) []figure.Figure {
	said := map[string]func(*Report) string{
		"loss": lossFinding, "accuracy": accuracyFinding, "trace": traceFinding, "noise-scale": scaleFinding,
		"enhancement": factorFinding, "kurtosis": kurtosisFinding, "shape": gammaFinding,
	}
	all := make([]figure.Figure, len(figures))
	for i, f := range figures {
		if of := said[f.Name]; of != nil {
			f.Finding = of(r)
		}
		all[i] = f
	}
	return all
}

func lossFinding(r *Report) string {
	t := r.Training
	if !t.TrainLoss.Defined() {
		return ""
	}
	return fmt.Sprintf("training %s, test %s after %s steps", document.Number(t.TrainLoss), document.Number(t.TestLoss), document.Whole(t.Steps))
}

func accuracyFinding(r *Report) string {
	if !r.Training.TestAccuracy.Defined() {
		return ""
	}
	return fmt.Sprintf("%s after %s steps", document.Percent(r.Training.TestAccuracy), document.Whole(r.Training.Steps))
}

func traceFinding(r *Report) string {
	c := lastWith(r, func(c Checkpoint) bool { return c.NoiseSize != nil && c.NoiseSize.Trace.Defined() })
	if c == nil {
		return ""
	}
	return fmt.Sprintf("tr Sigma = %s at step %s", document.Measured(c.NoiseSize.Trace, c.NoiseSize.TraceCI), document.Whole(c.Step))
}

func scaleFinding(r *Report) string {
	c := lastWith(r, func(c Checkpoint) bool { return c.NoiseSize != nil && c.NoiseSize.NoiseScale.Defined() })
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%s samples at step %s", document.Measured(c.NoiseSize.NoiseScale, c.NoiseSize.NoiseScaleCI), document.Whole(c.Step))
}

// predictedFinding is a measured number beside the predicted one.
func predictedFinding(name string, measured, predicted estimate.Number, ci estimate.Interval) string {
	return fmt.Sprintf("%s = %s, predicted %s", name, document.Measured(measured, ci), document.Number(predicted))
}

func factorFinding(r *Report) string {
	c := lastWith(r, func(c Checkpoint) bool { return leadingFactor(c) != nil })
	if c == nil {
		return ""
	}
	f := leadingFactor(*c)
	return fmt.Sprintf("%s at alpha = %s", predictedFinding("f", f.Measured, f.Predicted, f.CI), document.Plain(f.Alpha))
}

// kurtosisFinding is the excess of NE beside that of SGD with the same covariance.
func kurtosisFinding(r *Report) string {
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil && len(c.Shape.Rows) > 0 })
	if c == nil {
		return ""
	}
	var words []string
	for _, arm := range enhancement.Arms() {
		row := excessRow(c.Shape, arm, enhancement.Direct)
		if row == nil {
			row = excessRow(c.Shape, arm, shape.Exact)
		}
		if row == nil {
			continue
		}
		excess := row.NormExcess
		if row.Evidence == shape.Exact {
			excess, _ = row.FromGradients()
		}
		if excess.Defined() {
			words = append(words, fmt.Sprintf("%s %s", arm, document.Number(excess)))
		}
	}
	return strings.Join(words, ", ")
}

func gammaFinding(r *Report) string {
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil && c.Shape.Conclusion != nil })
	if c == nil || !c.Shape.Conclusion.Gamma.Defined() {
		return ""
	}
	return fmt.Sprintf("gamma = %s of single gradients, 0 for a Gaussian", document.Measured(c.Shape.Conclusion.Gamma, c.Shape.Conclusion.CI))
}
