package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// finding is what a figure shows of a report, and what that rests on, which ends the caption.
type finding struct{ words, basis string }

// findings are those of the figures by name. Each is empty where the report has no such number.
var findings = map[string]func(*Report, figure.Figure) finding{
	"loss": lossFinding, "accuracy": accuracyFinding, "trace": traceFinding, "noise-scale": scaleFinding, "spectrum": spectrumFinding,
	"enhancement": factorFinding, "kurtosis": kurtosisFinding, "shape": leadingFinding, "hill": hillFinding, "curvature": curvatureFinding,
	"update-noise": updateFinding, "diversity": diversityFinding, "kurtosis-training": kurtosisAlongFinding,
}

// WithFindings puts over each figure what it shows of this report, and under it what that rests on.
func WithFindings(r *Report, figures []figure.Figure) []figure.Figure {
	all := make([]figure.Figure, len(figures))
	for i, f := range figures {
		if of := findings[f.Name]; of != nil {
			found := of(r, f)
			f.Finding, f.Caption = found.words, strings.TrimSpace(f.Caption+" "+found.basis)
		}
		all[i] = f
	}
	return all
}

// lossFinding says whether the test loss has turned, which is what people look for.
func lossFinding(r *Report, f figure.Figure) finding {
	t := r.Training
	if !t.TrainLoss.Defined() {
		return finding{}
	}
	found := finding{words: fmt.Sprintf("training %s, test %s after %s", document.Number(t.TrainLoss), document.Number(t.TestLoss), document.Plural(t.Steps, "step")),
		basis: fmt.Sprintf("Means over %s training and %s test samples.", document.Whole(evaluated(r.Run, r.Run.Data.Train)), document.Whole(evaluated(r.Run, r.Run.Data.Test)))}
	for _, s := range f.Series {
		if s.Name != seriesTest || len(s.Y) == 0 {
			continue
		}
		if at := slices.Index(s.Y, slices.Min(s.Y)); at >= 0 && at < len(s.Y)-1 { // at is -1 where a value is undefined
			found.basis += fmt.Sprintf(" The test loss was least at step %s, %s.", document.Whole(int(s.X[at])), document.Significant(s.Y[at]))
		}
	}
	return found
}

// evaluated is the number of samples of an evaluation.
func evaluated(run Run, of int) int {
	if run.Eval > 0 {
		return min(run.Eval, of)
	}
	return of
}

func accuracyFinding(r *Report, _ figure.Figure) finding {
	p := float64(r.Training.TestAccuracy)
	if !r.Training.TestAccuracy.Defined() {
		return finding{}
	}
	found := finding{words: fmt.Sprintf("%s after %s", document.Percent(r.Training.TestAccuracy), document.Plural(r.Training.Steps, "step"))}
	if n := evaluated(r.Run, r.Run.Data.Test); n > 0 {
		found.basis = fmt.Sprintf("Of %s test samples: the standard error of an accuracy is %s points at the end, which is no noise of the training.",
			document.Whole(n), document.Significant(100*math.Sqrt(p*(1-p)/float64(n))))
	}
	return found
}

func traceFinding(r *Report, _ figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return c.NoiseSize != nil && c.NoiseSize.Trace.Defined() })
	if c == nil {
		return finding{}
	}
	words := "tr Sigma = " + document.Measured(c.NoiseSize.Trace, c.NoiseSize.TraceCI) + atStep(r, c)
	if r.Along != nil && r.Along.Strength != nil && r.Along.Strength.Last.Step == c.Step {
		s := r.Along.Strength
		against := s.Peak.Step
		if s.Against == "first" {
			against = s.First.Step
		}
		words += fmt.Sprintf(", %s times that of step %s", document.Measured(s.Ratio, s.CI), document.Whole(against))
	}
	return finding{words, sizeBasis(r)}
}

// sizeBasis says which gradients the size of the noise is from.
func sizeBasis(r *Report) string {
	c := lastWith(r, withSize)
	var from []string
	if c.Units > 0 {
		from = append(from, "from "+unitWords(*c))
		if lastWith(r, func(c Checkpoint) bool { return c.NoiseSize != nil && c.NoiseSize.TraceCI.Defined() }) != nil {
			from[0] += ", with 95% intervals"
		}
	}
	if exact := exactSteps(r); exact != "" {
		from = append(from, fmt.Sprintf("at step %s from all %s training samples, which leaves no error", exact, document.Whole(c.Population)))
	}
	if from == nil {
		return ""
	}
	basis := strings.Join(from, "; ") + "."
	return strings.ToUpper(basis[:1]) + basis[1:]
}

func scaleFinding(r *Report, _ figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return c.NoiseSize != nil && c.NoiseSize.NoiseScale.Defined() })
	if c == nil {
		return finding{}
	}
	words := fmt.Sprintf("%s samples%s", document.Measured(c.NoiseSize.NoiseScale, c.NoiseSize.NoiseScaleCI), atStep(r, c))
	if r.Run.Batch > 0 {
		words += ", where B = " + document.Whole(r.Run.Batch)
	}
	return finding{words, sizeBasis(r)}
}

// spectrumFinding counts the directions that carry half of the noise.
func spectrumFinding(r *Report, f figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return c.Covariance != nil })
	if c == nil || len(f.Series) == 0 {
		return finding{}
	}
	values := f.Series[len(f.Series)-1].Y
	sum, total := 0.0, estimate.Sum(values)
	half := 1 + slices.IndexFunc(values, func(v float64) bool {
		sum += v
		return sum > 0 && sum >= total/2
	})
	found := finding{basis: fmt.Sprintf("Of %s: at most %s eigenvalues are above 0, and the drop at the right end is that number.", unitWords(*c), document.Whole(c.Units-1))}
	if half > 0 {
		found.words = fmt.Sprintf("half of the noise along %s%s", document.Plural(half, "direction"), atStep(r, c))
	}
	if v := c.Covariance; v.EffectiveRankParticipationUnbiased.Defined() {
		found.words += "; participation ratio " + document.Measured(v.EffectiveRankParticipationUnbiased, v.Interval(covariance.KeyParticipationUnbiased))
	}
	return found
}

func factorFinding(r *Report, _ figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return leadingFactor(c) != nil })
	if c == nil {
		return enlargedFinding(r)
	}
	return measuredFactor(r, c, *leadingFactor(*c), "at alpha =")
}

// enlargedFinding is what the draws of plain SGD say of the largest alpha.
func enlargedFinding(r *Report) finding {
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Enhancement) > 0 })
	if c == nil {
		return finding{}
	}
	f := slices.MaxFunc(c.Enhancement, func(a, b enhancement.Factor) int { return cmp.Compare(a.Alpha, b.Alpha) })
	if !f.Measured.Defined() {
		return finding{}
	}
	return measuredFactor(r, c, f, "if alpha were")
}

func measuredFactor(r *Report, c *Checkpoint, f enhancement.Factor, alpha string) finding {
	return finding{fmt.Sprintf("f = %s, predicted %s %s %s", document.Measured(f.Measured, f.CI), document.Number(f.Predicted), alpha, document.Plain(f.Alpha)),
		fmt.Sprintf("Over %s of real minibatches%s%s.", document.Plural(f.Draws, "pair"), atStep(r, c), figure.WithIntervals)}
}

// hillFinding is the index that the table of the tails has, beside that of Gaussian gradients.
func hillFinding(r *Report, f figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Tails) > 0 })
	if c == nil || len(f.Series) == 0 {
		return finding{}
	}
	for _, row := range c.Tails {
		e := estimateOf(row, tail.NameHill)
		if e == nil || row.Of != f.Series[len(f.Series)-1].Name {
			continue
		}
		words := fmt.Sprintf("tail index %s at k = %s", document.Measured(e.TailIndex, e.CI), document.Whole(e.K))
		if gaussian := gaussianBand(row, tail.NameHill); gaussian != document.Undefined {
			words += ", Gaussian gradients " + gaussian
		}
		return finding{words, fmt.Sprintf("Of the norms of %s%s.", unitWords(*c), atStep(r, c))}
	}
	return finding{}
}

func curvatureFinding(r *Report, _ figure.Figure) finding {
	c := lastWith(r, withCurvature)
	if c == nil {
		return finding{}
	}
	v := c.Curvature
	words := fmt.Sprintf("tr(F Sigma) = %s%s; alignment not known", document.Number(v.NoiseTraceUnbiased), atStep(r, c))
	if v.AlignmentUnbiased.Defined() {
		words = fmt.Sprintf("alignment %s%s, 1 where noise is proportional to curvature", document.Measured(v.AlignmentUnbiased, v.Interval(curvature.KeyAlignment)), atStep(r, c))
	}
	return finding{words, fmt.Sprintf("F is that of %s %s.", document.Whole(v.Units), unitsWord(*c))}
}

func updateFinding(r *Report, _ figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool {
		return withMoments(c) && c.Optimizer.Row(optimizer.Stationary, enhancement.ArmNE) != nil
	})
	if c == nil {
		return finding{}
	}
	settled, now := c.Optimizer.Row(optimizer.Stationary, enhancement.ArmNE), c.Optimizer.Row(optimizer.Direct, enhancement.ArmNE)
	words := fmt.Sprintf("f_u = %s%s", document.Measured(settled.Ratio, settled.CI), atStep(r, c))
	if now != nil {
		words += ", with the moments as they are " + document.Measured(now.Ratio, now.CI)
	}
	return finding{words: words}
}

func diversityFinding(r *Report, _ figure.Figure) finding {
	c := lastWith(r, func(c Checkpoint) bool { return c.Covariance != nil && c.Covariance.GradientDiversityScaled.Defined() })
	if c == nil {
		return finding{}
	}
	return finding{fmt.Sprintf("%s%s; equal gradients have 1, orthogonal ones %s", document.Number(c.Covariance.GradientDiversityScaled), atStep(r, c), document.Whole(c.Units)),
		fmt.Sprintf("Of %s.", unitWords(*c))}
}
