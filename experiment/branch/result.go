package branch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

const schema = "noiseprobe/critical-batch/1"

// Result is what the branches found; the package comment defines its JSON.
type Result struct {
	Schema     string                `json:"schema"`
	Dir        string                `json:"dir"`
	Runs       string                `json:"runs"`
	Checkpoint Checkpoint            `json:"checkpoint"`
	TargetLoss estimate.Number       `json:"target_loss"`
	TargetFrom string                `json:"target_from"`
	Rule       string                `json:"lr_rule"`
	Rows       []Row                 `json:"rows"`
	Fits       []criticalbatch.Fit   `json:"fits"`
	Moves      []criticalbatch.Move  `json:"moves"`
	Proxies    []criticalbatch.Proxy `json:"proxies"`
}

// Row is a branch.
type Row struct {
	criticalbatch.Row
	LearningRate float64 `json:"learning_rate"`
	// Stopped is why it ended, as in a report; empty for one that has not.
	Stopped string `json:"stopped"`
}

// Where a target loss is from.
const (
	Given     = "given"
	Reference = "reference"
)

// ErrBusy says that Slurm has runs without which there is no result yet.
var ErrBusy = errors.New("the runs are not over")

// Run carries out the branches that are missing and fits what they found. Those that failed are no reason to withhold the rest: the error
// is then a [*sweep.FailedRunsError], beside the result.
func (p *Plan) Run(ctx context.Context, s sweep.Settings, o sweep.Observer) (*Result, *sweep.Summary, error) {
	proxies, err := p.proxies()
	if err != nil {
		return nil, nil, err
	}
	target, from := p.TargetLoss, Given
	if math.IsNaN(target) {
		s.Points, from = []sweep.NamedRun{p.reference(s.Flags)}, Reference
		summary, err := sweep.Run(ctx, s, o)
		if err != nil {
			return nil, summary, err
		}
		if target, err = p.referenceLoss(s.Dir); err != nil {
			return nil, summary, err
		}
	}
	s.Points = p.branches(s.Flags, target)
	summary, err := sweep.Run(ctx, s, o)
	var failed *sweep.FailedRunsError
	if err != nil && !errors.As(err, &failed) {
		return nil, summary, err
	}
	r, collected := p.collect(s.Dir, target)
	if collected != nil {
		return nil, summary, collected
	}
	r.TargetFrom, r.Proxies = from, criticalbatch.Against(proxies, r.Fits)
	return r, summary, err
}

// referencePart is the part of the reference after which its loss is taken: the end of a trend is where it dips.
const referencePart = 0.75

// referenceLoss is the loss of the trend of the reference near its end.
func (p *Plan) referenceLoss(runs string) (float64, error) {
	d := experiment.Directory(filepath.Join(runs, referenceName))
	if d.Finished() == nil {
		return 0, ErrBusy
	}
	trend, first, err := trendOf(d)
	if err != nil {
		return 0, err
	}
	target := trend.At(referencePart * float64(p.Steps))
	if !(target < first) {
		return 0, fmt.Errorf("%s: after %d steps the trend is at a loss of %.4g, not below the %.4g that it began with: more -steps, an earlier -checkpoint, or a -target-loss", d, p.Steps, target, first)
	}
	return target, nil
}

// trendOf is that of the losses of a run, and the first of them, NaN without any.
func trendOf(d experiment.Directory) (t *criticalbatch.Trend, first float64, err error) {
	rows, err := report.ReadMetrics(d.MetricsPath())
	if err != nil {
		return nil, 0, err
	}
	t, first = &criticalbatch.Trend{}, math.NaN()
	for i, m := range rows {
		if t.Add(m.Step, m.TrainLoss); i == 0 {
			first = m.TrainLoss
		}
	}
	return t, first, nil
}

// collect reads what the branches found, also of those that are not all over.
func (p *Plan) collect(runs string, target float64) (*Result, error) {
	r := &Result{Schema: schema, Dir: p.Dir, Runs: runs, Checkpoint: p.Checkpoint, TargetLoss: estimate.Number(target), Rule: p.Rule}
	for _, alpha := range p.Alphas {
		var rows []criticalbatch.Row
		for _, batch := range p.Batches {
			for seed := 1; seed <= p.Seeds; seed++ {
				row, err := p.row(runs, alpha, batch, seed, target)
				if err != nil {
					return nil, err
				}
				r.Rows, rows = append(r.Rows, row), append(rows, row.Row)
			}
		}
		r.Fits = append(r.Fits, criticalbatch.Of(rows))
	}
	r.Moves = criticalbatch.Moves(r.Fits)
	return r, nil
}

// row reads a branch. One that is not over, or diverged, has reached nothing.
func (p *Plan) row(runs string, alpha float64, batch, seed int, target float64) (Row, error) {
	r := Row{
		Row:          criticalbatch.Row{Alpha: alpha, Batch: batch, Seed: uint64(seed), Steps: estimate.Undefined(), Samples: estimate.Undefined()},
		LearningRate: p.rate(alpha, batch),
	}
	d := experiment.Directory(filepath.Join(runs, runName(alpha, batch, seed)))
	training := d.Finished()
	if training == nil {
		return r, nil
	}
	if r.Stopped = training.Stopped; r.Stopped == report.StoppedDiverged {
		return r, nil
	}
	trend, first, err := trendOf(d)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("%w: without the directory %s the same command makes the run again", err, d)
	}
	if first <= target {
		return r, experiment.Usagef("-target-loss %v: on the samples of -eval %s begins with a loss of %.4g already", target, d, first)
	}
	r.Steps = estimate.Number(trend.Crossing(target))
	r.Samples = r.Steps * estimate.Number(batch)
	return r, nil
}
