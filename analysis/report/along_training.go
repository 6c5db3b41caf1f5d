package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"gonum.org/v1/gonum/mathext"
)

// alongTrainingSection looks at all checkpoints for what Section 4 of the paper discusses: whether the noise becomes weak as
// training goes, how heavy the tails of losses, gradients and noise are, and whether NE makes the noise stronger without
// making it heavier-tailed, as a smaller batch does.
func alongTrainingSection(r *Report) document.Section {
	s := document.Section{ID: "along-training", Title: "What becomes of the noise along training?",
		Figures: []string{"diversity", "kurtosis-training"}}
	with := checkpointsWith(r, func(c Checkpoint) bool { return c.Covariance != nil })
	if len(with) < 2 {
		s.Lines = []string{"Not known: fewer than two checkpoints hold a covariance."}
		return s
	}
	s.Table = alongTable(r.Run, with)
	s.Notes = []string{"g2 is the excess kurtosis: of the losses and gradient norms of the recorded units, and of resampled noise along top1."}
	s.Notes = append(s.Notes, strengthWords(with)...)
	s.Notes = append(s.Notes, diversityWords(with)...)
	for _, of := range []string{"loss", "gradient norm"} {
		s.Notes = append(s.Notes, heavyWords(with, of)...)
	}
	s.Notes = append(s.Notes, comparisonWords(r.Run, with)...)
	s.DetailTitle, s.Detail = "Tail index along training", tailsAlongTable(with)
	return s
}

func checkpointsWith(r *Report, has func(Checkpoint) bool) []Checkpoint {
	var all []Checkpoint
	for _, c := range r.Checkpoints {
		if has(c) {
			all = append(all, c)
		}
	}
	return all
}

func alongTable(run Run, with []Checkpoint) *document.Table {
	t := &document.Table{Header: []string{"step", "tr Sigma", "n diversity", "g2: losses", "norms"}, Brief: 8, Spread: true}
	shown := []int{0, 2}
	if run.Alpha == 1 {
		shown = []int{1}
	}
	for _, arm := range shown {
		t.Header = append(t.Header, arms()[arm])
	}
	for _, c := range with {
		v := c.Covariance
		row := []string{strconv.Itoa(c.Step), document.Measured(v.TraceUnbiased, ciOf(v.CI, "trace_unbiased")),
			document.Number(v.GradientDiversityScaled), document.Number(unitKurtosis(c, "loss")), document.Number(unitKurtosis(c, "gradient norm"))}
		for _, arm := range shown {
			row = append(row, document.Number(armKurtosis(run, c, arm)))
		}
		t.Add(row...)
	}
	return t
}

// unitKurtosis is g2 of one number per recorded unit.
func unitKurtosis(c Checkpoint, of string) estimate.Number {
	for _, row := range c.Normality {
		if row.Of == of && row.Axis == AxisUnits {
			return row.ExcessKurtosisG2
		}
	}
	return estimate.Undefined()
}

// armKurtosis is g2 of the resampled noise along the first direction.
func armKurtosis(run Run, c Checkpoint, arm int) estimate.Number {
	directions := resampledOnly(directionsOf(run, c))
	if len(directions) == 0 || directions[0].arms[arm] == nil {
		return estimate.Undefined()
	}
	return directions[0].arms[arm].ExcessKurtosisG2
}

// strengthWords compare the last trace with the largest one, and the noise of a step with the gradient.
func strengthWords(with []Checkpoint) []string {
	first, last := with[0], with[len(with)-1]
	peak := first
	for _, c := range with {
		if c.Covariance.TraceUnbiased > peak.Covariance.TraceUnbiased {
			peak = c
		}
	}
	if !(first.Covariance.TraceUnbiased > 0 && last.Covariance.TraceUnbiased > 0) {
		return nil
	}
	words := fmt.Sprintf("Strength: tr Sigma goes from %s at step %s to %s at step %s", document.Number(first.Covariance.TraceUnbiased),
		document.Whole(first.Step), document.Number(last.Covariance.TraceUnbiased), document.Whole(last.Step))
	if peak.Step == last.Step {
		words += ", its largest value: " + riseWords(last, first)
	} else {
		words += ", " + fallWords(last, peak)
	}
	return append([]string{words}, signalWords(last)...)
}

func fallWords(last, peak Checkpoint) string {
	ratio := traceRatio(last, peak)
	verdict := "the noise has become weaker"
	switch {
	case !ratio.Defined():
		verdict = "without an interval"
	case ratio.Contains(1):
		verdict = "no change can be told"
	}
	return fmt.Sprintf("%s of the largest value, that of step %s: %s.",
		document.Measured(last.Covariance.TraceUnbiased/peak.Covariance.TraceUnbiased, ratio), document.Whole(peak.Step), verdict)
}

func riseWords(last, first Checkpoint) string {
	ratio := traceRatio(last, first)
	verdict := "the noise has not become weak"
	if !(ratio.Lo > 1) {
		verdict = "no change can be told"
	}
	return fmt.Sprintf("%s of the first; %s.", document.Measured(last.Covariance.TraceUnbiased/first.Covariance.TraceUnbiased, ratio), verdict)
}

// traceRatio is the interval of the ratio of two traces, from their own on the log scale, taken as independent. The same
// units make both, so their errors rise and fall together and the interval is, if anything, too wide.
func traceRatio(a, b Checkpoint) estimate.Interval {
	ratio := float64(a.Covariance.TraceUnbiased / b.Covariance.TraceUnbiased)
	half := math.Hypot(logHalfWidth(a), logHalfWidth(b))
	return estimate.Interval{Lo: ratio * math.Exp(-half), Hi: ratio * math.Exp(half)}
}

func logHalfWidth(c Checkpoint) float64 {
	ci := ciOf(c.Covariance.CI, "trace_unbiased")
	return math.Log(ci.Hi/ci.Lo) / 2
}

// signalWords compare the noise of the run's own step with the gradient.
func signalWords(c Checkpoint) []string {
	if c.Noise == nil || !c.Noise.GradientTrace.Defined() {
		return nil
	}
	if !(c.Covariance.GradientNormSqUnbiased > 0) {
		return []string{fmt.Sprintf("At step %s the gradient cannot be told from 0 beside the noise of a step.", document.Whole(c.Step))}
	}
	// The noise scale is tr Sigma over that squared length, and its interval that of the ratio up to a factor that is known.
	ratio := c.Noise.GradientTrace / c.Covariance.GradientNormSqUnbiased
	ci, factor := ciOf(c.Covariance.CI, "noise_scale"), float64(ratio/c.Covariance.NoiseScale)
	ci.Lo, ci.Hi = factor*ci.Lo, factor*ci.Hi
	larger := "which is larger cannot be told"
	switch {
	case ci.Lo > 1:
		larger = "noise is the larger part of a step"
	case ci.Hi < 1:
		larger = "the gradient is the larger part of a step"
	}
	return []string{fmt.Sprintf("At step %s the noise of a step has %s times the squared length of the gradient: %s.",
		document.Whole(c.Step), document.Measured(ratio, ci), larger)}
}

func diversityWords(with []Checkpoint) []string {
	first, last := with[0].Covariance, with[len(with)-1].Covariance
	if !first.GradientDiversityScaled.Defined() || !last.GradientDiversityScaled.Defined() {
		return nil
	}
	const key = "gradient_diversity_scaled"
	return []string{fmt.Sprintf("Gradient diversity, times n: from %s to %s (1: all gradients alike).",
		document.Measured(first.GradientDiversityScaled, ciOf(first.CI, key)), document.Measured(last.GradientDiversityScaled, ciOf(last.CI, key)))}
}

// heavyWords count the checkpoints at which a sample of one number per unit has a heavier tail than a Gaussian one.
func heavyWords(with []Checkpoint, of string) []string {
	heavy, total := map[string]int{}, 0
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, c := range with {
		for _, row := range c.Tails {
			if row.Of != of || row.Axis != AxisUnits {
				continue
			}
			total++
			for _, method := range summaryMethods {
				if e, ok := estimateOf(row, method); ok && tailVerdict(e, surrogateOf(row, method)) == heavier {
					heavy[method]++
				}
			}
		}
		if g2 := float64(unitKurtosis(c, of)); finite(g2) {
			lo, hi = min(lo, g2), max(hi, g2)
		}
	}
	if total == 0 || lo > hi {
		return nil
	}
	return []string{fmt.Sprintf("Tails of the %s over %s: heavier than Gaussian at %d (Hill) and %d (moment) of %d checkpoints; "+
		"excess kurtosis %s to %s.", of, unitsWord(with), heavy["hill"], heavy["moment"], total, document.Significant(lo), document.Significant(hi))}
}

// unitsWord is what the units of checkpoints are.
func unitsWord(with []Checkpoint) string {
	if with[0].Unit == "ghost-batch" {
		return "ghost batches"
	}
	return "samples"
}

// comparison counts what resampled noise says of NE at B against SGD at B_eff, over directions and checkpoints.
type comparison struct {
	pairs, below           int // below: NE has the smaller excess kurtosis
	apart, reversed        int // the intervals do not meet, as predicted and the other way
	predicted, predictions int // measured intervals that contain their prediction, and all
	gaussian               int // NE's kurtosis lies within the range of Gaussian samples
}

func compareArms(run Run, with []Checkpoint) (n comparison) {
	for _, c := range with {
		for _, d := range resampledOnly(directionsOf(run, c)) {
			n.add(d.arms[0], d.arms[2])
		}
	}
	return n
}

func (n *comparison) add(ne, small *Normality) {
	if ne == nil || small == nil || !ne.ExcessKurtosisG2.Defined() || !small.ExcessKurtosisG2.Defined() {
		return
	}
	n.pairs++
	if ne.ExcessKurtosisG2 < small.ExcessKurtosisG2 {
		n.below++
	}
	switch {
	case ne.CI.Hi < small.CI.Lo:
		n.apart++
	case small.CI.Hi < ne.CI.Lo:
		n.reversed++
	}
	for _, row := range []*Normality{ne, small} {
		if row.ExcessKurtosisPredicted.Defined() && row.CI.Defined() {
			n.predictions++
			n.predicted += truth(row.CI.Contains(float64(row.ExcessKurtosisPredicted)))
		}
	}
	n.gaussian += truth(ne.GaussianSurrogate.Contains(float64(ne.ExcessKurtosisG2)))
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// comparisonWords answer the paper's question with how sure the answer is.
func comparisonWords(run Run, with []Checkpoint) []string {
	n := compareArms(run, with)
	if n.pairs == 0 {
		return nil
	}
	noise := fmt.Sprintf("Noise of NE at B along directions: the kurtosis is in the range of Gaussian samples in %d of %d cases; "+
		"%d of %d intervals of the kurtosis contain their prediction.", n.gaussian, n.pairs, n.predicted, n.predictions)
	against := fmt.Sprintf("NE at B against SGD at B_eff, which has the same covariance: less excess kurtosis in %d of %d pairs; the "+
		"intervals tell them apart in %d, and the other way round in %d.", n.below, n.pairs, n.apart, n.reversed)
	return []string{noise, against, n.answer()}
}

// answer weighs the pairs told apart against what chance gives.
func (n comparison) answer() string {
	switch {
	case n.surprising(n.reversed):
		return "So at equal covariance NE is not always nearer to Gaussian: this contradicts the theory."
	case n.surprising(n.apart):
		return "So NE makes the noise stronger without making it as heavy-tailed as the smaller batch does."
	}
	return "So the two are not told apart here: noise this close to Gaussian needs a smaller B to show a difference."
}

// surprising reports whether so many pairs told apart one way have a probability below 1% where all are equal. Two 95%
// intervals fail to meet at a difference of 2 x 1.96 / sqrt(2) = 2.77 standard errors: in 1 of 360 pairs each way.
func (n comparison) surprising(count int) bool {
	const pair = 1.0 / 360
	return count > 0 && mathext.RegIncBeta(float64(count), float64(n.pairs-count+1), pair) < 0.01
}

// tailsAlongTable has a row for every sample, checkpoint after checkpoint.
func tailsAlongTable(with []Checkpoint) *document.Table {
	t := &document.Table{Header: []string{"step", "sample", "method", "tail index", "Gaussian", "verdict"}}
	for _, c := range with {
		for _, row := range c.Tails {
			for _, method := range summaryMethods {
				if e, ok := estimateOf(row, method); ok {
					g := surrogateOf(row, method)
					t.Add(strconv.Itoa(c.Step), sampleWords(row)[0], method, document.Measured(e.TailIndex, e.CI), document.Interval(g.Band), tailVerdict(e, g))
				}
			}
		}
	}
	if t.Rows == nil {
		return nil
	}
	return t
}

// Diversity draws the scaled gradient diversity with its intervals against the step.
func Diversity(r *Report) figure.Figure {
	s := figure.Series{Name: "n times diversity"}
	for _, c := range checkpointsWith(r, func(c Checkpoint) bool { return c.Covariance != nil }) {
		s.Add(float64(c.Step), c.Covariance.GradientDiversityScaled, ciOf(c.Covariance.CI, "gradient_diversity_scaled"))
	}
	return newFigure("diversity", s)
}

// KurtosisAlongTraining draws the excess kurtosis of the resampled noise along the first direction, arm by arm, against the step.
func KurtosisAlongTraining(r *Report) figure.Figure {
	var series []figure.Series
	for arm, name := range arms() {
		s := figure.Series{Name: name}
		for _, c := range r.Checkpoints {
			directions := resampledOnly(directionsOf(r.Run, c))
			if len(directions) > 0 && directions[0].arms[arm] != nil {
				row := directions[0].arms[arm]
				s.Add(float64(c.Step), row.ExcessKurtosisG2, row.CI)
			}
		}
		if len(s.X) > 0 {
			series = append(series, s)
		}
	}
	return newFigure("kurtosis-training", series...)
}
