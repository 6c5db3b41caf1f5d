package compare

import (
	"fmt"
	"math"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Run is a finished run: the contents of its report.json and metrics.csv; or an analysis of gradients from elsewhere, which has no metrics.
type Run struct {
	Dir     string
	Report  *report.Report
	Metrics []report.Metric
	// number stands for the seed of a training elsewhere, which is not known: no two have the same.
	number uint64
}

// Alpha is the enhancement of the run, 1 for plain SGD.
func (r *Run) Alpha() float64 { return r.Report.Run.Alpha }

// elsewhere reports whether the training was not one of this program.
func (r *Run) elsewhere() bool { return r.Report.Analysis != nil }

// Batch is B.
func (r *Run) Batch() int { return r.Report.Run.Batch }

// Seed is what runs are paired by.
func (r *Run) Seed() uint64 {
	if r.elsewhere() {
		return r.number
	}
	return r.Report.Run.Seed
}

// SamplesPerStep is the number of samples that a step reads: B for alpha = 1, 2B for any other alpha with noise enhancement.
func (r *Run) SamplesPerStep() int { return r.Report.Run.MinibatchesPerStep() * r.Batch() }

// Converged reports whether the training loss was ever below L**. Training may have gone on.
func (r *Run) Converged() bool { return r.Report.Training.ConvergenceTime != nil }

// Stopped reports whether training ended because it converged.
func (r *Run) Stopped() bool { return r.Report.Training.Stopped == report.StoppedConverged }

// Diverged reports whether training ended with a loss that is not finite.
func (r *Run) Diverged() bool { return r.Report.Training.Stopped == report.StoppedDiverged }

// EffectiveBatch is B / f, Eq. 11 of the paper.
func EffectiveBatch(alpha float64, batch int) float64 { return float64(batch) / noise.Factor(alpha) }

// last is the analysis of the last checkpoint, nil where there is none.
func (r *Run) last() *report.Checkpoint {
	if n := len(r.Report.Checkpoints); n > 0 {
		return &r.Report.Checkpoints[n-1]
	}
	return nil
}

// at is the analysis of the checkpoint of a step, nil where there is none.
func (r *Run) at(step int) *report.Checkpoint {
	for i := range r.Report.Checkpoints {
		if r.Report.Checkpoints[i].Step == step {
			return &r.Report.Checkpoints[i]
		}
	}
	return nil
}

// staleness is how much earlier than a place, as a fraction of it, the evaluation used there may be.
const staleness = 0.25

// metricAt is the last row of metrics.csv at or before a step. It is false where there is none near enough, and beyond the end of the
// run: a run that has ended says nothing about later steps.
func (r *Run) metricAt(step int) (report.Metric, bool) {
	if len(r.Metrics) == 0 || step > r.lastStep() {
		return report.Metric{}, false
	}
	at := -1
	for i, m := range r.Metrics {
		if m.Step <= step {
			at = i
		}
	}
	if at < 0 || float64(r.Metrics[at].Step) < (1-staleness)*float64(step) {
		return report.Metric{}, false
	}
	return r.Metrics[at], true
}

// lastStep is the last step in metrics.csv, -1 if it has no rows.
func (r *Run) lastStep() int {
	if len(r.Metrics) == 0 {
		return -1
	}
	return r.Metrics[len(r.Metrics)-1].Step
}

// readRun reads the files of one run. The error says why it is not a finished run.
func readRun(dir string) (*Run, error) {
	rep, err := report.Read(filepath.Join(dir, "report.json"))
	if err != nil {
		return nil, err
	}
	r := &Run{Dir: dir, Report: rep}
	if r.elsewhere() {
		if math.IsNaN(rep.Run.Alpha) {
			rep.Run.Alpha = 1 // plain SGD, unless it says otherwise
		}
		return r, r.check()
	}
	path := filepath.Join(dir, "metrics.csv")
	if r.Metrics, err = report.ReadMetrics(path); err != nil {
		return nil, err
	}
	if sum := rep.Checksum("metrics.csv"); sum != "" && sum != report.MetricsChecksum(r.Metrics) {
		return nil, fmt.Errorf("%s: has changed since report.json was made from it", path)
	}
	return r, r.check()
}

// check refuses runs that cannot be compared.
func (r *Run) check() error {
	run, training := r.Report.Run, r.Report.Training
	switch {
	case run.Model == "" && !r.elsewhere():
		return fmt.Errorf("%s: is no report of a run", r.path())
	case run.Batch < 1:
		return fmt.Errorf("%s: the batch is %d", r.path(), run.Batch)
	case training.Stopped == report.StoppedInterrupted:
		return fmt.Errorf("%s: interrupted after %d steps", r.path(), training.Steps)
	}
	return nil
}

func (r *Run) path() string { return filepath.Join(r.Dir, "report.json") }
