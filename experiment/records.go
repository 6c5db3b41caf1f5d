package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// records are what a run directory says of its run, but for the report, checked against each other.
type records struct {
	run     runRecord
	state   state
	metrics []report.Metric
	norms   []stepNorms
}

// records reads run.json, the saved state, metrics.csv and norms.csv, in this order, so that those of a run that goes on fit together.
func (d Directory) records() (r records, err error) {
	if r.run, err = d.open(); err != nil {
		return r, err
	}
	if r.state, err = d.readState(); err != nil {
		return r, err
	}
	r.metrics, err = report.ReadMetrics(d.MetricsPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if r.state.begun() {
		if r.metrics, err = r.state.check(d, r.run, r.metrics); err != nil {
			return r, err
		}
		if r.run.Config.Norms {
			r.norms, err = d.readNorms(&r.state)
			return r, err
		}
	}
	return r, nil
}

// files lists the files of the checkpoints that are complete, of rep where the saved state was removed.
func (r *records) files(d Directory, rep *report.Report, last int) (recorded, error) {
	switch {
	case r.state.Run != "":
		return r.state.Files, nil
	case rep != nil && len(rep.Files) > 0:
		return checkpointsOf(rep), nil
	}
	return d.found(r.metrics, last)
}

// checkReport compares a report with the records that it was made from; the files of checkpoints are left to who reads them.
func (r *records) checkReport(d Directory, rep *report.Report) error {
	changed := "%s: is not what %s was made from: it has changed since, or is damaged"
	if rep.Checksum(recordName) != r.run.sum {
		return fmt.Errorf(changed, d.RecordPath(), d.ReportPath())
	}
	if sum := rep.Checksum(metricsName); sum != "" && sum != report.MetricsChecksum(r.metrics) {
		return fmt.Errorf(changed, d.MetricsPath(), d.ReportPath())
	}
	if r.state.Run == "" {
		return nil
	}
	t := rep.Training
	if t.Steps != r.state.Trainer.Step || t.Seconds != r.state.Seconds || !slices.Equal(checkpointsOf(rep), r.state.Files) {
		return fmt.Errorf("%s: says other things of the training than %s", d.ReportPath(), d.statePath())
	}
	return nil
}

// sources are what a report is made from.
func (r *records) sources(files recorded) []report.File {
	var all []report.File
	if r.run.sum != "" {
		all = append(all, report.File{Name: recordName, Checksum: r.run.sum})
	}
	return append(append(all, report.File{Name: metricsName, Checksum: report.MetricsChecksum(r.metrics)}), files...)
}
