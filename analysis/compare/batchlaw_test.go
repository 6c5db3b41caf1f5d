package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// TestBatchLaw: losses fall as exp(-step / (60 (1 + 300 / B))), but for 5% between seeds, so that 60 (1 + 300 / B) log(1 / L) steps come to a loss L.
func TestBatchLaw(t *testing.T) {
	p := usual()
	p.alphas = []float64{1}
	rng := rand.New(rand.NewPCG(3, 1))
	runs := p.runs(1)
	for _, r := range runs {
		time := 60 * (1 + 300/float64(r.Batch())) * math.Exp(0.05*rng.NormFloat64())
		r.Metrics = nil
		for step := 0; step <= 480; step += 10 {
			r.Metrics = append(r.Metrics, report.Metric{Step: step, TrainLoss: math.Exp(-float64(step) / time)})
		}
	}
	c := compared(t, runs, DefaultSettings())
	group := c.Groups[0]
	if len(group.BatchLaws) != 1 {
		t.Fatalf("%+v", group.BatchLaws)
	}
	f, sMin := group.BatchLaws[0], 60*math.Log(1/float64(group.EqualLoss))
	if f.Batches != 4 || f.Runs != 12 || !f.CI.Contains(300) || f.CI.Hi > 450 || !f.SMinCI.Contains(sMin) || !f.EMinCI.Contains(300*sMin) {
		t.Errorf("%+v, want B_crit 300, S_min %.4g", f, sMin)
	}
	if !slices.ContainsFunc(group.Answers, func(a Answer) bool {
		return a.Question == questionCritical && strings.Contains(a.Text, "12 runs of 4 batch sizes: the critical batch size E_min / S_min is ")
	}) {
		t.Errorf("%+v", group.Answers)
	}
}

// TestBatchLawOfRealRuns: F1 with two seeds at seven batch sizes, alpha = 1. The law passes within 30% of the mean steps at each, and has fewer steps
// and samples as its limits than any of them.
func TestBatchLawOfRealRuns(t *testing.T) {
	set, err := Read([]string{"../../docs/results/f1-quick"})
	if err != nil {
		t.Fatal(err)
	}
	g := set.Groups[0]
	f := g.batchLaws()[0]
	if f.Alpha != 1 || f.Batches != 7 || f.Runs != 14 || f.Verdict != "measured" {
		t.Fatalf("%+v", f)
	}
	logs := map[int][]float64{}
	for _, r := range g.Runs {
		if r.Alpha() == 1 {
			logs[r.Batch()] = append(logs[r.Batch()], math.Log(r.stepsTo(g.equalLoss())))
		}
	}
	for batch, l := range logs {
		steps := math.Exp((l[0] + l[1]) / 2)
		if ratio := f.At(float64(batch)) / steps; len(l) != 2 || math.Abs(math.Log(ratio)) > math.Log(1.3) || float64(f.SMin) > steps || float64(f.EMin) > steps*float64(batch) {
			t.Errorf("B = %d: %.4g steps, the law has %.4g, S_min %.4g, E_min %.4g", batch, steps, f.At(float64(batch)), f.SMin, f.EMin)
		}
	}
}
