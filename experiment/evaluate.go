package experiment

import (
	"io"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// look measures where training stands, at the end of an epoch or between.
func (r *run) look(epoch bool) error {
	loss := math.NaN() // of an epoch that is not over
	if epoch {
		loss = r.trainer.EndEpoch()
	}
	m, err := r.evaluate()
	if err != nil {
		return err
	}
	switch r.LossMeasure {
	case train.Full:
		loss = m.TrainLoss
	case train.Recent:
		loss = recent(append(slices.Clone(r.metrics), m))
	}
	r.trainer.Observe(loss)
	m.LearningRate = r.trainer.State.LearningRate // that of the next step
	return r.addMetric(m)
}

// recent is the mean of the last training losses, NaN before there are enough.
func recent(rows []report.Metric) float64 {
	const last = 3
	if len(rows) < last {
		return math.NaN()
	}
	total := 0.0
	for _, m := range rows[len(rows)-last:] {
		total += m.TrainLoss / last
	}
	return total
}

// evaluations are the steps beside epochs and checkpoints at which losses are measured.
func (c *Config) evaluations() ([]int, error) {
	if c.Evaluate == "" {
		return nil, nil
	}
	steps, err := probe.Schedule(c.Evaluate, max(c.Steps, 1))
	if err != nil {
		return nil, Usagef("-evaluate: %s", strings.TrimPrefix(err.Error(), "checkpoints "))
	}
	return steps, nil
}

// evaluate measures losses and accuracy at the present weights.
func (r *run) evaluate() (report.Metric, error) {
	t := r.trainer
	m := report.Metric{Step: t.State.Step, Epoch: t.Epoch(), LearningRate: t.State.LearningRate, Seconds: r.seconds()}
	var err error
	if m.TrainLoss, _, err = t.Model.Evaluate(r.data.Train, r.Eval); err != nil {
		return m, err
	}
	// The last update may have diverged: no minibatch follows it that would show.
	if !(m.TrainLoss <= r.LossBound) {
		return m, &train.DivergedError{Step: t.State.Step, Loss: m.TrainLoss}
	}
	m.TestLoss, m.TestAccuracy, err = t.Model.Evaluate(r.data.Test, r.Eval)
	return m, err
}

// addMetric writes metrics.csv with one more row.
func (r *run) addMetric(m report.Metric) error {
	r.metrics = append(r.metrics, m)
	r.describeMetric(m)
	if err := r.events.metric(m); err != nil {
		return err
	}
	return atomicfile.Write(r.dir.MetricsPath(), func(w io.Writer) error { return report.WriteMetrics(w, r.metrics) })
}
