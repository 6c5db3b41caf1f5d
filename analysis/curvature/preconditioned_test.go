package curvature

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/mat"
)

// adamOf has another second moment for every parameter, and c = eta = 0.05.
func adamOf(parameters int, eps float64) *probe.Optimizer {
	o := &probe.Optimizer{Name: "adam", Step: 1000, Beta2: 0.999, LearningRate: 0.05, Epsilon: eps, M: make([]float32, parameters)}
	for j := range parameters {
		o.V = append(o.V, float32(1+j%4))
	}
	return o
}

var adamStep = Settings{Alpha: 1.5, Batch: 10, Pairing: noise.Independent, LearningRate: 0.05}

// whole has all units recorded, as samples.
func (r population) whole(s Settings) *Curvature {
	n := len(r.g)
	c, u := r.reduced(everyone(n))
	u.Population, u.UnitSize = n, 1
	return Of(c, u, s)
}

// TestAdamStep: the second-order model of a step in the metric, written out with matrices, f(1.5) = 2.5 and Eq. 4.
func TestAdamStep(t *testing.T) {
	const n, batch = 60, 10
	r := random("step", n, 2, 8)
	r.optimizer = adamOf(8, 0.1)
	r.optimizer.Beta1 = 0.9
	c := 0.05 * 0.1 / (1 - math.Pow(0.9, 1001))
	moved := r
	moved.g = nil
	for _, g := range r.g {
		scaled := make([]float64, len(g))
		for j, d := range r.optimizer.Metric() {
			scaled[j] = d * g[j]
		}
		moved.g = append(moved.g, scaled)
	}
	f, mean, movedMean := r.matrix(everyone(n)), r.mean(), moved.mean()
	straight := dot(mean, movedMean)
	factor := 2.5 * (n - batch) / (batch * (n - 1.0))
	curved := mat.NewVecDense(8, movedMean)
	_, seen, gradient := moved.distinct(everyone(n))
	want := []float64{
		c*straight - c*c/2*mat.Inner(curved, f, curved), c * c / 2 * factor * traceOfProduct(f, moved.sigma(n)),
		c*straight - c*c/2*gradient, c * c / 2 * seen * factor * (n - 1.0) / n,
	}
	got := r.whole(adamStep).Preconditioned
	have := []float64{float64(got.StepGain), float64(got.StepCost), float64(got.StepGainUnbiased), float64(got.StepCostUnbiased)}
	if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-6}); err != nil { // D gbar in float32
		t.Error(err)
	}
}

// TestAdamStepOfAConstantMetric: with D = 1 the step is that of plain SGD at c, and with a large eps that at c / eps, intervals and all.
func TestAdamStepOfAConstantMetric(t *testing.T) {
	r := random("constant", 150, 2, 8)
	one := adamOf(8, 1)
	clear(one.V)
	for rate, o := range map[float64]*probe.Optimizer{0.05: one, 0.05e-8: adamOf(8, 1e8)} {
		r.optimizer = o
		c, u := r.reduced(everyone(150))
		u.Population, u.UnitSize = 1000, 1
		s := adamStep
		s.LearningRate = rate
		all := Of(c, u, s)
		got, tol := all.Preconditioned, numtest.Tol{Rel: 1e-6}
		if err := numtest.AllClose(stepNumbers(got.Step, got.CI), stepNumbers(all.Step, all.CI), tol); err != nil || got.StepVerdict != all.StepVerdict || got.Withheld != "" {
			t.Errorf("rate %g: %v: %+v", rate, err, got)
		}
	}
}

func stepNumbers(s Step, ci map[string]estimate.Interval) []float64 {
	all := []float64{float64(s.StepGain), float64(s.StepGainUnbiased), float64(s.StepCost), float64(s.StepCostUnbiased), float64(s.CostOverGain)}
	for _, key := range []string{KeyStepGain, KeyStepCost, KeyCostOverGain} {
		all = append(all, ci[key].Lo, ci[key].Hi)
	}
	return all
}

// TestAdamStepNulls: files of earlier versions have no step, few units no intervals, and gradients from elsewhere no training.
func TestAdamStepNulls(t *testing.T) {
	r := random("nulls", 40, 2, 5)
	r.optimizer = adamOf(5, 0.1)
	c, u := r.reduced([]int{3, 1, 8})
	if got := Of(c, u, adamStep).Preconditioned; got.StepCost.Defined() || got.Reasons["step_cost"] != "the number of training samples is not known" {
		t.Errorf("%+v", got)
	}
	u.Population, u.UnitSize = 1000, 1
	if got := Of(c, u, adamStep).Preconditioned; !got.StepCost.Defined() || got.Withheld == "" || len(got.CI) != 0 {
		t.Errorf("%+v", got)
	}
	c.Preconditioned.Share = 0.04
	if got := Of(c, u, adamStep).Preconditioned; got.StepGain.Defined() || !got.Sharpness.Defined() || !strings.HasPrefix(got.Reasons["step_gain"], "the next gradient has a share of 0.04 in") {
		t.Errorf("%+v", got)
	}
	c.Preconditioned.Share, c.Preconditioned.Meeting = 0, nil
	if got := Of(c, u, adamStep).Preconditioned; got.StepGain.Defined() || got.Reasons["step_gain"] != "the curvature was recorded by an earlier version" {
		t.Errorf("%+v", got)
	}
}
