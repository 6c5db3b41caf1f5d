package experiment

import (
	"os"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/tfevents"
)

// eventLog writes the scalars of a run for TensorBoard, where Config.TensorBoard asks for them. It is opened with the first of them, so that
// each process that carries the run on has a file of its own; readers drop the steps after the one that it begins with.
type eventLog struct {
	dir  string // empty for none
	file *tfevents.Writer
	// past says that what is written belongs to steps before those of other files.
	past bool
}

// write appends values at a step.
func (l *eventLog) write(step int, scalars ...tfevents.Scalar) error {
	if l.dir == "" || len(scalars) == 0 {
		return nil
	}
	now := time.Now()
	if l.file == nil {
		if err := os.MkdirAll(l.dir, 0o777); err != nil {
			return err
		}
		from := int64(step)
		if l.past {
			from = 0
		}
		file, err := tfevents.Create(l.dir, now, from)
		if err != nil {
			return err
		}
		l.file = file
	}
	return l.file.Write(now, int64(step), scalars...)
}

// metric writes an evaluation.
func (l *eventLog) metric(m report.Metric) error {
	return l.write(m.Step, tfevents.Scalar{Tag: "train/loss", Value: m.TrainLoss}, tfevents.Scalar{Tag: "test/loss", Value: m.TestLoss},
		tfevents.Scalar{Tag: "test/accuracy", Value: m.TestAccuracy}, tfevents.Scalar{Tag: "train/learning_rate", Value: m.LearningRate})
}

// norms writes a row of norms.csv, under the names of its columns, so that noise-scale reads the events as they are.
func (l *eventLog) norms(n stepNorms) error {
	var scalars []tfevents.Scalar
	for i, name := range strings.Split(normsHeader, ",")[1:] {
		scalars = append(scalars, tfevents.Scalar{Tag: name, Value: n.values()[i]})
	}
	return l.write(n.step, scalars...)
}

// findings writes the headline numbers of every checkpoint, when there is a report, to a file of their own: they belong to steps that are
// past.
func (l *eventLog) findings(rep *report.Report) error {
	if err := l.close(); err != nil {
		return err
	}
	l.past = true
	for _, c := range rep.Checkpoints {
		var scalars []tfevents.Scalar
		for _, s := range report.Scalars(c) {
			scalars = append(scalars, tfevents.Scalar{Tag: s.Name, Value: s.Value})
		}
		if err := l.write(c.Step, scalars...); err != nil {
			return err
		}
	}
	return l.close()
}

func (l *eventLog) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
