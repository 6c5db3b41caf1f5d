package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/shell"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train"
)

type runOptions struct {
	experiment.Config
	out, resume          string
	force, verbose, json bool
	flags                *flags
}

func runCommand() command {
	return command{
		name: "run", none: "no files",
		summary: "trains with noise enhancement, records gradients, analyses them, and writes a run directory",
		detail: `Trains a network with the gradient alpha*grad L_B + (1-alpha)*grad L_B', where B and B' are two minibatches. alpha is any finite
number; it multiplies the covariance of the gradient noise by f = alpha^2 + (1-alpha)^2. (-noise has two other ways to the same f,
which docs/related.md compares.) Per-sample gradients are recorded at checkpoints, and at the last one the noise of real minibatches
is measured as well. A summary is printed; the run directory holds the report, as report.html and as report.json, and everything that
it was made from.

A model is f1, c1 or c2 of the paper, or a list of layers: [h] is a dense layer of h units, [c,kh,kw,stride] a convolution to c
channels with ghost batch normalisation, and 7x[500] stands for seven layers. Every stack of convolutions ends in 2x2 max pooling.
With ghost batch normalisation a gradient belongs to a ghost batch and not to a sample (-unit); docs/ghost.md says what that changes.

A run that was interrupted or killed continues with -resume. It keeps its settings: others are refused on the command line, and
ignored elsewhere.
`,
		example: `noiseprobe run -model f1 -alpha 1.5
noiseprobe run -model '[64],[32]' -alpha 3 -batch 100 -steps 200 -data embedded -out small
noiseprobe run -model c1 -alpha 2 -batch 300 -steps 20 -units 24 -draws 8 -data synthetic
noiseprobe run -resume small`,
		endsWell: true,
		define: func(f *flags) func(*session, []string) error {
			o := &runOptions{Config: experiment.DefaultConfig()}
			o.define(f)
			return func(s *session, _ []string) error {
				o.fillIn()
				return o.run(s)
			}
		},
	}
}

func (o *runOptions) define(f *flags) {
	o.flags = f
	o.defineTraining(f)
	o.defineEnd(f)
	o.defineRecord(f)
	f.group("The machine")
	f.machine(&o.Memory, &o.BLAS, &o.Workers)
	f.group("The run directory and output")
	f.StringVar(&o.out, "out", "", "`DIR` run directory to create (default runs/<model, alpha, batch, seed>)")
	f.BoolVar(&o.force, "force", false, "replace an earlier run in the directory")
	f.StringVar(&o.resume, "resume", "", "`DIR` run directory to continue, with its own settings")
	f.BoolVar(&o.verbose, "v", false, "print more on standard error: model, memory, steps to record at, losses")
	f.BoolVar(&o.json, "json", false, "print the report as JSON instead of text")
}

func (o *runOptions) defineTraining(f *flags) {
	f.group("What is trained")
	f.model(&o.Model, "")
	f.ghost(&o.Ghost)
	f.data(&o.Data, "`DATA` data set: auto, synthetic, embedded, fashion-mnist, cifar-10, cifar-100, or a directory")
	f.Float64Var(&o.Alpha, "alpha", o.Alpha, "`A` noise enhancement; 1 is plain SGD")
	f.IntVar(&o.Batch, "batch", o.Batch, "`B` minibatch size")
	f.choice(&o.Pairing, "pairing", "`HOW` how the minibatches B and B' are drawn", string(noise.Independent), string(noise.Disjoint), string(noise.Replacement))
	f.StringVar(&o.Noise, "noise", o.Noise, "`METHOD` what alpha does: ne (mixes two minibatches), large-noise (adds the difference of two to a third) or pnm (mixes the momenta of even and odd steps, for sgd)")
	f.values["noise"] = noise.MethodNames()
	f.choice(&o.Optimizer, "optimizer", "`NAME` optimizer", train.OptimizerNames()...)
	f.Float64Var(&o.LearningRate, "lr", o.LearningRate, "`ETA` learning rate")
	f.Float64Var(&o.AdamEpsilon, "adam-eps", o.AdamEpsilon, "`EPS` Adam's epsilon, added after the bias correction")
	f.Float64Var(&o.Momentum, "momentum", o.Momentum, "`MU` momentum of sgd: b = MU b + g, w -= ETA b")
	f.Float64Var(&o.WeightDecay, "weight-decay", o.WeightDecay, "`LAMBDA` weight decay of adamw: w -= ETA LAMBDA w")
	f.StringVar(&o.From, "from", o.From, "`CHECKPOINT` directory of a checkpoint of another run, such as runs/x/checkpoints/000100, to begin with: its weights, and its optimizer's state where -optimizer is the same")
	f.Uint64Var(&o.Seed, "seed", o.Seed, "`SEED` seed of all randomness")
}

func (o *runOptions) defineEnd(f *flags) {
	f.group("How long it is trained")
	f.IntVar(&o.Steps, "steps", o.Steps, "`S` number of updates; with -until-converged, the largest number")
	f.BoolVar(&o.UntilConverged, "until-converged", o.UntilConverged, "train until the training loss is below L**; -steps is then 1000000 unless given")
	f.Float64Var(&o.LStar, "l-star", o.LStar, "`LOSS` training loss L* at which the learning rate is halved (default: the paper's for the model)")
	f.Float64Var(&o.LStop, "l-stop", o.LStop, "`LOSS` training loss L** below which training has converged (default: the paper's for the model)")
	f.StringVar(&o.LossMeasure, "loss-measure", o.LossMeasure, "`WHAT` training loss to compare with L* and L**: epoch (mean over the minibatches of an epoch), full (over the whole training set, at epochs and -evaluate) or recent (mean of the last three of these)")
	f.values["loss-measure"] = []string{train.EpochMean, train.Full, train.Recent}
	f.Float64Var(&o.LossBound, "loss-bound", o.LossBound, "`LOSS` minibatch loss above which training counts as diverged")
}

func (o *runOptions) defineRecord(f *flags) {
	f.group("What is recorded")
	f.StringVar(&o.Checkpoints, "checkpoints", o.Checkpoints, "`STEPS` steps to record at: log:K (0 and log-spaced steps, K in all), every:K, or a list such as 0,10,100; the last step is always recorded")
	f.IntVar(&o.Units, "units", o.Units, fmt.Sprintf("`n` number of gradients to record at a checkpoint (default %d, with convolutions 64)", o.Units))
	f.unit(&o.Unit)
	f.StringVar(&o.Record, "record", o.Record, "`WHAT` what a checkpoint keeps of the gradients: factored, gram (second moments only) or none")
	f.values["record"] = []string{experiment.RecordFactored, experiment.RecordGram, experiment.RecordNone}
	f.curvature(&o.Curvature, " at each checkpoint")
	f.IntVar(&o.Draws, "draws", o.Draws, fmt.Sprintf("`M` number of pairs of real minibatches to draw at the last checkpoint, 0 for none (default %d, with convolutions 16)", o.Draws))
	f.IntVar(&o.Resamples, "resamples", o.Resamples, resamplesUsage)
	f.BoolVar(&o.Norms, "norms", o.Norms, "write norms.csv, a row a step, which noise-scale reads: squared norms of the gradient of the step and of that of B alone or, where their noise is about the same, of half of B; each batch size is that of the plain minibatch with the same noise")
	f.StringVar(&o.Evaluate, "evaluate", o.Evaluate, "`STEPS` more steps at which losses and accuracy are measured, as for -checkpoints; at checkpoints and at the ends of epochs they always are")
	f.BoolVar(&o.TensorBoard, "tensorboard", o.TensorBoard, "write files for TensorBoard to events/ in the run directory: losses, accuracy, learning rate and -norms as they are measured, and at the end the findings of each checkpoint")
	f.IntVar(&o.Eval, "eval", o.Eval, "`SAMPLES` largest number of samples for losses and accuracy, 0 for all (default 0, with convolutions 2000)")
}

// fillIn sets what was not given to what suits the rest.
func (o *runOptions) fillIn() {
	o.FillIn(o.flags.given)
	if o.UntilConverged && !o.flags.given("steps") {
		o.Steps = 1_000_000
	}
}

func (o *runOptions) run(s *session) error {
	progress := newProgress(s)
	observer := progress.observer()
	if o.verbose {
		observer.Detail = progress.notice
	}
	if o.flags.given("resume") {
		if err := o.onlyResume(); err != nil {
			return err
		}
		s.sayUnused(o.flags, "-resume continues a run with its own settings", besideResume...)
		rep, err := experiment.Resume(s.ctx, o.resume, o.resumeWorkers(), observer)
		progress.clear()
		return o.conclude(s, rep, o.resume, err)
	}
	if err := o.checkGiven(); err != nil {
		return err
	}
	rep, dir, err := experiment.Run(s.ctx, o.Config, o.out, o.force, observer)
	progress.clear()
	var exists *experiment.ExistsError
	if errors.As(err, &exists) && exists.Foreign {
		return &hintError{err, "it is no run, which -force would replace: -out DIR writes elsewhere"}
	}
	if errors.As(err, &exists) {
		return &hintError{err, fmt.Sprintf("-force replaces it, -out DIR writes elsewhere, -resume %s continues it", shell.Quote(exists.Dir))}
	}
	return o.conclude(s, rep, string(dir), err)
}

// besideResume are the flags that are no settings of a run.
var besideResume = []string{"resume", "workers", "json", "v", "config"}

// onlyResume refuses settings beside -resume: the run has its own.
func (o *runOptions) onlyResume() error {
	if name := o.flags.beside(besideResume...); name != "" {
		return usageError("-resume continues a run with its own settings: -%s cannot be given", name)
	}
	if o.Workers < 0 {
		return usageError("-workers %d: must not be negative", o.Workers)
	}
	if o.resume == "" {
		return usageError("-resume: needs the name of a run directory")
	}
	return nil
}

// resumeWorkers is the number of goroutines that was asked for, 0 for that of the run.
func (o *runOptions) resumeWorkers() int {
	switch {
	case !o.flags.given("workers"):
		return 0
	case o.Workers == 0:
		return runtime.GOMAXPROCS(0)
	}
	return o.Workers
}

// checkGiven refuses what would be taken for a flag that was not given.
func (o *runOptions) checkGiven() error {
	for name, value := range map[string]float64{"l-star": o.LStar, "l-stop": o.LStop} {
		if o.flags.given(name) && math.IsNaN(value) {
			return usageError("-%s NaN: must not be negative", name)
		}
	}
	return nil
}

// conclude prints the report, which an interrupted or diverged run has as well.
func (o *runOptions) conclude(s *session, rep *report.Report, dir string, err error) error {
	if rep == nil {
		if dir != "" && !o.flags.given("resume") {
			return &hintError{err, "noiseprobe run -resume " + shell.Quote(dir) + " continues the run"}
		}
		return err
	}
	if printed := printReport(s, rep, o.json); printed != nil {
		return printed
	}
	s.say("wrote %s", dir)
	if errors.Is(err, errInterrupted) {
		return &hintError{err, "noiseprobe run -resume " + shell.Quote(dir) + " continues the run"}
	}
	return err
}

func printReport(s *session, rep *report.Report, asJSON bool) error {
	if asJSON {
		return report.Write(s.stdout, rep)
	}
	return report.Text(s.stdout, rep, s.width)
}
