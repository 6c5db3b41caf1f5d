package compare

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// TestQuantitiesOfUpdatesAndCurvature: what a checkpoint says of them, of the run's own arm, and undefined where it says nothing.
func TestQuantitiesOfUpdatesAndCurvature(t *testing.T) {
	c := &report.Checkpoint{
		Shape:     &shape.Shape{Conclusion: &shape.Conclusion{Gamma: 4, CI: estimate.Interval{Lo: 3, Hi: 5}}},
		Curvature: &curvature.Curvature{Trace: 7, AnisotropyUnbiased: 9},
		Optimizer: &optimizer.Noise{Updates: []optimizer.Update{
			{Arm: enhancement.ArmNE, Evidence: optimizer.Direct, Trace: 2}, {Arm: enhancement.ArmSGD, Evidence: optimizer.Direct, Trace: 1},
			{Arm: enhancement.ArmNE, Evidence: optimizer.Stationary, Drift: 0.7, MeanNormSq: 0.35},
			{Arm: enhancement.ArmSGD, Evidence: optimizer.Stationary, Drift: 1, MeanNormSq: 0.5},
		}},
	}
	at := func(alpha float64, c *report.Checkpoint) map[string]float64 {
		values, run := map[string]float64{}, &Run{Report: &report.Report{Run: report.Run{Alpha: alpha}}}
		for _, q := range checkpointQuantities(func(*Run) *report.Checkpoint { return c }) {
			values[q.Key] = q.Of(run)
		}
		return values
	}
	got := at(1.5, c)
	for key, want := range map[string]float64{"gamma": 4, "curvature": 7, "anisotropy": 9, "update_noise": 2, "drift": 0.35} {
		if got[key] != want {
			t.Errorf("%s = %v, want %v", key, got[key], want)
		}
		if v := at(1.5, &report.Checkpoint{})[key]; v == v {
			t.Errorf("%s = %v where nothing is known", key, v)
		}
	}
	if v := at(1, c); v["update_noise"] != 1 || v["drift"] != 0.5 {
		t.Errorf("of plain SGD: update noise %v, drift %v", v["update_noise"], v["drift"])
	}
	for i := range c.Optimizer.Updates {
		c.Optimizer.Updates[i].MeanNormSq = 0 // as in reports of earlier versions
	}
	if v := at(1.5, c)["drift"]; v == v {
		t.Errorf("drift = %v of an earlier version", v)
	}
}
