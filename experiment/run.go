package experiment

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/tfevents"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// stateInterval is the time between two savings of the training state.
const stateInterval = time.Minute

// manyUnits is the number of units from which the eigenvalues of their Gram matrix take minutes.
const manyUnits = 4000

// ErrNoReport, as the cause of the end of a context, makes a run save its state and return, without a report of what was recorded:
// for a process that is about to be killed.
var ErrNoReport = errors.New("training state saved")

// randomDirections is the number of fixed random directions that gradients are projected onto.
const randomDirections = 2

// run is a run in progress.
type run struct {
	Config
	dir       Directory
	sum       string // of run.json
	data      *dataset.Dataset
	trainer   *train.Trainer
	from      *Start // nil for a run that begins anew, or goes on
	schedule  []int
	evaluated []int // steps, beside epochs and checkpoints
	units     unitSet
	curvature curvaturePlan
	state     state
	metrics   []report.Metric
	norms     []stepNorms
	losses    lossLog
	events    eventLog
	diverged  *train.DivergedError // of this process
	started   time.Time
	saved     time.Time
	// savedSeconds is how long training had taken when it was saved last: what the report says must be what the state says.
	savedSeconds float64
	observer     Observer
}

// Run trains, records, analyses and writes the run directory dir (the default name under runs/ if empty). An existing dir is
// an [*ExistsError] unless force is set. When ctx ends, the run finishes its step, writes what it has, and returns its report
// with the context's error (without a report if the cause is [ErrNoReport]); after a divergence it does the same with a
// [*train.DivergedError]. Where it returns a directory and no report, the run failed while working, and [Resume] can continue it.
func Run(ctx context.Context, c Config, dir string, force bool, o Observer) (*report.Report, Directory, error) {
	ghost := c.Ghost
	spec, err := c.Resolve()
	if err != nil {
		return nil, "", err
	}
	if c.Ghost != ghost {
		o.notice("-ghost %d: minibatches have %d samples, and so have ghost batches", ghost, c.Batch)
	}
	if dir == "" {
		dir = "runs/" + c.Name()
	}
	dir = filepath.Clean(dir)
	place, err := claim(dir, force)
	if err != nil {
		return nil, "", err
	}
	defer place.release()
	data, from, err := c.OpenData(spec)
	if err != nil {
		return nil, "", err
	}
	r, err := prepare(c, spec, data, o)
	if err == nil && from != nil {
		r.from, err = from, from.put(r.trainer)
	}
	if err != nil {
		return nil, "", err
	}
	if data.Notice != "" {
		o.notice("%s", data.Notice)
	}
	d, lock, err := place.create(r.record(spec), o)
	if err != nil {
		return nil, "", err
	}
	defer lock.Close()
	record, err := d.readRecord()
	if err != nil {
		return nil, "", err
	}
	r.dir, r.sum = d, record.sum
	rep, err := r.finish(ctx)
	return rep, r.dir, err
}

// prepare builds everything that can fail before anything is written.
func prepare(c Config, spec train.Spec, data *dataset.Dataset, o Observer) (*run, error) {
	units, need, err := c.fit(spec, data)
	if err != nil {
		return nil, err
	}
	if err := c.machine().Use(); err != nil {
		return nil, err
	}
	model, err := train.NewModel(spec, data.Shape[:], data.Classes, c.Seed)
	if err != nil {
		return nil, err
	}
	trainer, err := train.NewTrainer(model, data.Train, train.Settings{
		Alpha: c.Alpha, Method: c.method(), Batch: c.Batch, Pairing: c.pairing(), LearningRate: c.LearningRate,
		Optimizer: train.OptimizerSettings{Name: c.Optimizer, Epsilon: c.AdamEpsilon, Momentum: c.Momentum, WeightDecay: c.WeightDecay},
		Seed:      c.Seed, LStar: c.LStar, LStop: c.LStop, LossBound: c.LossBound, Norms: c.Norms,
	})
	if err != nil {
		return nil, err
	}
	schedule, err := probe.Schedule(c.Checkpoints, c.Steps)
	if err != nil {
		return nil, err
	}
	if c.Units > units.n() {
		o.notice("-units %d: the training set has %s, all are recorded", c.Units, units.all())
	}
	if units.n() > manyUnits {
		o.notice("-units %d: the analysis of a checkpoint takes time that grows as the third power of that", units.n())
	}
	if spec.Convolutional() && c.Batch%c.Ghost != 0 {
		o.notice("-batch %d: every minibatch ends in a ghost batch of %d samples, the others have %d", c.Batch, c.Batch%c.Ghost, c.Ghost)
	}
	r := &run{
		Config: c, data: data, trainer: trainer, schedule: schedule, units: units, state: state{Recorded: -1}, observer: o,
	}
	if r.evaluated, err = c.evaluations(); err != nil {
		return nil, err
	}
	if err := r.planCurvature(need); err != nil {
		return nil, err
	}
	r.describe(spec, need)
	return r, nil
}

// planCurvature chooses what is recorded of the curvature, given the memory that everything else takes.
func (r *run) planCurvature(need float64) (err error) {
	if r.Curvature == CurvatureOff || r.Record == RecordNone {
		return nil
	}
	b := curvatureBudget{kind: r.Curvature, units: r.units, model: r.trainer.Model, room: float64(r.Memory) - need}
	b.affords = trainingAffords(r.samplesRead(), len(r.schedule), b)
	r.curvature, err = b.plan()
	switch {
	case err != nil || r.curvature.units > 0:
	case b.bytes(2) <= b.room:
		r.observer.notice("-units %d: too few for a curvature in little time, and none is recorded; with two or more -curvature sampled records one", r.units.n())
	default:
		r.observer.notice("-memory %s: leaves no room for the curvature, which is not recorded", formatBytes(float64(r.Memory)))
	}
	return err
}

func (r *run) record(spec train.Spec) runRecord {
	record := runRecord{
		Schema: recordSchema, Checksummed: true, Config: r.Config, Spec: spec.Text, Parameters: r.trainer.Model.Parameters(),
		Data: dataRecord{
			Name: r.data.Name, Source: r.data.Source, Checksum: r.data.Checksum(), Train: r.data.Train.N(), Test: r.data.Test.N(),
			Unofficial: r.data.Unofficial,
		},
		BLAS: gemm.Name(), Workers: gemm.Workers(), Version: Version, Go: runtime.Version(),
	}
	if r.from != nil {
		seed := r.from.dataSeed(r.Seed)
		record.Start, record.Data.Seed = r.from.weights, &seed
	}
	return record
}

// finish trains to the end and writes the report, also after an interruption or a divergence.
func (r *run) finish(ctx context.Context) (*report.Report, error) {
	if r.TensorBoard {
		r.events.dir = r.dir.EventsPath()
	}
	if r.state.Stopped == "" {
		if err := r.train(ctx); err != nil {
			return nil, err
		}
	}
	if errors.Is(context.Cause(ctx), ErrNoReport) {
		return nil, context.Cause(ctx)
	}
	analysing := ctx
	if ctx.Err() != nil {
		r.observer.notice("interrupted at step %d: writing a report of what was recorded; a second interrupt exits at once", r.trainer.State.Step)
		analysing = context.WithoutCancel(ctx)
	}
	written, err := r.dir.records()
	if err != nil {
		return nil, err
	}
	files, err := written.files(r.dir, nil, r.trainer.State.Step)
	if err != nil {
		return nil, err
	}
	rep, figures, err := assemble(analysing, r.dir, written, files, r.stopped(), r.observer)
	if err != nil {
		return nil, err
	}
	if err := publish(r.dir, rep, figures, Drawing{}); err != nil {
		return nil, err
	}
	if err := r.events.findings(rep); err != nil {
		return nil, err
	}
	switch {
	case rep.Training.Stopped == report.StoppedInterrupted:
		return rep, context.Cause(ctx)
	case r.diverged != nil:
		return rep, r.diverged
	}
	return rep, stoppedError(rep)
}

// stoppedError is the error of a run that diverged earlier.
func stoppedError(rep *report.Report) error {
	if rep.Training.Stopped == report.StoppedDiverged {
		return fmt.Errorf("training diverged at step %d", rep.Training.Steps)
	}
	return nil
}

func (r *run) stopped() stopped {
	s := stopped{reason: r.state.Stopped, steps: r.trainer.State.Step, convergence: r.trainer.State.ConvergenceTime, seconds: r.savedSeconds}
	if s.reason == "" {
		s.reason = report.StoppedInterrupted
	}
	return s
}

// train steps until the run is over or ctx ends. A step that is a checkpoint is recorded before the next one; the state that
// is saved says which checkpoint was completed last, so a run killed while recording records again.
func (r *run) train(ctx context.Context) error {
	r.started, r.saved = time.Now(), time.Now()
	r.losses.path = r.dir.LossesPath()
	for {
		over := r.over()
		if r.checkpointDue(over) {
			if err := r.losses.flush(); err != nil { // what follows takes a while
				return err
			}
			// A kill while much is recorded must not cost the steps before.
			if time.Since(r.saved) > stateInterval/10 {
				if err := r.save(); err != nil {
					return err
				}
			}
			if err := r.recordCheckpoint(ctx, over); err != nil {
				return r.stop(ctx, err)
			}
		}
		if over != "" {
			r.state.Stopped = over
			return r.save()
		}
		if ctx.Err() != nil {
			return r.save()
		}
		if err := r.step(); err != nil {
			return r.stop(ctx, err)
		}
	}
}

// stop lets a divergence and an interruption pass, with the state saved.
func (r *run) stop(ctx context.Context, err error) error {
	switch {
	case errors.As(err, &r.diverged):
		r.state.Stopped = report.StoppedDiverged
	case ctx.Err() == nil || !errors.Is(err, ctx.Err()):
		return err
	}
	return r.save()
}

// over is the reason why training is over, or empty.
func (r *run) over() string {
	switch {
	case r.UntilConverged && r.trainer.State.ConvergenceTime > 0:
		return report.StoppedConverged
	case r.trainer.State.Step >= r.Steps:
		return report.StoppedMaxSteps
	}
	return ""
}

func (r *run) step() error {
	total := r.Steps
	if r.UntilConverged {
		total = 0 // nobody knows, and the bound says nothing
	}
	r.observer.progress("training", r.trainer.State.Step, total)
	if err := r.trainer.Step(); err != nil {
		return err
	}
	if err := r.tellLoss(r.trainer.State.Step - 1); err != nil {
		return err
	}
	if r.Norms {
		n := stepNorms{r.trainer.State.Step - 1, r.trainer.Norms()}
		r.norms = append(r.norms, n)
		if err := r.events.norms(n); err != nil {
			return err
		}
	}
	if epoch := r.trainer.EpochEnd(); epoch || slices.Contains(r.evaluated, r.trainer.State.Step) {
		if err := r.look(epoch); err != nil {
			return err
		}
	}
	if time.Since(r.saved) > stateInterval {
		return r.save()
	}
	return nil
}

// tellLoss tells everyone the loss of the last minibatch, of the update that follows so many.
func (r *run) tellLoss(step int) error {
	if r.observer.Loss != nil {
		r.observer.Loss(r.trainer.Loss)
	}
	if err := r.losses.add(step, r.trainer.Loss, r.seconds()); err != nil {
		return err
	}
	return r.events.write(step, tfevents.Scalar{Tag: "train/minibatch_loss", Value: r.trainer.Loss})
}

func (r *run) seconds() float64 {
	if r.started.IsZero() {
		return r.state.Seconds
	}
	return r.state.Seconds + time.Since(r.started).Seconds()
}

// save writes the norms and losses so far, and the training state.
func (r *run) save() error {
	s := r.state
	s.Seconds = r.seconds()
	if r.sum != "" { // else the run is of an earlier version, and stays so
		s.Run, s.Rows, s.Metrics = r.sum, len(r.metrics), report.MetricsChecksum(r.metrics)
	}
	if r.Norms {
		if err := r.dir.writeNorms(r.norms); err != nil {
			return err
		}
		s.Norms = normsChecksum(r.norms)
	}
	if err := r.losses.flush(); err != nil { // before the state, which knows no later step
		return err
	}
	r.saved, r.savedSeconds = time.Now(), s.Seconds
	return r.dir.save(s, r.trainer)
}
