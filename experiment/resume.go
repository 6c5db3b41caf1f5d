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

// Resume continues the run in a directory from its last saved state, after a check of all checksums; of a finished run it returns the report. Workers other than 0 take the
// place of those that the run began with: no result depends on them.
func Resume(ctx context.Context, dir string, workers int, o Observer) (*report.Report, error) {
	d := Directory(dir)
	if rep, err := d.finished(); rep != nil || err != nil {
		return rep, err
	}
	lock, err := d.lock(o)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	written, err := d.records()
	if err != nil {
		return nil, err
	}
	if err := d.verify(written.state.Files); err != nil {
		return nil, err
	}
	record := written.run
	if err := atomicfile.RemoveLeftovers(dir); err != nil {
		return nil, err
	}
	c := record.Config
	if workers != 0 {
		c.Workers = workers
	}
	spec, err := c.Resolve()
	if err != nil {
		return nil, err
	}
	data, err := dataset.Open(record.Data.Source, dataset.Options{Want: record.Data.Name, Seed: record.dataSeed()})
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
	r.dir, r.sum = d, record.sum
	if err := r.beginAgain(written); err != nil {
		return nil, err
	}
	if err := r.restore(written); err != nil {
		return nil, err
	}
	// The report of an interrupted run would be stale as soon as training goes on.
	if err := errors.Join(os.RemoveAll(d.ReportPath()), os.RemoveAll(d.HTMLPath()), os.RemoveAll(d.FiguresPath())); err != nil {
		return nil, err
	}
	o.detail("continues after step %d", r.trainer.State.Step)
	return r.finish(ctx)
}

// finished is the report of a run that is over, nil of one that is not; its error is also that of a run that diverged. A report that cannot
// be read is made again.
func (d Directory) finished() (*report.Report, error) {
	if _, err := d.open(); err != nil {
		return nil, err
	}
	rep, err := report.Read(d.ReportPath())
	if err != nil || rep.Training.Stopped == report.StoppedInterrupted {
		_, err := atomicfile.Taken(d.ReportPath())
		return nil, err
	}
	r, err := d.records()
	if err == nil {
		err = r.checkReport(d, rep)
	}
	if err != nil {
		return nil, err
	}
	return rep, stoppedError(rep)
}

// dataSeed is the seed of the run's generated data.
func (r runRecord) dataSeed() uint64 {
	if r.Data.Seed != nil {
		return *r.Data.Seed
	}
	return r.Config.Seed
}

// beginAgain takes up the checkpoint that a run began with, where it was killed before it had saved anything.
func (r *run) beginAgain(written records) error {
	if r.From == "" || written.state.begun() {
		return nil
	}
	from, err := r.openFrom()
	if err != nil {
		return err
	}
	if from.weights != written.run.Start {
		return fmt.Errorf("%s: the weights in %s are not those that the run began with", r.dir.RecordPath(), r.From)
	}
	return from.put(r.trainer)
}

// restore takes up the last saved state; rows of metrics.csv, norms.csv and losses.csv beyond it are dropped.
func (r *run) restore(written records) error {
	r.state, r.savedSeconds = written.state, written.state.Seconds
	losses := lossLog{path: r.dir.LossesPath()}
	if err := losses.keep(r.state.Trainer.Step); err != nil {
		return err
	}
	if !r.state.begun() {
		return nil
	}
	r.metrics, r.norms = written.metrics, written.norms
	return r.dir.restore(r.trainer, r.state)
}
