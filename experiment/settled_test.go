package experiment

import (
	"fmt"
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// grid is points of the plane, inside a circle or not.
type grid struct{ side int }

func (g grid) N() int { return g.side * g.side }

func (g grid) at(i int) (x, y float32) {
	return 2*float32(i/g.side)/float32(g.side) - 1, 2*float32(i%g.side)/float32(g.side) - 1
}

func (g grid) Gather(dst []float32, index []int) {
	for row, i := range index {
		dst[2*row], dst[2*row+1] = g.at(i)
	}
}

func (g grid) Labels(dst []int32, index []int) {
	for row, i := range index {
		dst[row] = 0
		if x, y := g.at(i); x*x+y*y < 0.6 {
			dst[row] = 1
		}
	}
}

// adamOn trains a small network on the grid with Adam.
func adamOn(t *testing.T, data grid, batch int, alpha, rate float64, seed uint64, steps int, weights []float32) *train.Trainer {
	t.Helper()
	spec, err := train.ParseSpec("[8]")
	if err != nil {
		t.Fatal(err)
	}
	model, err := train.NewModel(spec, []int{2}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if weights != nil {
		copy(model.Weights, weights)
	}
	trainer, err := train.NewTrainer(model, data, train.Settings{Alpha: alpha, Batch: batch, Pairing: noise.Independent, LearningRate: rate, Seed: seed,
		Optimizer: train.OptimizerSettings{Name: train.NameAdam, Epsilon: 1e-8}})
	for k := 0; err == nil && k < steps; k++ {
		err = trainer.Step()
	}
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

// settledOf analyses all gradients of the grid with the trainer's moments: n = N, so that nothing is estimated.
func settledOf(t *testing.T, trainer *train.Trainer) *optimizer.Noise {
	t.Helper()
	index := make([]int, trainer.Data.N())
	for i := range index {
		index[i] = i
	}
	g, err := trainer.Model.Record(trainer.Data, index, probe.Meta{Population: len(index)})
	if err != nil {
		t.Fatal(err)
	}
	n, err := optimizer.Analyse(g, stateOf(trainer), optimizer.Settings{Alpha: trainer.Settings.Alpha, Batch: trainer.Settings.Batch, Pairing: noise.Independent, Eigenvalues: 3})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tInterval is a 95% interval of a mean.
func tInterval(x []float64) (lo, hi float64) {
	mean, sd := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	h := sd / math.Sqrt(n) * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
	return mean - h, mean + h
}

// TestSettledMoments keeps the weights where they are (a learning rate that moves no float32) and lets the moments settle to real minibatches: what
// the noise of the update is then multiplied by, with the moments of each arm its own, is f_u, within 2% and the interval over seeds.
func TestSettledMoments(t *testing.T) {
	numtest.NeedFull(t, "the optimizer's noise at settled weights")
	const batch = 200
	data := grid{20}
	weights := adamOn(t, data, batch, 1, 0.01, 1, 300, nil).Model.Weights
	var frozen, direct []float64
	predicted := 0.0
	for seed := range uint64(4) {
		var byMoments, byDraws [2]float64
		for k, alpha := range []float64{1, 2} {
			trainer := adamOn(t, data, batch, alpha, 1e-12, 10+seed, 2000, weights)
			n := settledOf(t, trainer)
			arm := []enhancement.Arm{enhancement.ArmSGD, enhancement.ArmNE}[k]
			byMoments[k] = float64(n.Row(optimizer.Frozen, arm).Trace)
			if k == 1 {
				predicted = float64(n.Row(optimizer.Stationary, arm).Ratio)
			}
			d, err := probe.Measure(train.Source{Model: trainer.Model, Data: data, Optimizer: trainer.Optimizer, LearningRate: 1e-12},
				probe.Plan{Draws: 400, Batch: batch, Alpha: 2, Pairing: noise.Independent, Seed: seed}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			byDraws[k] = stat.Mean([][]float64{d.Updates.SGD, d.Updates.NE}[k], nil)
		}
		frozen, direct = append(frozen, byMoments[1]/byMoments[0]), append(direct, byDraws[1]/byDraws[0])
	}
	if !(predicted > 1.02 && predicted < 4.5) {
		t.Errorf("predicted %g: no test between 1 and f = 5", predicted)
	}
	for what, got := range map[string][]float64{"frozen": frozen, "direct": direct} {
		lo, hi := tInterval(got)
		t.Log(what, fmt.Sprintf("%.4f [%.4f, %.4f], predicted %.4f", stat.Mean(got, nil), lo, hi, predicted))
		if mean := stat.Mean(got, nil); math.Abs(mean/predicted-1) > 0.02 || predicted < lo || predicted > hi {
			t.Errorf("%s: f_u = %g [%g, %g], predicted %g", what, mean, lo, hi, predicted)
		}
	}
}

// TestSettledTraining trains at a fixed learning rate until the loss no longer falls: the moments of either arm are then those that have settled, up
// to what the weights move in the 1000 steps that they remember.
func TestSettledTraining(t *testing.T) {
	numtest.NeedFull(t, "the optimizer's noise along a settled training")
	data := grid{20}
	for _, alpha := range []float64{1, 2} {
		trainer := adamOn(t, data, 20, alpha, 1e-3, 1, 6000, nil)
		var all []float64
		for range 6 {
			for range 300 {
				if err := trainer.Step(); err != nil {
					t.Fatal(err)
				}
			}
			n, arm := settledOf(t, trainer), []enhancement.Arm{enhancement.ArmSGD, enhancement.ArmNE}[int(alpha)-1]
			rate := stateOf(trainer).Rate() / 1e-3
			all = append(all, float64(n.Row(optimizer.Frozen, arm).Trace/n.Row(optimizer.Stationary, arm).Trace)/(rate*rate))
		}
		lo, hi := tInterval(all)
		t.Logf("alpha %g: settled %.3f [%.3f, %.3f]", alpha, stat.Mean(all, nil), lo, hi)
		if mean := stat.Mean(all, nil); mean < 0.8 || mean > 1.25 {
			t.Errorf("alpha %g: settled %g [%g, %g]", alpha, mean, lo, hi)
		}
	}
}
