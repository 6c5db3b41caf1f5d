package report

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/probe"
)

// sampleOptimizer is that of a checkpoint of [sampleReport]: nil before the first update, direct rows at the last.
func sampleOptimizer(step, i int) *optimizer.Noise {
	if step == 0 {
		return nil
	}
	x := estimate.Number(i)
	n := &optimizer.Noise{Name: "adam", Step: step, Units: 256, Trace: 9000 - 60*x, GradientNormSq: 40, NoiseScale: 225 - 1.5*x, Eigenvalues: []estimate.Number{1900, 1000},
		EffectiveRankParticipation: 10.5, UpdateTraceOneSample: 0.012, Settled: 0.6 + 0.05*x,
		CI: map[string]estimate.Interval{optimizer.KeyTrace: {Lo: 7000, Hi: 11000}, optimizer.KeyNoiseScale: {Lo: 82, Hi: math.Inf(1)}}}
	add := func(arm enhancement.Arm, evidence string, batch int, ratio, drift estimate.Number, ci estimate.Interval) {
		n.Updates = append(n.Updates, optimizer.Update{Arm: arm, Alpha: 1.5, Batch: batch, Evidence: evidence, Trace: 3e-4 * ratio, Ratio: ratio, Predicted: 2.5, CI: ci, Drift: drift})
	}
	add(enhancement.ArmNE, optimizer.Frozen, 500, 2.5, 1, estimate.None())
	add(enhancement.ArmNE, optimizer.Stationary, 500, 1.4-0.05*x, 0.7, estimate.Interval{Lo: 1.3 - 0.05*float64(i), Hi: 1.5 - 0.05*float64(i)})
	if i == 5 {
		add(enhancement.ArmNE, optimizer.Direct, 500, 2.53, estimate.Undefined(), estimate.Interval{Lo: 2.44, Hi: 2.63})
		add(enhancement.ArmEffective, optimizer.Direct, 206, 2.48, estimate.Undefined(), estimate.Interval{Lo: 2.1, Hi: 2.9})
	}
	return n
}

// TestUpdateWords: beside f of the gradient stands that of the update, of which settled moments are the answer where they are known.
func TestUpdateWords(t *testing.T) {
	const (
		settled = "Adam's update: NE multiplies its noise at step 600 by f_u = 1.15 [1.05, 1.25] if the moments that it divides by have settled to the noise, " +
			"and by 2.53 [2.44, 2.63] (measured) with the moments as they are."
		next = "AdamW's update: NE multiplies the noise of the next one by 2.53 [2.44, 2.63] (measured), and by less once the moments that it divides by have settled to the noise."
	)
	r := sampleReport()
	if text := said(t, r); !strings.Contains(text, settled) {
		t.Errorf("no %q in\n%s", settled, text)
	}
	for i := range r.Checkpoints {
		if n := r.Checkpoints[i].Optimizer; n != nil {
			n.Name, n.Unsettled, n.Settled = "adamw", "the gradient over the whole training set is not known at this checkpoint", estimate.Undefined()
			n.Updates = append(n.Updates[:1], n.Updates[2:]...)
		}
	}
	if text := said(t, r); !strings.Contains(text, next) || strings.Contains(text, "f_u") || !strings.Contains(text, "Nothing is said of settled moments: the gradient over") {
		t.Errorf("no %q in\n%s", next, text)
	}
	for i := range r.Checkpoints {
		r.Checkpoints[i].Optimizer, r.Checkpoints[i].OptimizerUndefined = nil, "the state was not recorded"
	}
	if text := said(t, r); !strings.Contains(text, "Not known: the state was not recorded.") || strings.Contains(text, "noise of the next one") {
		t.Errorf("got\n%s", text)
	}
}

// TestUpdateNoiseFigure: settled moments at all checkpoints but the first, the next update at the last, and f.
func TestUpdateNoiseFigure(t *testing.T) {
	f := UpdateNoise(sampleReport())
	if len(f.Series) != 3 || len(f.Series[0].X) != 5 || len(f.Series[1].X) != 1 || f.Series[2].Kind != figure.Reference || f.Series[2].Y[0] != 2.5 {
		t.Errorf("%+v", f.Series)
	}
	if f := UpdateNoise(&Report{Checkpoints: make([]Checkpoint, 2)}); len(f.Series) != 0 {
		t.Errorf("%+v", f.Series)
	}
}

// TestExactUpdates: what is of all training samples says so; and SGD needs no measurement.
func TestExactUpdates(t *testing.T) {
	r := sampleReport()
	for _, c := range r.Checkpoints {
		if c.Optimizer == nil {
			continue
		}
		if u := c.Optimizer.Row(optimizer.Stationary, enhancement.ArmNE); u != nil {
			u.Exact, u.CI = true, estimate.None()
		}
	}
	if text := said(t, r); !strings.Contains(text, "(of all training samples) if the moments") {
		t.Errorf("got\n%s", text)
	}
	for i := range r.Checkpoints {
		r.Checkpoints[i].Optimizer, r.Checkpoints[i].OptimizerUndefined = nil, "the reason"
	}
	r.Run.Optimizer = "sgd"
	r.Checkpoints[5].Optimizer = optimizer.SGD(&probe.Units{}, &covariance.Covariance{}, 0.1, 0, optimizer.Settings{Alpha: 1.5, Batch: 500})
	if card := cards(r)[2]; card.Label != "Noise of SGD's update multiplied by" || card.Value != "2.50" || card.Note != "f, as that of the gradient, by theory" {
		t.Errorf("%+v", card)
	}
	r.Checkpoints[5].Optimizer = nil
	if text := said(t, r); !strings.Contains(text, "Nothing that theory does not say: the reason.") {
		t.Errorf("got\n%s", text)
	}
}
