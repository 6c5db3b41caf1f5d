package compare

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// The horizontal axes of curves.
const (
	bySteps   = "steps"
	bySamples = "samples"
)

// Curves are the losses and accuracies of the cells at common places: after the same number of steps, or of samples read. The value of a
// run is that of the last row of metrics.csv at or before the place; nothing is interpolated. A run has no value where that row is earlier by
// more than a quarter of the place, nor beyond its end. A cell has a mean where all its runs that did not diverge have a value.
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

// places is the approximate number of places of a curve.
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
			TrainLoss:    g.along(c, by, out.At, logarithms, func(m report.Metric) float64 { return m.TrainLoss }),
			TestAccuracy: g.along(c, by, out.At, shares, func(m report.Metric) float64 { return m.TestAccuracy }),
		})
	}
	return out
}

// placesOf spaces the places from the first step of the largest minibatch to the end of the longest run.
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

// Means of curves.
var (
	shares     = ShareOf
	logarithms = func(values []float64) Estimate { return MeanOf(values, Log) }
)

func (g *Group) along(c *Cell, by string, at []int, mean func([]float64) Estimate, value func(report.Metric) float64) []Estimate {
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
		out[i] = mean(values)
	}
	return out
}

// equalLoss is the smallest training loss that the trend of every run of the group reached, NaN if there is none.
func (g *Group) equalLoss() float64 {
	loss := math.NaN()
	for _, r := range g.Runs {
		if end := r.lossTrend().End(); !r.Diverged() && !math.IsNaN(end) && !(loss >= end) {
			loss = end
		}
	}
	return loss
}

// lossTrend is the trend of the training loss in metrics.csv, where evaluations may be an epoch of N/B steps apart.
func (r *Run) lossTrend() *criticalbatch.Trend {
	t := &criticalbatch.Trend{}
	for _, m := range r.Metrics {
		t.Add(m.Step, m.TrainLoss)
	}
	return t
}

// stepsTo is the number of steps after which the trend of a run reached a loss, NaN if it never did.
func (r *Run) stepsTo(loss float64) float64 { return r.lossTrend().Crossing(loss) }

// equalQuantities are the steps to the smallest loss that all runs reached, and loss and accuracy at the last place that all runs reached.
func (g *Group) equalQuantities() []Quantity {
	loss := g.equalLoss()
	all := []Quantity{{Key: "steps_to_equal_loss", Label: "steps to equal loss", Evidence: Evaluation, Scale: Log, Tested: true,
		value: func(r *Run) float64 { return r.stepsTo(loss) }}}
	for _, by := range []string{bySteps, bySamples} {
		common := g.common(by)
		at := func(value func(report.Metric) float64) func(*Run) float64 {
			return func(r *Run) float64 {
				m, ok := r.metricAt(stepAt(by, r, common))
				if !ok || common == 0 {
					return math.NaN()
				}
				return value(m)
			}
		}
		all = append(all,
			Quantity{Key: "train_loss_at_equal_" + by, Label: "train loss at equal " + by, Evidence: Evaluation, Scale: Log, Tested: true,
				value: at(func(m report.Metric) float64 { return m.TrainLoss })},
			Quantity{Key: "test_accuracy_at_equal_" + by, Label: "accuracy at equal " + by, Evidence: Evaluation, Scale: Linear, Tested: true, Fraction: true,
				value: at(func(m report.Metric) float64 { return m.TestAccuracy })})
	}
	return all
}
