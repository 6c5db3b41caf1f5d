package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/noise"
)

func withCurvature(c Checkpoint) bool { return c.Curvature != nil }

// curvatureSection says where the noise meets the curvature, and what that makes of a step.
func curvatureSection(r *Report) document.Section {
	s := document.Section{ID: "curvature", Title: "Where does the noise meet the curvature of the loss?", Figures: []string{"curvature"}}
	c := lastWith(r, withCurvature)
	if c == nil {
		s.Lines = []string{"Not known, since no checkpoint holds a curvature."}
		return s
	}
	v := c.Curvature
	s.Lines = []string{curvatureWords(r, c)}
	reasons := map[string]string{}
	row := func(name, key, x, words string) []string {
		reasons[name] = v.Reasons[key]
		return []string{name, x + intervalWords(v, key), words}
	}
	s.Table = &document.Table{Rows: [][]string{
		row("anisotropy", curvature.KeyAnisotropy, document.Number(v.AnisotropyUnbiased), "times what isotropic noise would meet"),
		row("alignment", curvature.KeyAlignment, document.Number(v.AlignmentUnbiased), "1: noise proportional to curvature"),
		row("tr(F Sigma)", curvature.KeyNoiseTrace, document.Number(v.NoiseTraceUnbiased), "curvature that the noise meets"),
		row("noise scale, F", curvature.KeyNoiseScale, document.Number(v.NoiseScale), "B at which noise and gradient meet as much"),
	}}
	if v.StepCostUnbiased.Defined() {
		s.Table.Rows = append(s.Table.Rows, row("cost / gain", curvature.KeyCostOverGain, document.Number(v.CostOverGain), "a step: loss by noise over loss saved"))
	}
	if p := v.Preconditioned; p != nil && p.StepCostUnbiased.Defined() {
		s.Table.Add("cost / gain, D", document.Measured(p.CostOverGain, p.Interval(curvature.KeyCostOverGain)), "of "+adamWord(r, c)+"'s step: lost by noise / saved")
		reasons["cost / gain, D"] = p.Reasons[curvature.KeyCostOverGain]
	}
	s.Notes = append(append(stepNotes(r, v), preconditionedWords(r, c)...), hessianWords(v)...)
	for _, row := range s.Table.Rows {
		switch reason, ofInterval := strings.CutPrefix(reasons[row[0]], curvature.NoInterval); {
		case reason == "":
		case ofInterval:
			s.Notes = append(s.Notes, "No interval of "+row[0]+": "+reason+moreCurved(r.Run, *c)+".")
		case strings.HasPrefix(row[1], document.Undefined):
			s.Notes = append(s.Notes, "No value of "+row[0]+": "+reason+".")
		}
	}
	if v.Withheld != "" {
		s.Notes = append(s.Notes, "No intervals: "+again(r.Run, *c, v.Withheld, v.Needs)+moreCurved(r.Run, *c)+".")
	}
	if r.Run.Model != "" {
		s.DetailTitle, s.Detail = "The curvature along training", curvatureAlong(r)
	}
	return s
}

// moreCurved names the flag that takes the curvature of more of the recorded units, where it is their number that does not suffice.
func moreCurved(run Run, c Checkpoint) string {
	if v := c.Curvature; run.Model == "" || v.Units >= c.Units || v.Needs != (estimate.Needs{}) {
		return ""
	}
	return " (-curvature exact takes more units than auto)"
}

func intervalWords(v *curvature.Curvature, key string) string {
	if ci := v.Interval(key); ci.Defined() {
		return " " + document.Interval(ci)
	}
	return ""
}

func curvatureWords(r *Report, c *Checkpoint) string {
	v := c.Curvature
	how := "all classes"
	if v.Kind == curvature.Sampled {
		how = document.Plural(v.Labels, "drawn label") + " each"
	}
	where := "From"
	if r.Run.Model != "" {
		where = "At step " + document.Whole(c.Step) + ", from"
	}
	return fmt.Sprintf("%s the Gauss-Newton matrix F of %s %s (%s), tr F = %s:", where, document.Whole(v.Units), unitsWord(*c), how,
		document.Measured(v.Trace, v.Interval(curvature.KeyTrace)))
}

// stepNotes say what the noise makes of a step of SGD along the gradient of the run. What alpha does to a step of PNM is another thing.
func stepNotes(r *Report, v *curvature.Curvature) []string {
	if !v.StepCostUnbiased.Defined() {
		return nil
	}
	const step = "step of SGD (no momentum), with this gradient noise and learning rate,"
	words := "A " + step + " would gain more than the noise costs"
	switch v.StepVerdict {
	case curvature.Gain:
	case curvature.Cost:
		words = "A " + step + " would cost more by the noise than it gains"
	case curvature.Undecided:
		words = "Whether a " + step + " gains more than the noise costs is not decided"
	default:
		words = "Without an interval of cost / gain there is no verdict on whether a " + step + " gains more than the noise costs"
	}
	if b := v.BreakEven; b != nil && b.LearningRate.Defined() {
		words += fmt.Sprintf("; by these estimates they would be equal at a learning rate of %s", document.Number(b.LearningRate))
		if b.Batch.Defined() {
			words += fmt.Sprintf(", or at B = %s", document.Number(b.Batch))
		}
		if b.Alpha.Defined() && r.Run.method() != noise.PNM {
			words += fmt.Sprintf(", or at alpha = %s", document.Number(b.Alpha))
		}
	}
	if p := v.Preconditioned; r.Run.adaptive() && (p == nil || !p.StepCostUnbiased.Defined()) {
		words += ". Adam's steps differ from these"
	}
	return []string{words + "."}
}

// preconditionedWords are about a step of Adam and the curvature in the metric of its moments.
func preconditionedWords(r *Report, c *Checkpoint) (words []string) {
	v := c.Curvature
	p := v.Preconditioned
	if p == nil {
		return nil
	}
	name := adamWord(r, c)
	if p.StepCostUnbiased.Defined() {
		words = append(words, fmt.Sprintf("%s's next step, with its moments as they are: the part that the minibatch's gradient has in it %s, and the noise costs %s. "+
			"What the running mean of earlier gradients saves is not counted.", name,
			saved(p.StepGainUnbiased, p.Interval(curvature.KeyStepGain)), document.Measured(p.StepCostUnbiased, p.Interval(curvature.KeyStepCost))))
		if p.Withheld != "" && v.Withheld == "" {
			words = append(words, "No intervals for it: "+wouldDo(r.Run, p.Withheld, p.Needs)+".")
		}
	} else if why := p.NoStep(); why != "" && v.StepCostUnbiased.Defined() {
		words = append(words, "No value of cost / gain, D: "+why+".")
	}
	return append(words, fmt.Sprintf("The largest eigenvalue of D^(1/2) F D^(1/2), D the metric of %s's moments, is %s of %s units, on average above that of all units, and %s, on average below, "+
		"along the leading direction of one half as the other sees it. Steps with this D would grow along it above %s.",
		name, document.Number(p.Sharpness), document.Whole(p.Units), document.Number(p.SharpnessHeldOut), document.Number(p.Edge)))
}

// saved says by how much a step changes the loss; one that is too long raises it.
func saved(gain estimate.Number, ci estimate.Interval) string {
	if gain < 0 {
		return "raises the loss by " + document.Measured(-gain, estimate.Interval{Lo: -ci.Hi, Hi: -ci.Lo})
	}
	return fmt.Sprintf("saves %s of the loss", document.Measured(gain, ci))
}

// adamWord names the optimizer whose moments the metric has: that of the run, or of the state that came with gradients from elsewhere.
func adamWord(r *Report, c *Checkpoint) string {
	if c.Optimizer != nil {
		return optimizerWord(c.Optimizer.Name)
	}
	return optimizerWord(r.Run.Optimizer)
}

// hessianWords are about the Hessian itself, where it was asked for.
func hessianWords(v *curvature.Curvature) []string {
	h := v.Hessian
	switch {
	case h == nil:
		return nil
	case !h.NoiseTrace.Defined():
		return []string{"No value of tr(H Sigma), with the Hessian H itself: " + v.Reasons["hessian"] + "."}
	}
	return []string{fmt.Sprintf("With the Hessian H itself, by differences of gradients, tr(H Sigma) = %s, from %s units and the loss over %s others (a step twice as long changes it by %s).",
		document.Measured(h.NoiseTrace, h.CI), document.Whole(h.Units), document.Whole(h.Against), document.Percent(h.Error))}
}

func curvatureAlong(r *Report) *document.Table {
	t := &document.Table{Header: []string{"step", "tr F", "largest eigenvalue", "anisotropy", "alignment", "noise scale", "cost / gain"}}
	adam := func(c Checkpoint) bool {
		return c.Curvature != nil && c.Curvature.Preconditioned != nil && c.Curvature.Preconditioned.StepCostUnbiased.Defined()
	}
	ofAdam := len(checkpointsWith(r, adam)) > 0
	if ofAdam {
		t.Header = append(t.Header, "cost / gain, D")
	}
	for _, c := range checkpointsWith(r, withCurvature) {
		v := c.Curvature
		largest := document.Undefined
		if len(v.Eigenvalues) > 0 {
			largest = document.Number(v.Eigenvalues[0])
		}
		row := []string{strconv.Itoa(c.Step), document.Measured(v.Trace, v.Interval(curvature.KeyTrace)), largest,
			document.Number(v.AnisotropyUnbiased) + intervalWords(v, curvature.KeyAnisotropy), document.Number(v.AlignmentUnbiased) + intervalWords(v, curvature.KeyAlignment),
			document.Number(v.NoiseScale) + intervalWords(v, curvature.KeyNoiseScale), document.Number(v.CostOverGain) + intervalWords(v, curvature.KeyCostOverGain)}
		switch {
		case adam(c):
			row = append(row, document.Measured(v.Preconditioned.CostOverGain, v.Preconditioned.Interval(curvature.KeyCostOverGain)))
		case ofAdam:
			row = append(row, document.Undefined)
		}
		t.Add(row...)
	}
	return t
}

// Curvature draws the noise along the leading eigenvectors of the curvature against the curvature along them, at the first and the last checkpoint that has
// them.
func Curvature(r *Report) figure.Figure {
	with := checkpointsWith(r, func(c Checkpoint) bool { return c.Curvature != nil && len(c.Curvature.Eigenbasis) > 0 })
	if len(with) == 0 {
		return newFigure("curvature")
	}
	if len(with) > 2 {
		with = []Checkpoint{with[0], with[len(with)-1]}
	}
	var all []figure.Series
	lo, hi := math.Inf(1), 0.0
	for _, c := range with {
		s := figure.Series{Name: "step " + strconv.Itoa(c.Step), Kind: figure.Points}
		for _, d := range c.Curvature.Eigenbasis {
			s.Add(float64(d.Curvature), d.Noise, d.NoiseCI)
			if d.Curvature > 0 {
				lo, hi = min(lo, float64(d.Curvature)), max(hi, float64(d.Curvature))
			}
		}
		all = append(all, s)
	}
	if ends := []float64{lo, hi}; lo < hi {
		all = append(all, figure.Series{Name: seriesEqual, Kind: figure.Reference, X: ends, Y: ends})
	}
	return newFigure("curvature", all...)
}
