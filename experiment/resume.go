package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// Resume continues the run in a directory from its last saved state; of a finished run it returns the report. Workers other than 0 take the
// place of those that the run began with: no result depends on them.
func Resume(ctx context.Context, dir string, workers int, o Observer) (*report.Report, error) {
	d := Directory(dir)
	record, err := d.readRecord()
	if err != nil {
		return nil, err
	}
	if rep, err := report.Read(d.ReportPath()); err == nil && rep.Training.Stopped != report.StoppedInterrupted {
		return rep, stoppedError(rep)
	}
	if err := atomicfile.RemoveLeftovers(dir); err != nil {
		return nil, err
	}
	c := record.Config
	if workers != 0 {
		c.Workers = workers
	}
	spec, err := c.Resolve()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.RecordPath(), err)
	}
	data, err := dataset.Open(record.Data.Source, dataset.Options{Want: record.Data.Name, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	if sum := data.Checksum(); sum != record.Data.Checksum {
		return nil, fmt.Errorf("%s: the data in %s are not those that the run began with", d.RecordPath(), record.Data.Source)
	}
	r, err := prepare(c, spec, data, o)
	if err != nil {
		return nil, err
	}
	if now := r.record(spec); !gemm.SameBits(now.BLAS, record.BLAS) {
		o.notice("the run began with %s, this machine uses %s: last digits may differ", record.BLAS, now.BLAS)
	}
	r.dir = d
	if err := r.restore(); err != nil {
		return nil, err
	}
	// The report of an interrupted run would be stale as soon as training goes on.
	if err := errors.Join(os.RemoveAll(d.ReportPath()), os.RemoveAll(d.HTMLPath()), os.RemoveAll(d.FiguresPath())); err != nil {
		return nil, err
	}
	o.detail("continues after step %d", r.trainer.State.Step)
	return r.finish(ctx)
}

// restore takes up the last saved state and drops the rows of metrics and norms beyond it.
func (r *run) restore() error {
	var err error
	if r.state, err = r.dir.restore(r.trainer); err != nil {
		return err
	}
	if err := r.restoreNorms(); err != nil {
		return err
	}
	metrics, err := report.ReadMetrics(r.dir.MetricsPath())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.state.Recorded < 0 && r.state.Trainer.Step == 0 {
		return nil
	}
	for _, m := range metrics {
		if m.Step <= r.trainer.State.Step {
			r.metrics = append(r.metrics, m)
		}
	}
	return nil
}
