package compare

import (
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// What a quantity of a run was measured from.
const (
	Evaluation = "evaluation"       // losses and accuracies of metrics.csv and the end of training
	Units      = "units"            // gradients of the recorded units
	Direct     = enhancement.Direct // real minibatches of the whole training set, at the last checkpoint
)

// Quantity is one number of a run, which may be undefined.
type Quantity struct {
	// Key is its name in JSON and CSV, Label the one for people.
	Key, Label string
	Evidence   string
	Scale      Scale
	// Tested says that it is compared between alphas; the others are only shown.
	Tested bool
	// AtEnd says that it is measured at the end of training: only runs that stopped at convergence count, if any run of the group did.
	AtEnd bool
	// Fraction says that it is a share of samples, whose differences are in points.
	Fraction bool
	value    func(*Run) float64
	// within is the 95% interval that a run's own report gives, nil where there is none.
	within func(*Run) estimate.Interval
}

// Of is the value of a run, NaN where it is undefined.
func (q Quantity) Of(r *Run) float64 { return q.value(r) }

// Within is the 95% interval that the run's own report has for the value: over units or draws, not over seeds. Few quantities have one.
func (q Quantity) Within(r *Run) estimate.Interval {
	if q.within == nil {
		return estimate.None()
	}
	return q.within(r)
}

// Quantities are what runs of a group are compared by, in the order of the tables. Those at equal steps and at equal samples read are at
// the largest number that every run of the group reached without diverging.
func (g *Group) Quantities() []Quantity {
	all := []Quantity{
		final("test_accuracy", "test accuracy", Linear, func(t report.Training) estimate.Number { return t.TestAccuracy }),
		final("test_loss", "test loss", Log, func(t report.Training) estimate.Number { return t.TestLoss }),
		final("train_loss", "train loss", Log, func(t report.Training) estimate.Number { return t.TrainLoss }),
		{Key: "test_accuracy_best", Label: "best test accuracy", Evidence: Evaluation, Scale: Linear, AtEnd: true, Fraction: true, value: bestAccuracy},
		{Key: "convergence_time", Label: "steps to converge", Evidence: Evaluation, Scale: Log, Tested: true, AtEnd: true, value: convergenceTime},
		{Key: "samples_to_convergence", Label: "samples read", Evidence: Evaluation, Scale: Log, Tested: true, AtEnd: true, value: samplesToConvergence},
		{Key: "trace_direct", Label: "tr Sigma, direct", Evidence: Direct, Scale: Log, Tested: true, AtEnd: true, value: directTrace, within: directInterval},
	}
	for _, q := range checkpointQuantities((*Run).last) {
		q.Tested, q.AtEnd = true, true
		all = append(all, q)
	}
	return append(all, g.equalQuantities()...)
}

func final(key, label string, scale Scale, of func(report.Training) estimate.Number) Quantity {
	return Quantity{Key: key, Label: label, Evidence: Evaluation, Scale: scale, Tested: true, AtEnd: true, Fraction: strings.HasPrefix(key, "test_accuracy"),
		value: func(r *Run) float64 { return float64(of(r.Report.Training)) }}
}

// bestAccuracy is the largest of all evaluations. It is selected on the test set, so that no stopping rule can do better.
func bestAccuracy(r *Run) float64 {
	best := math.NaN()
	for _, m := range r.Metrics {
		if !(m.TestAccuracy <= best) && !math.IsNaN(m.TestAccuracy) {
			best = m.TestAccuracy
		}
	}
	return best
}

func convergenceTime(r *Run) float64 {
	if !r.Converged() {
		return math.NaN()
	}
	return float64(*r.Report.Training.ConvergenceTime)
}

func samplesToConvergence(r *Run) float64 {
	return convergenceTime(r) * float64(r.SamplesPerStep())
}

// Quantity is one of the quantities by its key. It panics for an unknown key.
func (g *Group) Quantity(key string) Quantity { return withKey(g.Quantities(), key) }

func withKey(all []Quantity, key string) Quantity {
	for _, q := range all {
		if q.Key == key {
			return q
		}
	}
	panic("compare: no quantity is named " + key)
}

// values are those of a cell, with the seed that each belongs to: undefined ones, and runs that do not count, are left out.
func (q Quantity) values(g *Group, c *Cell) (values []float64, seeds []uint64) {
	for _, r := range g.counted(c, q) {
		v := q.value(r)
		if y := q.Scale.to(v); !math.IsNaN(y) && !math.IsInf(y, 0) {
			values, seeds = append(values, v), append(seeds, r.Seed())
		}
	}
	return values, seeds
}

// counted are the runs of a cell over which a quantity is averaged. Runs that diverged do not count. For quantities at the end of
// training, only runs that stopped at convergence count, if any run of the group did.
func (g *Group) counted(c *Cell, q Quantity) []*Run {
	converging := g.Converging()
	var runs []*Run
	for _, r := range c.Runs {
		if !r.Diverged() && (!q.AtEnd || !converging || r.Stopped()) {
			runs = append(runs, r)
		}
	}
	return runs
}

// Estimate is the mean of a quantity over the seeds of a cell. A single seed has the interval of its own report, if there is one.
func (g *Group) Estimate(c *Cell, q Quantity) Estimate {
	values, seeds := q.values(g, c)
	e := MeanOf(values, q.Scale)
	if q.Fraction {
		e = ShareOf(values)
	}
	if e.N == 1 {
		for _, r := range c.Runs {
			if r.Seed() != seeds[0] {
				continue
			}
			if ci := q.Within(r); ci.Defined() {
				e.CI, e.From = ci, WithinRun
			}
		}
	}
	return e
}
