package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/filelock"
)

// States of a run.
const (
	Running     = "running"
	Done        = "done"
	Diverged    = "diverged"
	Interrupted = "interrupted"
	Damaged     = "damaged"
	Deleted     = "deleted"
)

// Run is how a run stands.
type Run struct {
	Dir    string
	State  string
	Config experiment.Config
	// Failure says what is damaged, empty where nothing is.
	Failure string
	// Step counts the updates, and Steps is how many there will be, 0 where nobody knows.
	Step, Steps int
	// Rate is updates a second lately, 0 where it is not known.
	Rate float64
	// Loss is that of the last minibatch, and Last the last evaluation; nil where there is none.
	Loss *Point
	Last *report.Metric
	// Checkpoints are the steps that gradients were recorded at.
	Checkpoints []int
	// Reported says that there is a report.json.
	Reported bool
}

// Left is how many seconds of training there are at the present rate; false where nobody knows.
func (r Run) Left() (seconds float64, known bool) {
	if r.State != Running || r.Rate <= 0 || r.Steps == 0 {
		return 0, false
	}
	return float64(r.Steps-r.Step) / r.Rate, true
}

// Look reads how a run stands.
func Look(dir string) Run {
	d := experiment.Directory(dir)
	r := Run{Dir: dir, State: Interrupted}
	var err error
	if r.Config, err = d.Config(); err != nil {
		r.State, r.Failure = Damaged, err.Error()
		if _, gone := os.Lstat(d.RecordPath()); errors.Is(gone, fs.ErrNotExist) {
			r.State = Deleted
		}
		return r
	}
	if !r.Config.UntilConverged {
		r.Steps = r.Config.Steps
	}
	held, err := filelock.Held(d.RecordPath())
	r.fail(err)
	progress := d.Progress()
	r.Step = progress.Step
	r.Checkpoints, _ = d.Checkpoints()
	_, err = os.Lstat(d.ReportPath())
	r.Reported = err == nil
	r.readLoss(d.LossesPath(), held)
	r.readMetric(d.MetricsPath())
	r.settle(held, progress.Stopped)
	return r
}

// fail keeps the first thing that is wrong.
func (r *Run) fail(err error) {
	if err != nil && r.Failure == "" {
		r.Failure = err.Error()
	}
}

// settle finds the state.
func (r *Run) settle(held bool, stopped string) {
	if r.Reported && stopped == "" && !held { // the saved state may have been removed, or the run was interrupted
		rep, err := report.Read(experiment.Directory(r.Dir).ReportPath())
		if r.fail(err); err == nil {
			stopped, r.Step = rep.Training.Stopped, max(r.Step, rep.Training.Steps)
		}
	}
	switch {
	case r.Failure != "":
		r.State = Damaged
	case held:
		r.State = Running
	case !r.Reported || stopped == report.StoppedInterrupted:
		r.State = Interrupted
	case stopped == report.StoppedDiverged:
		r.State = Diverged
	default:
		r.State = Done
	}
	if r.State != Running {
		r.Rate = 0
	}
}

// readLoss reads the last row of losses.csv and, where it grows, the rate from those before it.
func (r *Run) readLoss(path string, grows bool) {
	rows, _, err := lastRows(path, experiment.LossesHeader)
	if !grows {
		rows = rows[max(0, len(rows)-1):]
	}
	if err == nil && len(rows) > 0 {
		var points []experiment.LossRow
		if points, err = experiment.ParseLosses(rows); err == nil {
			last := points[len(points)-1]
			r.Loss, r.Step, r.Rate = &Point{last.Step, last.Loss}, max(r.Step, last.Step+1), rate(points)
		}
	}
	r.fail(unlessAbsent(err))
}

// readMetric reads the last row of metrics.csv.
func (r *Run) readMetric(path string) {
	rows, whole, err := lastRows(path, report.MetricsHeader)
	if err == nil && !whole { // it is never seen half written
		err = fmt.Errorf("%s: ends within a row", path)
	}
	if err == nil && len(rows) > 0 {
		var metrics []report.Metric
		if metrics, err = parseMetrics(rows[len(rows)-1:]); err == nil {
			r.Last, r.Step = &metrics[0], max(r.Step, metrics[0].Step)
		}
	}
	r.fail(unlessAbsent(err))
}

// rate is updates a second over the last half minute of the rows, or over the last two.
func rate(rows []experiment.LossRow) float64 {
	const window = 30
	last := len(rows) - 1
	first := slices.IndexFunc(rows, func(p experiment.LossRow) bool { return p.Seconds >= rows[last].Seconds-window })
	first = max(0, min(first, last-1))
	if span := rows[last].Seconds - rows[first].Seconds; span > 0 {
		return float64(rows[last].Step-rows[first].Step) / span
	}
	return 0
}

// Settings are the words that tell a run from others.
func (r Run) Settings() string {
	c := r.Config
	if c.Model == "" {
		return ""
	}
	return fmt.Sprintf("%s, α %g, B %d, seed %d", c.Model, c.Alpha, c.Batch, c.Seed)
}
