package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestMetricAt(t *testing.T) {
	r := &Run{Metrics: []report.Metric{{Step: 0, TrainLoss: 3}, {Step: 10, TrainLoss: 2}, {Step: 40, TrainLoss: 1}}}
	for step, want := range map[int]float64{0: 3, 10: 2, 12: 2, 13: 2, 40: 1} {
		if m, ok := r.metricAt(step); !ok || m.TrainLoss != want {
			t.Errorf("step %d: %v, %v", step, m, ok)
		}
	}
	// Step 0 is no evaluation near step 5, nor step 10 one near 39; the run ends at 40.
	for _, step := range []int{5, 39, 41} {
		if m, ok := r.metricAt(step); ok {
			t.Errorf("step %d: %+v", step, m)
		}
	}
	if _, ok := new(Run).metricAt(0); ok {
		t.Error("a run without rows has a value")
	}
}

// TestEqualSamples: after as many samples SGD has made twice the steps of NE at the same B.
func TestEqualSamples(t *testing.T) {
	runs := few().runs(1)
	g := groupsOf(runs)[0]
	// The shortest run has 210 steps, in every cell; SGD with B = 100 reads the fewest samples.
	if s, n := g.common(bySteps), g.common(bySamples); s != 210 || n != 21000 {
		t.Errorf("common: %d steps, %d samples", s, n)
	}
	loss := g.Quantity("train_loss_at_equal_samples")
	for _, c := range []struct {
		alpha float64
		batch int
		step  float64
	}{{1, 100, 210}, {2, 100, 100}, {1, 500, 40}, {2, 500, 20}} { // 21,000 samples are 210, 105, 42 and 21 steps, rows are every 10
		near(t, "loss", float64(g.Estimate(g.Cell(c.alpha, c.batch), loss).Mean), math.Exp(-c.step/60), numtest.Tol{Rel: 1e-12})
	}
}

// TestStepsTo: a loss that falls exponentially is met at the same step however often it is evaluated.
func TestStepsTo(t *testing.T) {
	const rate = 60
	for _, every := range []int{1, 7, 40} {
		r := &Run{}
		for step := 0; step <= 400; step += every {
			r.Metrics = append(r.Metrics, report.Metric{Step: step, TrainLoss: 2 * math.Exp(-float64(step)/rate)})
		}
		near(t, "steps", r.stepsTo(0.05), rate*math.Log(2/0.05), numtest.Tol{Rel: 1e-12})
		near(t, "steps of twice the loss", r.stepsTo(0.1), rate*math.Log(2/0.1), numtest.Tol{Rel: 1e-12})
	}
	// By hand, losses 2, 1, 1/4, 1 and 1/8 at steps 0 to 40: the third and fourth pool to 1/2 at 25.
	r := ran(2, 1, 0.25, 1, 0.125)
	for loss, want := range map[float64]float64{4: 0, 2: 0, 1: 10, 0.5: 25, 0.25: 32.5, 0.125: 40} {
		near(t, fmt.Sprint("steps to ", loss), r.stepsTo(loss), want, numtest.Tol{Rel: 1e-12})
	}
	for _, r := range []*Run{r, ran(), ran(0, math.NaN(), math.Inf(1))} {
		if got := r.stepsTo(0.1); !math.IsNaN(got) {
			t.Errorf("a loss that is never met: %g", got)
		}
	}
}

// TestStepsToOfNoise: a fluctuating loss is reached at the same step, on average, when it is evaluated three times as often; the first row
// below it would come 9 and 1 steps early. 1.5 is five standard errors at the rarer evaluations: one false alarm in a million seeds.
func TestStepsToOfNoise(t *testing.T) {
	const replicates = 2000
	rng := rand.New(rand.NewPCG(3, 1))
	mean := func(every int) (sum float64) {
		for range replicates {
			r := &Run{}
			for step := 0; step <= 600; step += every {
				r.Metrics = append(r.Metrics, report.Metric{Step: step, TrainLoss: math.Exp(-float64(step)/100 + 0.2*rng.NormFloat64())})
			}
			sum += r.stepsTo(math.Exp(-3)) / replicates
		}
		return sum
	}
	for _, every := range []int{10, 33} {
		if got := mean(every); math.Abs(got-300) > 1.5 {
			t.Errorf("a look every %d steps: %g steps, want 300", every, got)
		}
	}
}

// ran is a run with an evaluation every 10 steps.
func ran(losses ...float64) *Run {
	r := &Run{Report: &report.Report{}}
	for i, loss := range losses {
		r.Metrics = append(r.Metrics, report.Metric{Step: 10 * i, TrainLoss: loss})
	}
	return r
}

// TestEqualLoss: it is the last loss of the run whose loss fell least; diverged runs and those without losses do not count.
func TestEqualLoss(t *testing.T) {
	diverged := ran(5, math.NaN())
	diverged.Report.Training.Stopped = report.StoppedDiverged
	g := &Group{Runs: []*Run{ran(2, 1, 0.3), ran(2, 1, 0.2), ran(), diverged}}
	if got := g.equalLoss(); got != 0.3 {
		t.Errorf("%g", got)
	}
	if got := (&Group{Runs: []*Run{ran(), diverged}}).equalLoss(); !math.IsNaN(got) {
		t.Errorf("without losses: %g", got)
	}
}

func TestCurves(t *testing.T) {
	g := groupsOf(usual().runs(1))[0]
	for _, by := range []string{bySteps, bySamples} {
		c := g.curves(by)
		if !slices.IsSorted(c.At) || !slices.Contains(c.At, c.Common) || len(c.Cells) != 12 || len(c.At) < 15 {
			t.Errorf("%s: %v, common %d", by, c.At, c.Common)
		}
		for _, cell := range c.Cells {
			if len(cell.TrainLoss) != len(c.At) || len(cell.TestAccuracy) != len(c.At) {
				t.Fatalf("%s: curves of another length", by)
			}
		}
	}
	c := g.curves(bySteps)
	// Runs have 210, 220 and 230 steps: beyond 210 the mean would be over others.
	if last := c.Cells[0].TrainLoss[len(c.At)-1]; c.At[len(c.At)-1] != 230 || last.N != 0 {
		t.Errorf("at %d: %+v", c.At[len(c.At)-1], last)
	}
	at := slices.Index(c.At, 210)
	if e := c.Cells[0].TrainLoss[at]; e.N != 3 || math.Abs(float64(e.Mean)-math.Exp(-3.5)) > 1e-12 {
		t.Errorf("at 210: %+v", e)
	}
}

func TestCheckpointsAreThoseOfAll(t *testing.T) {
	g := groupsOf(few().runs(1))[0]
	at := g.checkpoints()
	// Runs end at 210 and 220 steps, and only step 0 is common.
	if len(at) != 1 || at[0].Step != 0 || len(at[0].Cells) != 4 || len(at[0].Cells[0].Quantities) != 10 || at[0].Cells[0].Quantities[0].N != 2 {
		t.Errorf("%+v", at)
	}
}
