package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/noise"
)

func withOptimizer(c Checkpoint) bool { return c.Optimizer != nil }

// lastWithRow is the last checkpoint with updates of NE of some evidence.
func lastWithRow(r *Report, evidence string) (*Checkpoint, *optimizer.Update) {
	c := lastWith(r, func(c Checkpoint) bool {
		return c.Optimizer != nil && c.Optimizer.Row(evidence, enhancement.ArmNE) != nil
	})
	if c == nil {
		return nil, nil
	}
	return c, c.Optimizer.Row(evidence, enhancement.ArmNE)
}

// updateWords say beside f of the gradient what it is of the update.
func updateWords(r *Report) []string {
	at, next := lastWithRow(r, optimizer.Direct)
	c, settled := lastWithRow(r, optimizer.Stationary)
	measured, method := "", "NE"
	if r.Run.method() == noise.LargeNoise {
		method = string(noise.LargeNoise)
	}
	if next != nil {
		measured = document.Measured(next.Ratio, next.CI)
	}
	switch {
	case settled != nil && c.Optimizer.Name == optimizer.NameSGD:
		return []string{fmt.Sprintf("SGD's update: %s multiplies its noise by f = %s as that of the gradient, by theory.", method, document.Significant(float64(settled.Ratio)))}
	case settled != nil:
		words := fmt.Sprintf("%s's update: %s multiplies its noise%s by f_u = %s%s if the moments that it divides by have settled to the noise",
			optimizerWord(c.Optimizer.Name), method, atStep(r, c), document.Measured(settled.Ratio, settled.CI), exactWords(settled))
		if measured != "" {
			words += fmt.Sprintf(", and by %s (measured) with the moments as they are", measured)
		}
		return []string{words + "."}
	case measured != "":
		return []string{fmt.Sprintf("%s's update: NE multiplies the noise of the next one by %s (measured), and by less once the moments that it divides by have settled to the noise.",
			optimizerWord(at.Optimizer.Name), measured)}
	}
	return nil
}

func exactWords(u *optimizer.Update) string {
	if u.Exact {
		return " (of all training samples)"
	}
	return ""
}

func optimizerWord(name string) string {
	switch name {
	case "adamw":
		return "AdamW"
	case optimizer.NameSGD:
		return "SGD"
	}
	return "Adam"
}

// optimizerSection says what the optimizer makes of the noise.
func optimizerSection(r *Report) document.Section {
	s := document.Section{ID: "optimizer", Title: "What does the optimizer make of the noise?", Figures: []string{"update-noise"}}
	c := lastWith(r, withOptimizer)
	if c == nil {
		s.Lines = []string{optimizerAbsent(r)}
		return s
	}
	n := c.Optimizer
	if n.Name == optimizer.NameSGD {
		s.Lines = []string{ofTheory(n.Undefined)}
		return s
	}
	s.Lines = []string{fmt.Sprintf("%s multiplies each parameter's gradient by d = 1 / (sqrt(v) + eps). In the metric of d after %s, the first three numbers from %s:", optimizerWord(n.Name),
		document.Plural(n.Step, "update"), document.Whole(n.Units)+" "+unitsWord(*c))}
	s.Table = &document.Table{Rows: [][]string{
		{"tr(D Sigma)", document.Measured(n.Trace, estimate.In(n.CI, optimizer.KeyTrace)), "variance of one " + unitWord(*c) + "'s gradient"},
		{"noise scale, D", document.Measured(n.NoiseScale, estimate.In(n.CI, optimizer.KeyNoiseScale)), "B at which noise equals signal"},
		{"directions, D", document.Number(n.EffectiveRankParticipation), "participation ratio"},
	}}
	addUpdateRows(s.Table, n)
	s.Notes = settledNotes(n)
	if n.Undefined != "" {
		s.Notes = append(s.Notes, "No noise scale, D: "+n.Undefined+".")
	}
	if n.Withheld != "" {
		s.Notes = append(s.Notes, "No intervals in the metric of d: "+wouldDo(r.Run, n.Withheld, n.Needs)+".")
	}
	if u := n.Row(optimizer.Stationary, enhancement.ArmNE); u != nil && u.Withheld != "" && u.Withheld != n.Withheld {
		s.Notes = append(s.Notes, "No interval of f_u: "+wouldDo(r.Run, u.Withheld, u.Needs)+".")
	}
	if r.Run.Model != "" {
		s.DetailTitle, s.Detail = "The noise of the updates along training", updatesAlong(r)
	}
	return s
}

// optimizerUndefined is why there is nothing at the last checkpoint.
func optimizerUndefined(r *Report) string {
	if n := len(r.Checkpoints); n > 0 {
		return r.Checkpoints[n-1].OptimizerUndefined
	}
	return ""
}

// optimizerAbsent is for a run without the noise of an optimizer; what SGD makes of the noise is known without measurement.
func optimizerAbsent(r *Report) string {
	if r.Run.Optimizer == "sgd" {
		return ofTheory(optimizerUndefined(r))
	}
	return "Not known: " + optimizerUndefined(r) + "."
}

func ofTheory(words string) string { return "Nothing that theory does not say: " + words + "." }

// withMoments reports whether a checkpoint has the noise of an optimizer whose moments the noise enters, which SGD does not have.
func withMoments(c Checkpoint) bool {
	return c.Optimizer != nil && c.Optimizer.Name != optimizer.NameSGD
}

// addUpdateRows adds the noise of updates over that of SGD at B.
func addUpdateRows(t *document.Table, n *optimizer.Noise) {
	if u := n.Row(optimizer.Stationary, enhancement.ArmNE); u != nil {
		t.Add("f_u", document.Measured(u.Ratio, u.CI), "update noise over SGD's, settled")
		t.Add("drift", document.Number(u.Drift), "squared mean update over SGD's")
	}
	if u := n.Row(optimizer.Direct, enhancement.ArmNE); u != nil {
		t.Add("f of next update", document.Measured(u.Ratio, u.CI), "measured; the gradient's is "+document.Number(u.Predicted))
	}
	if u := n.Row(optimizer.Direct, enhancement.ArmEffective); u != nil {
		t.Add("SGD at B = "+document.Whole(u.Batch), document.Measured(u.Ratio, u.CI), "the same; the gradient's is "+document.Number(u.Predicted))
	}
}

// settledNotes say how far the moments are from settled.
func settledNotes(n *optimizer.Noise) []string {
	switch {
	case n.Unsettled != "":
		return []string{"Nothing is said of settled moments: " + n.Unsettled + "."}
	case n.Settled.Defined():
		return []string{fmt.Sprintf("The noise of the real updates is %s times what it would be with settled moments at these weights: 1 where the moments follow the noise, "+
			"less where they still remember larger gradients, more where smaller ones.", document.Number(n.Settled))}
	}
	return nil
}

func updatesAlong(r *Report) *document.Table {
	t := &document.Table{Header: []string{"step", "tr(D Sigma)", "noise scale, D", "f_u", "drift"}}
	for _, c := range checkpointsWith(r, withMoments) {
		n, fu, drift := c.Optimizer, document.Undefined, document.Undefined
		if u := n.Row(optimizer.Stationary, enhancement.ArmNE); u != nil {
			fu, drift = document.Measured(u.Ratio, u.CI), document.Number(u.Drift)
		}
		t.Add(strconv.Itoa(c.Step), document.Measured(n.Trace, estimate.In(n.CI, optimizer.KeyTrace)),
			document.Measured(n.NoiseScale, estimate.In(n.CI, optimizer.KeyNoiseScale)), fu, drift)
	}
	return t
}

// UpdateNoise draws the noise of NE's updates over that of SGD's against the step, beside f.
func UpdateNoise(r *Report) figure.Figure {
	kinds := []figure.Series{{Name: "f_u, moments settled", Kind: figure.Track}, {Name: "next update, measured", Kind: figure.Points}}
	predicted := figure.Series{Name: "f of the gradient", Kind: figure.Reference}
	for _, c := range checkpointsWith(r, withMoments) {
		for i, evidence := range []string{optimizer.Stationary, optimizer.Direct} {
			if u := c.Optimizer.Row(evidence, enhancement.ArmNE); u != nil {
				kinds[i].Add(float64(c.Step), u.Ratio, u.CI)
			}
		}
		if u := c.Optimizer.Row(optimizer.Frozen, enhancement.ArmNE); u != nil {
			predicted.Add(float64(c.Step), u.Ratio, estimate.None())
		}
	}
	if len(kinds[0].X)+len(kinds[1].X) == 0 {
		return newFigure("update-noise")
	}
	all := slices.DeleteFunc(append(kinds, predicted), func(s figure.Series) bool { return len(s.X) == 0 })
	return newFigure("update-noise", all...)
}

// LaterFigure draws a figure that directories of earlier versions do not have, from what their report says.
func LaterFigure(r *Report, name string) (figure.Figure, bool) {
	switch name {
	case "curvature":
		return Curvature(r), true
	case "update-noise":
		return UpdateNoise(r), true
	}
	return figure.Figure{}, false
}
