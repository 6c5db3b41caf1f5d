package compare

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
)

// planted describes the invented runs of a test: with x = log B_eff,
//
//	accuracy = 0.9 + 0.01 x + shift (alpha - 1)      log tr Sigma = 1 + slope x + d log f
//
// each with Gaussian noise of relative size spread, the same for a seed in all cells if shared.
type planted struct {
	alphas  []float64
	batches []int
	seeds   int
	shift   float64
	slope   float64
	d       float64
	spread  float64
	shared  float64
	// unconverged runs stop before L**; diverged ones have no losses.
	unconverged, diverged func(r *Run) bool
}

func (p planted) runs(seed uint64) []*Run {
	rng := rand.New(rand.NewPCG(seed, 1))
	effect := map[uint64]float64{}
	var runs []*Run
	for _, alpha := range p.alphas {
		for _, batch := range p.batches {
			for s := range uint64(p.seeds) {
				if _, ok := effect[s]; !ok {
					effect[s] = p.shared * rng.NormFloat64()
				}
				runs = append(runs, p.run(alpha, batch, s+1, effect[s], rng))
			}
		}
	}
	return runs
}

func (p planted) run(alpha float64, batch int, seed uint64, effect float64, rng *rand.Rand) *Run {
	x, f := math.Log(EffectiveBatch(alpha, batch)), noise.Factor(alpha)
	z := func() float64 { return effect + p.spread*rng.NormFloat64() }
	trace := math.Exp(1 + p.slope*x + p.d*math.Log(f) + z())
	steps := 200 + 10*int(seed)
	rep := &report.Report{
		Schema: report.Schema,
		Run: report.Run{
			Model: "f1", Spec: "7x[500]", Parameters: 1900510, Alpha: alpha, Batch: batch, Pairing: "independent", Optimizer: "adam",
			LearningRate: 0.001, AdamEps: 1e-8, Seed: seed, Data: report.Data{Name: "fashion-mnist", Source: "here", Train: 10000, Test: 2000}, Version: "1",
		},
		Training: report.Training{
			Steps: steps, Stopped: report.StoppedConverged, ConvergenceTime: &steps, TrainLoss: estimate.Number(0.01 * math.Exp(z())),
			TestLoss: estimate.Number(0.4 * math.Exp(z())), TestAccuracy: estimate.Number(0.9 + 0.01*x + p.shift*(alpha-1) + 0.01*z()),
		},
		Checkpoints: []report.Checkpoint{checkpoint(alpha, batch, 0, 5*trace, trace), checkpoint(alpha, batch, steps, 1.2*trace, trace)},
	}
	r := &Run{Dir: fmt.Sprintf("alpha%g-batch%d-seed%d", alpha, batch, seed), Report: rep}
	for step := 0; step <= steps; step += 10 {
		loss := math.Exp(-float64(step) / 60)
		r.Metrics = append(r.Metrics, report.Metric{Step: step, TrainLoss: loss, TestLoss: loss, TestAccuracy: 0.9 - 0.5*loss, LearningRate: 0.001})
	}
	if p.unconverged != nil && p.unconverged(r) {
		rep.Training.Stopped, rep.Training.ConvergenceTime = report.StoppedMaxSteps, nil
	}
	if p.diverged != nil && p.diverged(r) {
		rep.Training.Stopped, rep.Training.ConvergenceTime, rep.Training.TestAccuracy = report.StoppedDiverged, nil, estimate.Undefined()
	}
	return r
}

// checkpoint has 256 units of 10,000, from which tr Sigma is units, and 64 direct draws, from which it is direct.
func checkpoint(alpha float64, batch, step int, units, direct float64) report.Checkpoint {
	const n = 10000
	want := noise.CovarianceFactor(noise.Independent, n, batch, alpha) * (n - 1) / n
	size := func(trace float64) float64 { return noise.EffectiveBatchOf(noise.Independent, n, want*trace, units) }
	return report.Checkpoint{
		Step: step, Unit: "sample", UnitSize: 1, Units: 256, Population: n, Parameters: 1900510, UpdateCheck: estimate.Undefined(),
		Covariance: &covariance.Covariance{TraceUnbiased: estimate.Number(units), NoiseScale: estimate.Number(units / 2),
			CI: map[string]estimate.Interval{"trace_unbiased": {Lo: units / 1.3, Hi: units * 1.3}, "noise_scale": {Lo: units / 5, Hi: math.Inf(1)}}},
		NoiseCorrelation: []enhancement.Correlation{{Evidence: Direct, Pairing: "independent", Draws: 64}},
		EffectiveBatch: []enhancement.EffectiveBatch{{Alpha: alpha, Pairing: "independent", Batch: batch, Evidence: Direct, Against: "recorded-units",
			Predicted: estimate.Number(noise.EffectiveBatch(noise.Independent, n, batch, alpha)), Measured: estimate.Number(size(direct)),
			CI: estimate.Interval{Lo: size(direct * 1.5), Hi: size(direct / 1.5)}}},
		Shape: &shape.Shape{Directions: []shape.Direction{{Of: "noise top1", N: 128, ExcessKurtosisG2: 40, CI: estimate.Around(40, 20)}}},
		Normality: []shape.Normality{
			{Of: "loss", Axis: shape.AxisUnits, Evidence: "recorded", N: 256, ExcessKurtosisG2: estimate.Number(3 + units), CI: estimate.None()},
			{Of: "gradient norm", Axis: shape.AxisUnits, Evidence: "recorded", N: 256, ExcessKurtosisG2: estimate.Number(2 + units), CI: estimate.None()},
		},
	}
}

// usual is a grid of three alphas whose B_eff overlap, with three seeds.
func usual() planted {
	return planted{alphas: []float64{1, 1.5, 2}, batches: []int{100, 200, 500, 1000}, seeds: 3, slope: 0.3, spread: 0.05}
}

// compared is the comparison of invented runs.
func compared(t *testing.T, runs []*Run, s Settings) *Comparison {
	t.Helper()
	c, err := Compare(&Set{Groups: groupsOf(runs)}, s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// save writes report.json and metrics.csv of a run into dir.
func save(t *testing.T, r *Run, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := report.Write(&text, r.Report); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "report.json"), text.String())
	text.Reset()
	if err := report.WriteMetrics(&text, r.Metrics); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "metrics.csv"), text.String())
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
