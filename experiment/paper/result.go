package paper

import (
	"fmt"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/experiment"
)

const schema = "noiseprobe/reproduce/1"

// Result is what came of a plan.
type Result struct {
	Schema     string `json:"schema"`
	Version    string `json:"version"`
	Source     string `json:"source"`
	Experiment string `json:"experiment"`
	Title      string `json:"title"`
	Model      string `json:"model"`
	Scale      string `json:"scale"`
	// Notes say what was not done as the paper did it; empty at the paper's scale with its data and seeds.
	Notes []string `json:"notes"`
	Dir   string   `json:"dir"`
	Data  string   `json:"data"`
	Train int      `json:"train"`
	Test  int      `json:"test"`
	// Runs is the number of runs of the experiment, and Missing that of those without a result.
	Runs    int `json:"runs"`
	Missing int `json:"missing"`
	// Rows are the cells of a table or of curves, in the order of the plan.
	Rows []Row `json:"rows"`
	// Pairs are those of equal-noise, and otherwise empty.
	Pairs []Pair `json:"pairs"`
	// Together has the effects over all pairs.
	Together []Effect `json:"together"`
	// Findings are the conclusions, in sentences.
	Findings []string `json:"findings"`

	plan *Plan
}

// Row is a cell with its seeds.
type Row struct {
	Cell
	BEff         float64 `json:"effective_batch"`
	Runs         int     `json:"runs"`
	Diverged     int     `json:"diverged"`
	NotConverged int     `json:"not_converged"`
	// Accuracy is that of the last step, in percent, of the runs that did not diverge; ConvergenceTime is in steps, of those that
	// converged.
	Accuracy        Measured `json:"accuracy"`
	ConvergenceTime Measured `json:"convergence_time"`
}

// Collect reads the runs of a plan that are over. The error of a run that is damaged names its file.
func (p *Plan) Collect(dir string) (*Result, error) {
	r := &Result{
		Schema: schema, Version: experiment.Version, Source: theSettings.Source, Experiment: p.Experiment, Title: p.experiment().Title,
		Model: p.Model, Scale: p.Scale, Notes: []string{}, Dir: dir, Runs: p.Seeds * len(p.Cells), Rows: []Row{}, Pairs: []Pair{}, Together: []Effect{},
		Findings: []string{}, plan: p,
	}
	group, leftOut, err := p.group(dir)
	if err != nil {
		return nil, err
	}
	for _, l := range leftOut {
		r.Notes = append(r.Notes, fmt.Sprintf("Left out: %s: %s.", l.Dir, l.Reason))
	}
	r.Missing = r.Runs - len(group.Runs)
	if len(group.Runs) > 0 {
		data := group.Runs[0].Report.Run.Data
		r.Data, r.Train, r.Test = data.Name, data.Train, data.Test
	}
	r.note()
	for _, cell := range p.Cells {
		r.Rows = append(r.Rows, rowOf(cell, group.Cell(cell.Alpha, cell.Batch), p.publishedAt(cell)))
	}
	r.compareNoise(group)
	return r, nil
}

// group reads the runs that are over, and says which of them cannot be read. They are alike: the sweep holds them to that.
func (p *Plan) group(dir string) (*compare.Group, []compare.LeftOut, error) {
	var runs []string
	for _, point := range p.Points() {
		run := filepath.Join(dir, point.Name)
		if experiment.Directory(run).Finished() != nil {
			runs = append(runs, run)
		}
	}
	if len(runs) == 0 {
		return &compare.Group{}, nil, nil
	}
	set, err := compare.Read(runs)
	if err != nil {
		return nil, nil, err
	}
	if len(set.Groups) > 1 {
		return nil, nil, fmt.Errorf("%s: its runs differ in more than alpha, B and seed: %s", dir, unlike(set.Groups[0].Settings, set.Groups[1].Settings))
	}
	return set.Groups[0], set.LeftOut, nil
}

// unlike is the first setting that differs, with both values.
func unlike(a, b []compare.Setting) string {
	for i, x := range a {
		if i < len(b) && b[i] != x {
			return fmt.Sprintf("%s %s, and %s", x.Name, x.Value, b[i].Value)
		}
	}
	return "one has more settings"
}

// publishedAt is the row of the experiment that a cell stands for, nil if there is none; a cell at a smaller batch size stands for none
// but of a table.
func (p *Plan) publishedAt(cell Cell) *publishedRow {
	for _, e := range []experimentOfModel{p.ofModel(), theSettings.Experiments["table2"].Models[p.Model], theSettings.Experiments["table3"].Models[p.Model]} {
		for i, row := range e.Rows {
			if p.at(row.Alpha, row.Batch) == cell && (row.Batch == cell.Batch || len(p.ofModel().Rows) > 0) {
				return &e.Rows[i]
			}
		}
	}
	return nil
}

func rowOf(cell Cell, runs *compare.Cell, known *publishedRow) Row {
	row := Row{Cell: cell, BEff: cell.EffectiveBatch()}
	var accuracy, steps []float64
	if runs != nil {
		row.Runs = len(runs.Runs)
		for _, r := range runs.Runs {
			training := r.Report.Training
			switch {
			case r.Diverged():
				row.Diverged++
				continue
			case !r.Converged():
				row.NotConverged++
			default:
				steps = append(steps, float64(*training.ConvergenceTime))
			}
			accuracy = append(accuracy, 100*float64(training.TestAccuracy))
		}
	}
	if known == nil {
		known = new(publishedRow)
	}
	row.Accuracy, row.ConvergenceTime = measure(accuracy, known.Accuracy), measure(steps, known.ConvergenceTime)
	return row
}
