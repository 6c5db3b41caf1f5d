package sweep

import (
	"os"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/filelock"
)

// States of a run of a sweep.
const (
	Done        = "done"
	Diverged    = "diverged" // a result, not a failure
	Running     = "running"
	Failed      = "failed"
	Interrupted = "interrupted"
	Waiting     = "waiting"
)

const summarySchema = "noiseprobe/sweep-summary/1"

// Summary is how a sweep stands, and what its runs found.
type Summary struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
	Dir     string `json:"dir"`
	Grid    Grid   `json:"grid"`
	// Active says that a process here carries the sweep out, or Slurm.
	Active bool `json:"active"`

	Done        int `json:"done"`
	Diverged    int `json:"diverged"`
	Running     int `json:"running"`
	Failed      int `json:"failed"`
	Interrupted int `json:"interrupted"`
	Waiting     int `json:"waiting"`
	// SecondsLeft is what remains at the median duration of the runs that are over; null where none is or nothing is active.
	SecondsLeft estimate.Number `json:"seconds_left"`

	// Slurm is null where no run was ever given to it.
	Slurm *SlurmStatus `json:"slurm"`

	// Varying are the flags that tell the points apart.
	Varying []string `json:"varying"`
	Points  []Point  `json:"points"`
	Runs    []Result `json:"runs"`
}

// Point is one point of the grid, over its seeds. Statistics are of the runs that are done: one that diverged has no result to
// take a mean of.
type Point struct {
	// Settings are the values of the varying flags.
	Settings map[string]string `json:"settings"`
	Runs     int               `json:"runs"`
	Diverged int               `json:"diverged"`
	// TestAccuracy is a fraction, and ConvergenceTime, of the runs that converged, in steps.
	TestAccuracy    Spread `json:"test_accuracy"`
	TestLoss        Spread `json:"test_loss"`
	ConvergenceTime Spread `json:"convergence_time"`
}

// Spread is the mean of n values and their standard deviation, with divisor n - 1: null for fewer than two.
type Spread struct {
	N    int             `json:"n"`
	Mean estimate.Number `json:"mean"`
	SD   estimate.Number `json:"sd"`
}

// Result is one run: its settings, its state, the reason if it failed, and its training if it is over.
type Result struct {
	Name     string            `json:"name"`
	State    string            `json:"state"`
	Failure  string            `json:"failure"`
	Slurm    *SlurmTask        `json:"slurm"`
	Config   experiment.Config `json:"config"`
	Training *report.Training  `json:"training"`
}

// finished is the training of a run that is over, nil for one that is not.
func (d directory) finished(name string) *report.Training { return d.run(name).Finished() }

// unfinished lists the runs that are to be done.
func (d directory) unfinished(r sweepRecord) []int {
	var todo []int
	for i, run := range r.Runs {
		if d.finished(run.Name) == nil {
			todo = append(todo, i)
		}
	}
	return todo
}

// result says what became of a run.
func (d directory) result(run plannedRun, task *SlurmTask) (Result, error) {
	r := Result{Name: run.Name, Config: run.Config, State: Done, Training: d.finished(run.Name)}
	if r.Training != nil {
		if r.Training.Stopped == report.StoppedDiverged {
			r.State = Diverged
		}
		return r, nil
	}
	held, err := filelock.Held(d.logPath(run.Name))
	if err != nil {
		return r, err
	}
	failure, err := d.failure(run.Name)
	_, absent := os.Stat(string(d.run(run.Name)))
	if r.Slurm = task; task != nil {
		task.Requeued = absent == nil && task.waiting()
	}
	switch {
	case held || task != nil && task.queued() && !task.waiting():
		r.State = Running
	case task != nil && task.waiting():
		r.State = Waiting
	case failure != "":
		r.State, r.Failure = Failed, failure
	case task != nil && task.failed():
		r.State, r.Failure = Failed, task.String()
	case absent == nil:
		r.State = Interrupted
	default:
		r.State = Waiting
	}
	return r, err
}

// summary reads what there is of every run, beside what Slurm says of it.
func (d directory) summary(r sweepRecord, flags Flags, tasks map[int]*SlurmTask) (*Summary, error) {
	s := &Summary{Schema: summarySchema, Version: r.Version, Dir: string(d), Grid: r.Grid, SecondsLeft: estimate.Undefined()}
	s.Varying = r.varying(flags)
	for i, run := range r.Runs {
		result, err := d.result(run, tasks[i])
		if err != nil {
			return nil, err
		}
		*s.count(result.State)++
		s.Runs = append(s.Runs, result)
	}
	s.Points = s.points(flags)
	jobs, err := d.submitted()
	if err != nil {
		return nil, err
	}
	if jobs != nil {
		s.Slurm = &SlurmStatus{Jobs: jobs, Queued: new(int)}
		for _, run := range s.Runs { // some of which have ended since Slurm was asked
			if run.Slurm != nil && run.Slurm.queued() {
				*s.Slurm.Queued++
			}
		}
	}
	holder, err := d.holder()
	atOnce := max(1, s.Running)
	if holder != nil {
		atOnce = holder.Jobs
	}
	if s.Active = holder != nil || s.Queued() > 0; s.Active {
		s.SecondsLeft = estimate.Number(s.left(d, atOnce, time.Now()))
	}
	return s, err
}

// varying lists the flags but the seed that have more than one value: of the grid, or without one of the runs.
func (r sweepRecord) varying(flags Flags) []string {
	varying := []string{}
	for _, flag := range flags.Names() {
		several := r.Grid.varies(flag)
		for _, run := range r.Runs {
			several = several || len(r.Grid) == 0 && flags.Text(run.Config, flag) != flags.Text(r.Runs[0].Config, flag)
		}
		if several && flag != seedFlag {
			varying = append(varying, flag)
		}
	}
	return varying
}

// count is where runs of a state are counted.
func (s *Summary) count(state string) *int {
	return map[string]*int{
		Done: &s.Done, Diverged: &s.Diverged, Running: &s.Running,
		Failed: &s.Failed, Interrupted: &s.Interrupted, Waiting: &s.Waiting,
	}[state]
}

// points gathers the runs that differ in nothing but the seed, in the order of the first of each.
func (s *Summary) points(flags Flags) []Point {
	var order []experiment.Config
	members := map[experiment.Config][]Result{}
	for _, r := range s.Runs {
		key := r.Config
		key.Seed = 0
		if members[key] == nil {
			order = append(order, key)
		}
		members[key] = append(members[key], r)
	}
	points := []Point{}
	for _, key := range order {
		p := pointOf(members[key])
		for _, flag := range s.Varying {
			p.Settings[flag] = flags.Text(key, flag)
		}
		points = append(points, p)
	}
	return points
}

func pointOf(runs []Result) Point {
	p := Point{Settings: map[string]string{}, Runs: len(runs)}
	var accuracy, loss, steps []float64
	for _, r := range runs {
		switch r.State {
		case Diverged:
			p.Diverged++
		case Done:
			accuracy, loss = append(accuracy, float64(r.Training.TestAccuracy)), append(loss, float64(r.Training.TestLoss))
			if t := r.Training.ConvergenceTime; t != nil {
				steps = append(steps, float64(*t))
			}
		}
	}
	p.TestAccuracy, p.TestLoss, p.ConvergenceTime = spreadOf(accuracy), spreadOf(loss), spreadOf(steps)
	return p
}

// spreadOf is the mean and the standard deviation of the values that are defined.
func spreadOf(values []float64) Spread {
	e := compare.MeanOf(values, compare.Linear)
	return Spread{N: e.N, Mean: e.Mean, SD: e.SD}
}
