package analysis

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// curvatureOf has the outer products of the gradients as the curvature.
func curvatureOf(u *probe.Units) *probe.Curvature {
	rng := seed.New(1, "unlike")
	flat, unit := make([]float64, u.N*20), make([]int, u.N)
	for i := range flat {
		flat[i] = rng.NormFloat64()
	}
	for i := range unit {
		unit[i] = i
	}
	g := &probe.Gradients{Meta: probe.Meta{Index: make([]int, u.N), Loss: make([]float64, u.N)}, Layers: []probe.Layer{probe.NewDense("all", u.N, 20, flat)}}
	columns := probe.Columns{Gradients: &probe.Gradients{Layers: g.Layers}, Each: 1, Unit: unit}
	return columns.Reduce(g)
}

// TestSamplesUnlikeTheTrainingSet: 64 samples of which none is among the 1% with a loss a hundred times as large have intervals by their gradients;
// the loss of the training set shows that they must not. Losses that agree, and units that are no samples, change nothing.
func TestSamplesUnlikeTheTrainingSet(t *testing.T) {
	rng := seed.New(1, "unlike")
	u := denseUnits(64, 20, func(int) float64 { return rng.NormFloat64() })
	u.Population, u.Loss = 10_000, make([]float64, 64)
	for i := range u.Loss {
		u.Loss[i] = 0.01 * math.Exp(rng.NormFloat64())
	}
	of := func(loss float64, u *probe.Units, d *probe.Draws) Result {
		s := settings
		s.TrainLoss = loss
		return Analyse(u, d, s)
	}
	for _, loss := range []float64{0, math.NaN(), 0.0165, 0.005} { // the mean of the law is 0.0165
		if c := of(loss, u, nil).Checkpoint; c.Covariance.Withheld != "" || !c.NoiseSize.TraceCI.Defined() || c.NoiseSize.Unseen == 0 {
			t.Errorf("loss %g: %q", loss, c.Covariance.Withheld)
		}
	}
	c := of(0.033, u, nil).Checkpoint
	for _, why := range []string{c.Covariance.Withheld, c.NoiseSize.Withheld, c.Shape.Withheld} {
		if !strings.HasPrefix(why, "samples of large loss are missing among the 64 recorded ones") || !strings.HasSuffix(why, "; all 10000 would do") {
			t.Errorf("%q", why)
		}
	}
	if len(c.Covariance.CI) > 0 || c.NoiseSize.TraceCI.Defined() || c.Shape.CI.Gamma.Defined() || len(c.Shape.Tests) > 0 {
		t.Errorf("something is left: %+v", c.NoiseSize)
	}
	for _, row := range of(0.033, u, directDraws(16, 1.5)).Checkpoint.EffectiveBatch {
		if row.Against == enhancement.RecordedUnits && (row.Withheld == "" || row.PValue.Defined()) {
			t.Errorf("%+v", row)
		}
	}
	s := settings
	s.TrainLoss, s.Curvature = 0.0165, curvatureOf(u)
	s.Optimizer = &optimizer.Noise{CI: map[string]estimate.Interval{optimizer.KeyTrace: {Lo: 1, Hi: 2}}, Updates: []optimizer.Update{
		{Evidence: enhancement.Direct, CI: estimate.Interval{Lo: 1, Hi: 2}}, {Evidence: optimizer.Stationary, CI: estimate.Interval{Lo: 1, Hi: 2}}}}
	like := Analyse(u, nil, s).Checkpoint
	if v := like.Curvature; v.Withheld != "" || !v.Interval(curvature.KeyTrace).Defined() || v.StepVerdict == "" || !like.Optimizer.CI[optimizer.KeyTrace].Defined() {
		t.Errorf("%+v", v)
	}
	s.TrainLoss = 0.033
	unlike := Analyse(u, nil, s).Checkpoint
	if v := unlike.Curvature; v.Withheld != c.Covariance.Withheld || v.Interval(curvature.KeyTrace).Defined() || v.StepVerdict != "" {
		t.Errorf("%+v", v)
	}
	if n := unlike.Optimizer; n.Withheld != c.Covariance.Withheld || n.CI[optimizer.KeyTrace].Defined() || !n.Updates[0].CI.Defined() || n.Updates[1].CI.Defined() {
		t.Errorf("%+v", n)
	}
	ghosts := *u
	ghosts.UnitSize = 100
	if s := (Settings{TrainLoss: 1}); s.unlike(&ghosts).Why != "" || s.unlike(u).Needs.Units != u.Population {
		t.Error("ghost batches have losses of their own")
	}
}
