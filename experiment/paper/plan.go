package paper

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Cell is a point of an experiment: all its seeds.
type Cell struct {
	Alpha float64 `json:"alpha"`
	Batch int     `json:"batch"`
}

// EffectiveBatch is B / f (Eq. 11).
func (c Cell) EffectiveBatch() float64 { return float64(c.Batch) / noise.Factor(c.Alpha) }

// Plan is what a [Choice] comes to: the cells in the order of the table or figure, each once.
type Plan struct {
	Choice
	Seeds int
	Cells []Cell
	given map[string]string // flags of run in place of those of paper.json
}

// NewPlan makes the plan of a choice. Seeds is the number of seeds, 0 for that of the scale; given are flags of run, such as data, that take
// the place of the scale's. The error is one of usage.
func NewPlan(c Choice, seeds int, given map[string]string) (*Plan, error) {
	if err := c.check(); err != nil {
		return nil, &experiment.UsageError{Err: err}
	}
	if seeds < 0 || seeds > sweep.MostRuns {
		return nil, experiment.Usagef("-seeds %d: must be between 1 and %d", seeds, sweep.MostRuns)
	}
	p := &Plan{Choice: c, Seeds: seeds, given: given}
	if seeds == 0 {
		p.Seeds = c.scale().Seeds
	}
	m := c.ofModel()
	for _, r := range m.Rows {
		p.add(r.Alpha, r.Batch)
	}
	for _, k := range m.Curves {
		for _, alpha := range of(k.Alphas, c.Scale) {
			for _, batch := range of(k.Batches, c.Scale) {
				p.add(alpha, batch)
			}
		}
	}
	if m.Pairs != nil {
		for _, pair := range c.pairs() {
			p.add(pair.NE.Alpha, pair.NE.Batch)
			p.add(pair.SGD.Alpha, pair.SGD.Batch)
		}
	}
	return p, nil
}

// at is the cell that the scale has in place of one of the paper.
func (c Choice) at(alpha float64, batch int) Cell {
	if largest, ok := c.scale().LargestBatch[c.Model]; ok {
		batch = min(batch, largest)
	}
	return Cell{alpha, batch}
}

func (p *Plan) add(alpha float64, batch int) {
	if cell := p.at(alpha, batch); !slices.Contains(p.Cells, cell) {
		p.Cells = append(p.Cells, cell)
	}
}

// pair is NE and SGD of the same covariance.
type pair struct{ NE, SGD Cell }

func (c Choice) pairs() []pair {
	var out []pair
	q := c.ofModel().Pairs
	for _, alpha := range of(q.Alphas, c.Scale) {
		ne := c.at(alpha, of(q.Batch, c.Scale))
		out = append(out, pair{ne, Cell{1, int(math.Round(ne.EffectiveBatch()))}})
	}
	return out
}

// Name is that of the directory of a model and scale, in which all experiments have their runs.
func (p *Plan) Name() string { return p.Model + "-" + p.Scale }

// Points are the runs: seed by seed, so that what is there after an interruption is a smaller experiment and not a part of one.
func (p *Plan) Points() []sweep.NamedRun {
	var points []sweep.NamedRun
	for seed := 1; seed <= p.Seeds; seed++ {
		for _, cell := range p.Cells {
			points = append(points, sweep.NamedRun{Name: cell.run(seed), Values: p.values(cell, seed)})
		}
	}
	return points
}

func (c Cell) run(seed int) string {
	return fmt.Sprintf("alpha%g-batch%d-seed%d", c.Alpha, c.Batch, seed)
}

// values are the flags of a run.
func (p *Plan) values(cell Cell, seed int) map[string]string {
	v := map[string]string{"model": p.Model}
	for _, more := range []map[string]string{
		theSettings.Flags, theSettings.Models[p.Model].Flags, p.scale().Flags[p.Model], p.given,
	} {
		maps.Copy(v, more)
	}
	v["alpha"] = document.Plain(cell.Alpha)
	v["batch"] = strconv.Itoa(cell.Batch)
	v["seed"] = strconv.Itoa(seed)
	return v
}
