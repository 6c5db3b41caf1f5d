package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
)

func TestCurvatureWords(t *testing.T) {
	r := sampleReport()
	if s := curvatureSection(r); !strings.HasPrefix(s.Lines[0], "At step 600, from the Gauss-Newton matrix F of 128 samples (all classes), tr F = ") ||
		!strings.HasPrefix(s.Notes[1], "No intervals: few units carry the curvature") || len(s.Detail.Rows) != 6 {
		t.Errorf("%+v", s)
	}
	for verdict, want := range map[string]string{curvature.Gain: "would gain more than the noise costs", curvature.Cost: "would cost more by the noise than it gains",
		curvature.Undecided: "is not decided", "": "no verdict"} {
		v := sampleCurvature(1)
		v.StepVerdict, v.BreakEven.Batch = verdict, estimate.Undefined()
		words := stepNotes(r, v)[0]
		if !strings.Contains(words, want) || !strings.Contains(words, "a learning rate of 0.240, or at alpha = 19.0. Adam's steps") {
			t.Errorf("%s: %s", verdict, words)
		}
	}
	c := r.Checkpoints[1]
	c.Curvature.Kind, c.Curvature.Labels, c.Unit = curvature.Sampled, 2, "ghost-batch"
	if words := curvatureWords(&Report{}, &c); !strings.HasPrefix(words, "From the Gauss-Newton matrix F of 128 ghost batches (2 drawn labels each)") {
		t.Error(words)
	}
}

func TestLayersHaveTheirCurvature(t *testing.T) {
	c := sampleReport().Checkpoints[1]
	if table := layerTable(c); len(table.Header) != 7 || table.Rows[1][6] != "12.7" {
		t.Errorf("%+v", table)
	}
	c.Curvature = nil
	if table := layerTable(c); len(table.Header) != 5 || len(table.Rows[1]) != 5 {
		t.Errorf("%+v", table)
	}
}

// TestMoreCurvature: where the curvature of more units would do, the flag that takes it is named, and not to those who have files.
func TestMoreCurvature(t *testing.T) {
	r := sampleReport()
	last := &r.Checkpoints[5]
	last.Curvature.Withheld, last.Curvature.Units = "few units carry the curvature (128 count as 21.9, of 30 needed); it takes 176 or more", 128
	const flag = " or more (-curvature exact takes more units than auto)."
	if text := said(t, r); !strings.Contains(text, flag) {
		t.Errorf("got\n%s", text)
	}
	if got := moreCurved(Run{}, *last); got != "" {
		t.Errorf("%q", got)
	}
	last.Curvature.Units = last.Units
	if got := moreCurved(r.Run, *last); got != "" {
		t.Errorf("%q", got)
	}
}

// TestNoCurvature: of a run it is said, of gradients from files there is no section.
func TestNoCurvature(t *testing.T) {
	r := sampleReport()
	for i := range r.Checkpoints {
		r.Checkpoints[i].Curvature = nil
	}
	if s := curvatureSection(r); s.Lines[0] != "Not known, since no checkpoint holds a curvature." || s.Table != nil {
		t.Errorf("%+v", s)
	}
	if f := Curvature(r); len(f.Series) != 0 {
		t.Errorf("%+v", f.Series)
	}
	for _, s := range sections(OfGradients(Analysis{}, r.Checkpoints[:1])) {
		if s.ID == "curvature" {
			t.Error("a section on the curvature of gradients without any")
		}
	}
}

// TestCurvatureFigure draws the first and the last checkpoint, and equality over the range of both.
func TestCurvatureFigure(t *testing.T) {
	f := Curvature(sampleReport())
	names := []string{}
	for _, s := range f.Series {
		names = append(names, s.Name)
	}
	equal := f.Series[2]
	if !slices.Equal(names, []string{"step 0", "step 600", seriesEqual}) || equal.X[0] != 1.2 || equal.X[1] != 31 || !slices.Equal(equal.X, equal.Y) {
		t.Errorf("%v, %+v", names, equal)
	}
}

// TestAdamStepWords: a step of Adam has a row and a note of its own, and of plain SGD it is not said any more that Adam's differ.
func TestAdamStepWords(t *testing.T) {
	r := sampleReport()
	v := r.Checkpoints[5].Curvature
	v.Withheld = ""
	v.Preconditioned = &curvature.Preconditioned{Units: 64, Sharpness: 1000, SharpnessHeldOut: 800, Edge: 38000, Withheld: "why",
		Step: curvature.Step{StepGainUnbiased: 0.08, StepCostUnbiased: 0.02, CostOverGain: 0.25},
		CI:   map[string]estimate.Interval{curvature.KeyStepCost: {Lo: 0.01, Hi: 0.03}}}
	s := curvatureSection(r)
	notes := strings.Join(s.Notes, " ")
	if row := s.Table.Rows[5]; row[0] != "cost / gain, D" || row[1] != "0.250" || row[2] != "of Adam's step: lost by noise / saved" {
		t.Errorf("%v", row)
	}
	for _, want := range []string{"has in it saves 0.0800 of the loss, and the noise costs 0.0200 [0.0100, 0.0300].", "No intervals for it: why.", "1,000 of 64 units"} {
		if !strings.Contains(notes, want) || strings.Contains(notes, "steps differ") {
			t.Errorf("no %q in\n%s", want, notes)
		}
	}
	if along := s.Detail; along.Header[len(along.Header)-1] != "cost / gain, D" || along.Rows[len(along.Rows)-1][7] != "0.250" || along.Rows[0][7] != document.Undefined {
		t.Errorf("along training: %v", along)
	}
	v.Preconditioned.Step.StepGainUnbiased = -0.08
	v.Preconditioned.CI[curvature.KeyStepGain] = estimate.Interval{Lo: -0.1, Hi: -0.05}
	if notes := strings.Join(curvatureSection(r).Notes, " "); !strings.Contains(notes, "has in it raises the loss by 0.0800 [0.0500, 0.100], and the noise costs") {
		t.Errorf("a step that is too long: %s", notes)
	}
	v.Preconditioned.Step = curvature.Step{StepGainUnbiased: estimate.Undefined(), StepCostUnbiased: estimate.Undefined()}
	if s := curvatureSection(r); len(s.Table.Rows) != 5 || !strings.Contains(strings.Join(s.Notes, " "), "steps differ") {
		t.Errorf("%+v", s)
	}
}

// TestReasonsOfTheCurvature: what has no value has its reason beside an interval too, what has no interval as well, of Adam's step as of SGD's; and the optimizer is that
// of the moments.
func TestReasonsOfTheCurvature(t *testing.T) {
	r := sampleReport()
	last := &r.Checkpoints[5]
	last.Optimizer.Name = "adamw"
	v := last.Curvature
	v.Withheld, v.NoiseScale, v.CostOverGain = "", estimate.Undefined(), 0.1
	v.CI = map[string]estimate.Interval{curvature.KeyNoiseScale: {Lo: 3, Hi: 9}}
	v.Reasons = map[string]string{curvature.KeyNoiseScale: "why", curvature.KeyCostOverGain: "no interval: few units"}
	v.Preconditioned = &curvature.Preconditioned{Step: curvature.Step{StepGainUnbiased: -1, StepCostUnbiased: 1, CostOverGain: estimate.Undefined()},
		Reasons: map[string]string{curvature.KeyCostOverGain: "no gain"}}
	text := strings.Join(curvatureSection(r).Notes, " ")
	for _, want := range []string{"No value of noise scale, F: why.", "No interval of cost / gain: few units", "No value of cost / gain, D: no gain.", "AdamW's next step", "or at alpha = "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	r.Run.Noise = string(noise.PNM)
	if text := strings.Join(curvatureSection(r).Notes, " "); strings.Contains(text, "or at alpha = ") {
		t.Errorf("the alpha of pnm does not enhance the noise of a gradient:\n%s", text)
	}
}
