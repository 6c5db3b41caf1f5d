package experiment

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// checkpointDue reports whether the present step is a checkpoint that is not complete; the last step always is one.
func (r *run) checkpointDue(over string) bool {
	step := r.trainer.State.Step
	return r.state.Recorded < step && (over != "" || slices.Contains(r.schedule, step))
}

// recordCheckpoint writes the files of a checkpoint, its metrics row, and the state that says it is complete. Direct draws
// belong to the last checkpoint.
func (r *run) recordCheckpoint(ctx context.Context, over string) error {
	step := r.trainer.State.Step
	row, err := r.checkpointMetric()
	if err != nil {
		return err
	}
	at := func(name string) string { return r.dir.checkpoint(step, name) }
	if err := os.MkdirAll(filepath.Dir(at(weightsFile)), 0o777); err != nil {
		return err
	}
	model := r.trainer.Model
	if err := writeParams(at(weightsFile), weightsSchema, model.Params); err != nil {
		return err
	}
	if len(model.Running) > 0 {
		if err := writeParams(at(runningFile), runningSchema, model.Running); err != nil {
			return err
		}
	}
	begun := time.Now()
	if err := r.recordGradients(at); err != nil {
		return err
	}
	var full []float32
	known := new(train.Moments)
	if over != "" && r.Draws > 0 {
		if full, err = r.measureDraws(ctx, at(drawsFile), known); err != nil {
			return err
		}
	}
	if err := r.recordOptimizer(at(optimizerFile), full, known); err != nil {
		return err
	}
	r.started = r.started.Add(time.Since(begun)) // the time of training has none of this
	if row != nil {
		if err := r.addMetric(*row); err != nil {
			return err
		}
	}
	if r.sum != "" {
		files, err := r.dir.filesOf(step)
		if err != nil {
			return err
		}
		r.state.Files = append(r.state.Files, files...)
	}
	r.state.Recorded = step
	return r.save()
}

// checkpointMetric evaluates the present weights, or is nil where the end of an epoch has done it.
func (r *run) checkpointMetric() (*report.Metric, error) {
	if n := len(r.metrics); n > 0 && r.metrics[n-1].Step == r.trainer.State.Step {
		return nil, nil
	}
	m, err := r.evaluate()
	return &m, err
}

func (r *run) recordGradients(at func(name string) string) error {
	if r.Record == RecordNone {
		return nil
	}
	model, step := r.trainer.Model, r.trainer.State.Step
	var g *probe.Gradients
	var err error
	inFile := model.Ghost() > 0
	if inFile {
		g, err = r.units.recordTo(at(gradientsFile), model, r.data.Train, step)
	} else {
		g, err = r.units.recordUnits(model, r.data.Train, step)
	}
	if err != nil {
		return err
	}
	defer g.Close()
	if err := r.recordCurvature(at(curvatureFile), g); err != nil {
		return err
	}
	switch {
	case r.Record == RecordGram:
		return r.writeMoments(at(gradientsFile), g) // in the place of what they are computed from
	case inFile:
		return nil
	}
	return probe.WriteGradients(at(gradientsFile), g)
}

// recordCurvature writes second moments of the curvature where the gradients were recorded.
func (r *run) recordCurvature(path string, g *probe.Gradients) error {
	c, err := r.units.curvature(r.trainer.Model, r.data.Train, g, r.curvature, r.Seed, metricOf(r.Curvature, r.trainer.Model, stateOf(r.trainer)))
	if err != nil || c == nil {
		return err
	}
	return probe.WriteCurvature(path, c)
}

// writeMoments writes the second moments of gradients.
func (r *run) writeMoments(path string, g *probe.Gradients) error {
	units := g.Reduce(probe.RandomDirections(r.Seed, g.Parameters(), randomDirections))
	if err := g.Err(); err != nil {
		return err
	}
	return probe.WriteUnits(path, units)
}

// measureDraws draws real minibatches at the present weights, and returns the full gradient where there is one. The moments of all gradients, where an optimizer's state is to have
// them, are found on the way.
func (r *run) measureDraws(ctx context.Context, path string, moments *train.Moments) ([]float32, error) {
	model := r.trainer.Model
	plan := probe.Plan{Draws: r.Draws, Batch: r.Batch, Alpha: r.Alpha, Pairing: r.pairing(), Seed: r.Seed}
	if model.Ghost() == 0 {
		r.observer.detail("the norms of all gradients take two passes over %d samples, the %d direct pairs read %d", r.data.Train.N(), r.Draws, 4*r.Draws*r.Batch)
	}
	done := 0
	stop := func() error {
		r.observer.progress("direct draws", done, r.Draws)
		done++
		return ctx.Err()
	}
	source := train.Source{Model: model, Data: r.data.Train, Optimizer: r.trainer.Optimizer, LearningRate: r.trainer.State.LearningRate}
	if r.Record == RecordFactored && stateOf(r.trainer) != nil {
		source.Moments = moments
	}
	d, err := probe.Measure(source, plan, probe.RandomDirections(r.Seed, model.Parameters(), randomDirections), stop)
	if err != nil {
		return nil, err
	}
	step := r.trainer.State.Step
	d.Step = &step
	return d.FullGradient, probe.WriteDraws(path, d)
}
