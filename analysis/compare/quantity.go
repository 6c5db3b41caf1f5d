package compare

import (
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// What a quantity of a run was measured from.
const (
	Evaluation = "evaluation" // losses and accuracies of metrics.csv and the end of training
	Units      = "units"      // gradients of the recorded units
	Direct     = "direct"     // real minibatches of the whole training set, at the last checkpoint
	Resampled  = "resampled"  // minibatches drawn from the recorded units
)

// Quantity is one number that every run has, or lacks.
type Quantity struct {
	// Key is its name in JSON and CSV, Label the one for people.
	Key, Label string
	Evidence   string
	Scale      Scale
	// Tested says that alphas are compared by it; the others are shown.
	Tested bool
	// AtEnd says that it is one of the end of training: of the runs that converged, where any run of the group did.
	AtEnd bool
	// Fraction says that it is a share of samples, whose differences are in points.
	Fraction bool
	// of is the number with the interval that the run itself gives, if any.
	of func(*Run) (float64, estimate.Interval)
}

// Of is the value of a run, NaN where it is undefined, and the 95% interval that the run's report has for it, if any.
func (q Quantity) Of(r *Run) (float64, estimate.Interval) { return q.of(r) }

// Quantities are what runs of a group are compared by, in the order of the tables. Those at equal steps and at equal samples read are at
// the largest number that every run of the group reached without diverging.
func (g *Group) Quantities() []Quantity {
	all := []Quantity{
		final("test_accuracy", "test accuracy", Linear, func(t report.Training) estimate.Number { return t.TestAccuracy }),
		final("test_loss", "test loss", Log, func(t report.Training) estimate.Number { return t.TestLoss }),
		final("train_loss", "train loss", Log, func(t report.Training) estimate.Number { return t.TrainLoss }),
		{Key: "test_accuracy_best", Label: "best test accuracy", Evidence: Evaluation, Scale: Linear, AtEnd: true, Fraction: true, of: bestAccuracy},
		{Key: "convergence_time", Label: "steps to converge", Evidence: Evaluation, Scale: Log, Tested: true, AtEnd: true, of: convergenceTime},
		{Key: "samples_to_convergence", Label: "samples read", Evidence: Evaluation, Scale: Log, Tested: true, AtEnd: true, of: samplesToConvergence},
		{Key: "trace_direct", Label: "tr Sigma, direct", Evidence: Direct, Scale: Log, Tested: true, AtEnd: true, of: directTrace},
		lastCheckpoint("trace_units", "tr Sigma, units", Units, Log, unitsTrace),
		lastCheckpoint("noise_scale", "noise scale", Units, Log, noiseScale),
		lastCheckpoint("kurtosis_loss", "g2 of losses", Units, Linear, unitKurtosis("loss")),
		lastCheckpoint("kurtosis_gradient_norm", "g2 of norms", Units, Linear, unitKurtosis("gradient norm")),
		{Key: "kurtosis_noise", Label: "g2 of NE noise", Evidence: Resampled, Scale: Linear, Tested: true, AtEnd: true, of: noiseKurtosis},
	}
	return append(all, g.equalQuantities()...)
}

func final(key, label string, scale Scale, of func(report.Training) estimate.Number) Quantity {
	return Quantity{Key: key, Label: label, Evidence: Evaluation, Scale: scale, Tested: true, AtEnd: true, Fraction: strings.HasPrefix(key, "test_accuracy"),
		of: func(r *Run) (float64, estimate.Interval) { return float64(of(r.Report.Training)), estimate.None() }}
}

func lastCheckpoint(key, label, evidence string, scale Scale, of func(*report.Checkpoint) (float64, estimate.Interval)) Quantity {
	return Quantity{Key: key, Label: label, Evidence: evidence, Scale: scale, Tested: true, AtEnd: true,
		of: func(r *Run) (float64, estimate.Interval) { return of(r.last()) }}
}

// bestAccuracy is the largest of all evaluations: it chose itself by the test set, and is above what any rule of stopping could have reached.
func bestAccuracy(r *Run) (float64, estimate.Interval) {
	best := math.NaN()
	for _, m := range r.Metrics {
		if !(m.TestAccuracy <= best) && !math.IsNaN(m.TestAccuracy) {
			best = m.TestAccuracy
		}
	}
	return best, estimate.None()
}

func convergenceTime(r *Run) (float64, estimate.Interval) {
	if !r.Converged() {
		return math.NaN(), estimate.None()
	}
	return float64(*r.Report.Training.ConvergenceTime), estimate.None()
}

func samplesToConvergence(r *Run) (float64, estimate.Interval) {
	steps, none := convergenceTime(r)
	return steps * float64(r.SamplesPerStep()), none
}

var undefined = func() (float64, estimate.Interval) { return math.NaN(), estimate.None() }

func ciOf(c *report.Checkpoint, key string) estimate.Interval {
	if v, ok := c.Covariance.CI[key]; ok {
		return v
	}
	return estimate.None()
}

func unitsTrace(c *report.Checkpoint) (float64, estimate.Interval) {
	if c == nil || c.Covariance == nil {
		return undefined()
	}
	return float64(c.Covariance.TraceUnbiased), ciOf(c, "trace_unbiased")
}

func noiseScale(c *report.Checkpoint) (float64, estimate.Interval) {
	if c == nil || c.Covariance == nil {
		return undefined()
	}
	return float64(c.Covariance.NoiseScale), ciOf(c, "noise_scale")
}

// unitKurtosis is g2 of one number for each recorded unit.
func unitKurtosis(of string) func(*report.Checkpoint) (float64, estimate.Interval) {
	return func(c *report.Checkpoint) (float64, estimate.Interval) {
		if c == nil {
			return undefined()
		}
		for _, row := range c.Normality {
			if row.Of == of && row.Axis == report.AxisUnits {
				return float64(row.ExcessKurtosisG2), row.CI
			}
		}
		return undefined()
	}
}

// noiseKurtosis is g2 of the noise that the run steps with, resampled, along the first eigenvector of Sigma.
func noiseKurtosis(r *Run) (float64, estimate.Interval) {
	return noiseKurtosisAt(r, r.last())
}

func noiseKurtosisAt(r *Run, c *report.Checkpoint) (float64, estimate.Interval) {
	if c == nil {
		return undefined()
	}
	for _, row := range c.Normality {
		if row.Of == "noise top1" && row.Evidence == Resampled && row.Alpha != nil && *row.Alpha == r.Alpha() && row.Batch != nil &&
			*row.Batch == r.Batch() {
			return float64(row.ExcessKurtosisG2), row.CI
		}
	}
	return undefined()
}

// values are those of a cell, with the seed that each belongs to: undefined ones, and runs that do not count, are left out.
func (q Quantity) values(g *Group, c *Cell) (values []float64, seeds []uint64) {
	for _, r := range g.counted(c, q) {
		v, _ := q.of(r)
		if y := q.Scale.to(v); !math.IsNaN(y) && !math.IsInf(y, 0) {
			values, seeds = append(values, v), append(seeds, r.Seed())
		}
	}
	return values, seeds
}

// counted are the runs of a cell that a quantity is averaged over: none that diverged, and at the end of training in a group that converges
// none that did not converge, which is elsewhere.
func (g *Group) counted(c *Cell, q Quantity) []*Run {
	converging := g.Converging()
	var runs []*Run
	for _, r := range c.Runs {
		if !r.Diverged() && (!q.AtEnd || !converging || r.Converged()) {
			runs = append(runs, r)
		}
	}
	return runs
}

// Estimate is the mean of a quantity over the seeds of a cell. A single seed has the interval of its own report, if there is one.
func (g *Group) Estimate(c *Cell, q Quantity) Estimate {
	values, seeds := q.values(g, c)
	e := MeanOf(values, q.Scale)
	if e.N == 1 {
		for _, r := range c.Runs {
			if r.Seed() != seeds[0] {
				continue
			}
			if _, ci := q.of(r); ci.Defined() {
				e.CI, e.From = ci, WithinRun
			}
		}
	}
	return e
}
