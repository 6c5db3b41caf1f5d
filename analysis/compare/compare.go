package compare

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Schema names the version of the JSON document. Keys may be added to it, never changed.
const Schema = "noiseprobe/compare/1"

// Settings are the choices of a comparison.
type Settings struct {
	// AccuracyMargin is the difference of accuracies, as fractions, within which they are equal. Ratios are equal between 1/(1 + RatioMargin)
	// and 1 + RatioMargin.
	AccuracyMargin float64 `json:"accuracy_margin"`
	RatioMargin    float64 `json:"ratio_margin"`
	// Reference is the cell that all others are compared with; nil stands for plain SGD at the same B, and at the same B_eff.
	Reference *Reference `json:"reference"`
}

// Reference names a cell.
type Reference struct {
	Alpha float64 `json:"alpha"`
	Batch int     `json:"batch"`
}

// DefaultSettings are 0.3 points of accuracy, near the standard error of an accuracy of 90% on 10,000 samples, and 10% of ratios, the margin of the
// program's other tests of equivalence.
func DefaultSettings() Settings { return Settings{AccuracyMargin: 0.003, RatioMargin: 0.1} }

// Check refuses settings outside their domain.
func (s Settings) Check() error {
	for _, m := range []struct {
		name  string
		value float64
	}{{"accuracy margin", s.AccuracyMargin}, {"ratio margin", s.RatioMargin}} {
		if !(m.value > 0) || math.IsInf(m.value, 0) {
			return fmt.Errorf("the %s is %g: it must be above 0", m.name, m.value)
		}
	}
	return nil
}

// margin is that of a quantity, NaN if it has none.
func (s Settings) margin(q Quantity) float64 {
	switch {
	case q.Fraction:
		return s.AccuracyMargin
	case q.Scale == Log:
		return s.RatioMargin
	}
	return math.NaN()
}

// Comparison is the document: everything that is known about a set of runs.
type Comparison struct {
	Schema   string    `json:"schema"`
	Settings Settings  `json:"settings"`
	Groups   []Result  `json:"groups"`
	LeftOut  []LeftOut `json:"left_out"`
}

// Result is the comparison of the runs of one group.
type Result struct {
	Name     string    `json:"name"`
	Settings []Setting `json:"settings"`
	// AtConvergence says that some runs stopped at convergence; quantities at the end of training are then means over these only.
	AtConvergence bool         `json:"at_convergence"`
	Answers       []Answer     `json:"answers"`
	Cells         []CellResult `json:"cells"`
	Contrasts     []Family     `json:"contrasts"`
	Collapse      []Collapse   `json:"collapse"`
	WeakNoise     []WeakNoise  `json:"weak_noise"`
	// EqualLoss is the smallest training loss that all runs reached.
	EqualLoss estimate.Number `json:"equal_loss"`
	// BatchLaws are the laws of the steps to it, for every alpha with enough batch sizes.
	BatchLaws    []criticalbatch.Fit `json:"batch_laws"`
	EqualSteps   Curves              `json:"equal_steps"`
	EqualSamples Curves              `json:"equal_samples"`
	Checkpoints  []AtStep            `json:"checkpoints"`
	Runs         []RunResult         `json:"runs"`
	Notes        []string            `json:"notes"`
	group        *Group
	quantities   []Quantity // of the group, which take a pass over all its metrics
}

// CellResult is what the seeds of one alpha and B give.
type CellResult struct {
	Alpha float64 `json:"alpha"`
	Batch int     `json:"batch"`
	F     float64 `json:"f"`
	BEff  float64 `json:"b_eff"`
	// Seeds lists the runs; Converged and Diverged count them.
	Seeds      []uint64       `json:"seeds"`
	Converged  int            `json:"converged"`
	Diverged   int            `json:"diverged"`
	Quantities []CellQuantity `json:"quantities"`
}

// CellQuantity is one quantity of a cell. Missing counts the runs that are not in the mean: they diverged, did not converge, or have no
// such quantity.
type CellQuantity struct {
	Quantity string `json:"quantity"`
	Evidence string `json:"evidence"`
	Estimate
	Missing int `json:"missing"`
}

// RunResult is one run with all its numbers.
type RunResult struct {
	Dir     string        `json:"dir"`
	Alpha   float64       `json:"alpha"`
	Batch   int           `json:"batch"`
	Seed    uint64        `json:"seed"`
	Steps   int           `json:"steps"`
	Stopped string        `json:"stopped"`
	Values  []RunQuantity `json:"values"`
}

// RunQuantity is one number of a run, with the interval that its report has for it.
type RunQuantity struct {
	Quantity string            `json:"quantity"`
	Evidence string            `json:"evidence"`
	Value    estimate.Number   `json:"value"`
	CI       estimate.Interval `json:"ci"`
}

// Compare compares the runs of every group.
func Compare(set *Set, s Settings) (*Comparison, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	c := &Comparison{Schema: Schema, Settings: s, LeftOut: filled(set.LeftOut)}
	found := s.Reference == nil
	for _, g := range set.Groups {
		found = found || g.Cell(s.Reference.Alpha, s.Reference.Batch) != nil
		c.Groups = append(c.Groups, g.compare(s))
	}
	if !found {
		return nil, fmt.Errorf("no run has the reference alpha %s and batch %d", short(s.Reference.Alpha), s.Reference.Batch)
	}
	return c, nil
}

func (g *Group) compare(s Settings) Result {
	quantities := g.Quantities()
	r := Result{
		Name: g.Name(), Settings: g.Settings, AtConvergence: g.Converging(), Notes: filled(g.notes()), group: g, quantities: quantities,
		Contrasts: []Family{}, Collapse: []Collapse{},
	}
	for _, c := range g.Cells {
		r.Cells = append(r.Cells, g.cellResult(c, quantities))
	}
	for _, run := range g.Runs {
		r.Runs = append(r.Runs, runResult(run, quantities))
	}
	for _, q := range quantities {
		if q.Tested {
			r.Contrasts = append(r.Contrasts, g.contrasts(q, s)...)
			r.Collapse = append(r.Collapse, g.collapse(q, s))
		}
	}
	r.WeakNoise = g.weakNoise(s)
	r.EqualLoss, r.BatchLaws = estimate.Number(g.equalLoss()), g.batchLaws()
	r.Notes = append(r.Notes, lossNotes(r.WeakNoise)...)
	r.EqualSteps, r.EqualSamples = g.curves(bySteps), g.curves(bySamples)
	r.Checkpoints = g.checkpoints()
	r.Answers = r.answers()
	return r
}

func (g *Group) cellResult(c *Cell, quantities []Quantity) CellResult {
	out := CellResult{Alpha: c.Alpha, Batch: c.Batch, F: c.F(), BEff: c.BEff(), Seeds: []uint64{}}
	for _, r := range c.Runs {
		out.Seeds = append(out.Seeds, r.Seed())
		if r.Converged() {
			out.Converged++
		}
		if r.Diverged() {
			out.Diverged++
		}
	}
	for _, q := range quantities {
		out.Quantities = append(out.Quantities, g.cellQuantity(c, q))
	}
	return out
}

func (g *Group) cellQuantity(c *Cell, q Quantity) CellQuantity {
	e := g.Estimate(c, q)
	return CellQuantity{Quantity: q.Key, Evidence: q.Evidence, Estimate: e, Missing: len(c.Runs) - e.N}
}

func runResult(r *Run, quantities []Quantity) RunResult {
	out := RunResult{Dir: r.Dir, Alpha: r.Alpha(), Batch: r.Batch(), Seed: r.Seed(), Steps: r.Report.Training.Steps, Stopped: r.Report.Training.Stopped}
	for _, q := range quantities {
		out.Values = append(out.Values, RunQuantity{q.Key, q.Evidence, estimate.Number(q.value(r)), q.Within(r)})
	}
	return out
}

// quantity is a quantity of a cell by its key.
func (c CellResult) quantity(key string) CellQuantity {
	for _, q := range c.Quantities {
		if q.Quantity == key {
			return q
		}
	}
	panic("compare: no quantity is named " + key)
}

func filled[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
