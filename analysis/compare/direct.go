package compare

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/noise"
)

// directTrace is tr Sigma estimated from the noise of the trainer's own NE gradient, over direct draws at the last checkpoint, with the divisor
// of trace_unbiased and in the same units. A report gives that noise as the size b of the single minibatch that would have it by Eq. 4 if
// tr Sigma were that of the recorded units, or of all samples where their norms are known; with p the size that Eqs. 4 and 10 predict,
//
//	tr Sigma = trace_unbiased w(b) / w(p)        w(b) = 1/b - 1/N, and 1/b with replacement
//
// in which that trace cancels, so that the two estimates of tr Sigma come from different draws. The direct draws are M minibatches
// of the whole training set, while the few samples that make up most of the loss near convergence may not be among the units.
func directTrace(r *Run) float64 {
	c := r.last()
	row := directRow(r, c)
	if row == nil {
		return math.NaN()
	}
	weight := directWeight(r, c)
	value := traceBehind(row, c) * weight(float64(row.Measured)) / weight(float64(row.Predicted))
	if !(value > 0) {
		return math.NaN()
	}
	return value
}

// traceBehind is the tr Sigma with which an effective batch was computed.
func traceBehind(row *enhancement.EffectiveBatch, c *report.Checkpoint) float64 {
	switch {
	case !row.ExactTrace:
		return unitsTrace(nil, c).value
	case c.PopulationNorms != nil:
		return float64(c.PopulationNorms.TraceUnbiased)
	}
	return math.NaN()
}

// directInterval is the interval of directTrace: that of the effective batch, less the error of the units' trace, which it includes. The trace of all
// samples has none.
func directInterval(r *Run) estimate.Interval {
	c, value := r.last(), directTrace(r)
	if math.IsNaN(value) {
		return estimate.None()
	}
	weight, row := directWeight(r, c), directRow(r, c)
	half := math.Log(weight(row.CI.Lo)/weight(row.CI.Hi)) / 2
	if !row.ExactTrace {
		units := unitsTrace(r, c).ci
		se, df := withoutUnits(half, math.Log(units.Hi/units.Lo)/2, c.Units, draws(c))
		if math.IsNaN(se) {
			return estimate.None()
		}
		half = estimate.Student(df) * se
	}
	return estimate.AroundLog(value, half)
}

func directWeight(r *Run, c *report.Checkpoint) func(b float64) float64 {
	n := float64(r.Report.Run.Data.Train)
	if r.elsewhere() {
		n = float64(c.Population * max(c.UnitSize, 1))
	}
	if noise.Pairing(r.Report.Run.Pairing) == noise.Replacement {
		return func(b float64) float64 { return 1 / b }
	}
	return func(b float64) float64 { return 1/b - 1/n }
}

// directRow is the effective batch of the run's NE noise against the recorded units.
func directRow(r *Run, c *report.Checkpoint) *enhancement.EffectiveBatch {
	if c == nil {
		return nil
	}
	for i, row := range c.EffectiveBatch {
		if row.Evidence == Direct && row.Against == enhancement.RecordedUnits && row.Alpha == r.Alpha() && row.Batch == r.Batch() {
			return &c.EffectiveBatch[i]
		}
	}
	return nil
}

// draws is the number of direct draws.
func draws(c *report.Checkpoint) int {
	for _, row := range c.NoiseCorrelation {
		if row.Evidence == Direct {
			return row.Draws
		}
	}
	return 0
}

// withoutUnits removes the error of the units' trace from the interval of a ratio whose error is that of the units and that of the draws, on the
// log scale: half is the half-width of the ratio's interval, unitsHalf that of the units', and Welch's formula for two independent errors is
// solved for the error of the draws. It is NaN where there is no solution, or too few draws or units.
func withoutUnits(half, unitsHalf float64, units, draws int) (se, df float64) {
	if draws < 3 || units < 3 {
		return math.NaN(), math.NaN()
	}
	n, m := float64(units-1), float64(draws-1)
	unitsSE := unitsHalf / estimate.Student(n)
	ratioHalf := func(se float64) float64 {
		a, b := se*se, unitsSE*unitsSE
		return estimate.Student((a+b)*(a+b)/(a*a/m+b*b/n)) * math.Sqrt(a+b)
	}
	if !(ratioHalf(1e-9) < half) {
		return math.NaN(), math.NaN()
	}
	lo, hi := 0.0, half
	for range 40 {
		if middle := (lo + hi) / 2; ratioHalf(middle) < half {
			lo = middle
		} else {
			hi = middle
		}
	}
	return hi, m
}
