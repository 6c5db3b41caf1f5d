package compare

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// What curves run along.
const (
	bySteps   = "steps"
	bySamples = "samples"
)

// Curves are the losses and accuracies of the cells at common places: after the same number of steps, or of samples read. The value of a
// run is that of the last row of metrics.csv at or before the place, which is at most an epoch earlier; nothing is interpolated, and
// a run has no value beyond its end. A cell has a mean where all its runs have a value, those that diverged left out.
type Curves struct {
	// By is steps or samples.
	By string `json:"by"`
	// At are the places: about equally spaced on a logarithmic scale, Common among them.
	At []int `json:"at"`
	// Common is the last place that all runs reached, 0 if there is none.
	Common int         `json:"common"`
	Cells  []CellCurve `json:"cells"`
}

// CellCurve is the curves of one cell, an element for each place.
type CellCurve struct {
	Alpha        float64    `json:"alpha"`
	Batch        int        `json:"batch"`
	BEff         float64    `json:"b_eff"`
	TrainLoss    []Estimate `json:"train_loss"`
	TestAccuracy []Estimate `json:"test_accuracy"`
}

// places is how many places a curve has, about.
const places = 24

// stepAt is the number of steps that a run has made at a place.
func stepAt(by string, r *Run, place int) int {
	if by == bySamples {
		return place / r.SamplesPerStep()
	}
	return place
}

// reach is the last place of a run.
func reach(by string, r *Run) int {
	if by == bySamples {
		return r.lastStep() * r.SamplesPerStep()
	}
	return r.lastStep()
}

// common is the last place that every run of the group reached.
func (g *Group) common(by string) int {
	least := math.MaxInt
	for _, r := range g.Runs {
		if !r.Diverged() {
			least = min(least, reach(by, r))
		}
	}
	if least == math.MaxInt {
		return 0
	}
	return max(least, 0)
}

func (g *Group) curves(by string) Curves {
	out := Curves{By: by, Common: g.common(by), Cells: []CellCurve{}}
	out.At = g.placesOf(by, out.Common)
	for _, c := range g.Cells {
		out.Cells = append(out.Cells, CellCurve{
			Alpha: c.Alpha, Batch: c.Batch, BEff: c.BEff(),
			TrainLoss:    g.along(c, by, out.At, Log, func(m report.Metric) float64 { return m.TrainLoss }),
			TestAccuracy: g.along(c, by, out.At, Linear, func(m report.Metric) float64 { return m.TestAccuracy }),
		})
	}
	return out
}

// placesOf spaces places between the first step of the largest minibatch and the longest run.
func (g *Group) placesOf(by string, common int) []int {
	first, last := 1, 0
	for _, r := range g.Runs {
		if by == bySamples {
			first = max(first, r.SamplesPerStep())
		}
		last = max(last, reach(by, r))
	}
	if last < first {
		return []int{}
	}
	at := []int{last}
	if common > 0 {
		at = append(at, common)
	}
	for i := range places - 1 {
		at = append(at, int(math.Round(float64(first)*math.Pow(float64(last)/float64(first), float64(i)/(places-1)))))
	}
	slices.Sort(at)
	return slices.Compact(at)
}

func (g *Group) along(c *Cell, by string, at []int, scale Scale, value func(report.Metric) float64) []Estimate {
	out := make([]Estimate, len(at))
	for i, place := range at {
		values := []float64{}
		for _, r := range c.Runs {
			if r.Diverged() {
				continue
			}
			m, ok := r.metricAt(stepAt(by, r, place))
			if !ok {
				values = nil
				break
			}
			values = append(values, value(m))
		}
		out[i] = MeanOf(values, scale)
	}
	return out
}

// equalQuantities are loss and accuracy at the last place that all runs reached.
func (g *Group) equalQuantities() []Quantity {
	var all []Quantity
	for _, by := range []string{bySteps, bySamples} {
		common := g.common(by)
		at := func(value func(report.Metric) float64) func(*Run) (float64, estimate.Interval) {
			return func(r *Run) (float64, estimate.Interval) {
				m, ok := r.metricAt(stepAt(by, r, common))
				if !ok || common == 0 {
					return undefined()
				}
				return value(m), estimate.None()
			}
		}
		all = append(all,
			Quantity{Key: "train_loss_at_equal_" + by, Label: "train loss at equal " + by, Evidence: Evaluation, Scale: Log, Tested: true,
				of: at(func(m report.Metric) float64 { return m.TrainLoss })},
			Quantity{Key: "test_accuracy_at_equal_" + by, Label: "accuracy at equal " + by, Evidence: Evaluation, Scale: Linear, Tested: true, Fraction: true,
				of: at(func(m report.Metric) float64 { return m.TestAccuracy })})
	}
	return all
}

// AtStep is what the checkpoints of one step say, a step that all runs recorded.
type AtStep struct {
	Step  int           `json:"step"`
	Cells []CellsAtStep `json:"cells"`
}

// CellsAtStep is one cell at that step.
type CellsAtStep struct {
	Alpha      float64        `json:"alpha"`
	Batch      int            `json:"batch"`
	BEff       float64        `json:"b_eff"`
	Quantities []CellQuantity `json:"quantities"`
}

// checkpoints compares the recorded gradients at the steps that all runs recorded.
func (g *Group) checkpoints() []AtStep {
	out := []AtStep{}
	for _, first := range g.Runs[0].Report.Checkpoints {
		step := first.Step
		if slices.ContainsFunc(g.Runs, func(r *Run) bool { return r.at(step) == nil && !r.Diverged() }) {
			continue
		}
		at := AtStep{Step: step}
		for _, c := range g.Cells {
			row := CellsAtStep{Alpha: c.Alpha, Batch: c.Batch, BEff: c.BEff()}
			for _, q := range checkpointQuantities(step) {
				e := g.Estimate(c, q)
				row.Quantities = append(row.Quantities, CellQuantity{Quantity: q.Key, Evidence: q.Evidence, Estimate: e, Missing: len(c.Runs) - e.N})
			}
			at.Cells = append(at.Cells, row)
		}
		out = append(out, at)
	}
	return out
}

func checkpointQuantities(step int) []Quantity {
	of := func(key, label string, scale Scale, value func(*report.Checkpoint) (float64, estimate.Interval)) Quantity {
		return Quantity{Key: key, Label: label, Evidence: Units, Scale: scale,
			of: func(r *Run) (float64, estimate.Interval) { return value(r.at(step)) }}
	}
	return []Quantity{
		of("trace_units", "tr Sigma, units", Log, unitsTrace),
		of("noise_scale", "noise scale", Log, noiseScale),
		of("kurtosis_loss", "g2 of losses", Linear, unitKurtosis("loss")),
		of("kurtosis_gradient_norm", "g2 of norms", Linear, unitKurtosis("gradient norm")),
		{Key: "kurtosis_noise", Label: "g2 of NE noise", Evidence: Resampled, Scale: Linear,
			of: func(r *Run) (float64, estimate.Interval) { return noiseKurtosisAt(r, r.at(step)) }},
	}
}
