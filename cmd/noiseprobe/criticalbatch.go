package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/experiment/branch"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/internal/shell"
)

// criticalBatchName begins the names of the files of -out.
const criticalBatchName = "critical-batch"

type criticalBatchOptions struct {
	branch.Settings
	executorOptions
	resultDir
	batches, alphas, runs string
}

func criticalBatchCommand() command {
	return command{
		name: criticalBatchName, args: "DIR", one: "run directory",
		summary: "measures the critical batch size at a checkpoint of a run, by runs that go on from there at several batch sizes",
		detail: `DIR is a run directory. From one of its checkpoints branches go on, each with its own batch size and seed, all from the same weights and
optimizer's state, until they have passed one training loss. The steps S and the samples E = B S in which they reach it, by the monotone
trend of the loss and not at its first dip, are fitted by S = S_min + E_min / B. The critical batch size is E_min / S_min: there training
takes twice the fewest steps and twice the fewest samples (McCandlish et al. 2018). Its interval is over seeds. Where it has an open end, or
the estimate lies outside of the tested batch sizes, there is none in this range, which is then the answer.

The loss is -target-loss, or what a branch with the settings of the run comes to in three quarters of -steps updates. The answer depends on how the learning
rate goes with B: -lr-rule linear (by default with sgd), sqrt (with adam) or none, from that of the checkpoint. With noise enhancement it goes with
B / f, so that it is that of plain SGD with the same noise.

Beside it stand what cheaper numbers of the run say, its proxies: the noise scale, the same in the optimizer's metric, that with the
curvature, and that of norms.csv. With several values of -alpha it is said whether noise enhancement moves the critical batch size by f.

The branches are the runs of a sweep in -runs: the same command continues it, more seeds and batch sizes extend it, and Slurm can carry it
out.
`,
		example: `noiseprobe run -model '[32],[16]' -data synthetic -lr 0.003 -batch 50 -alpha 1 -steps 30 -out start
noiseprobe critical-batch start -batch 16,64,256 -steps 20
noiseprobe critical-batch start -batch 16,64,256,1024 -steps 20 -out critical-batch
noiseprobe critical-batch start -batch 16,64,256,1024 -steps 20 -json`,
		endsWell: true,
		define: func(f *flags) func(*session, []string) error {
			o := &criticalBatchOptions{}
			o.define(f)
			return o.run
		},
	}
}

func (o *criticalBatchOptions) define(f *flags) {
	f.group("The branches")
	f.IntVar(&o.Step, "checkpoint", -1, "`STEP` checkpoint to go on from (default the last)")
	f.StringVar(&o.batches, "batch", "", "`B,...` batch sizes, 3 or more, as a list or range as for sweep")
	f.StringVar(&o.alphas, "alpha", "1", "`A,...` noise enhancement of the branches; with several values, of which one is 1, their critical batch sizes are compared")
	f.IntVar(&o.Seeds, "seeds", 3, "`K` number of seeds of each batch size")
	f.StringVar(&o.Rule, "lr-rule", "", "`RULE` how the learning rate goes with the batch size: none, sqrt or linear (default linear with sgd, else sqrt)")
	f.values["lr-rule"] = branch.Rules()
	f.Float64Var(&o.TargetLoss, "target-loss", math.NaN(), "`LOSS` training loss to reach (default what a branch with the settings of the run comes to)")
	f.IntVar(&o.Steps, "steps", 200, "`S` number of updates of that branch, which sets the loss; no branch takes more than 1.5 times as many, or as many samples, times f")
	f.IntVar(&o.Eval, "eval", 2000, "`SAMPLES` largest number of samples for a loss, 0 for all")
	f.StringVar(&o.runs, "runs", "", "`DIR` directory of the branches, to create or to continue (default sweeps/<run>-critical-batch-<step>)")
	o.executorOptions.define(f)
	f.group("Output")
	o.resultDir.define(f)
}

func (o *criticalBatchOptions) run(s *session, args []string) error {
	o.Dir = args[0]
	plan, err := o.plan()
	if err != nil {
		return err
	}
	release, err := o.claim()
	if err != nil {
		return err
	}
	defer release()
	how := sweep.Settings{Dir: o.runs, Flags: settings{}}
	if err := o.apply(&how); err != nil {
		return err
	}
	progress := newProgress(s)
	r, summary, err := plan.Run(s.ctx, how, progress.sweep())
	progress.clear()
	if r == nil || err == nil && summary.Queued() > 0 {
		return o.unfinished(s, summary, err)
	}
	s.say("the branches are in %s", o.runs)
	if printed := o.print(s, criticalBatchName, r, criticalBatchDocument(r), []figure.Figure{criticalBatchFigure(r)}); printed != nil {
		return printed
	}
	if err != nil {
		return &hintError{err, "the same command tries them again"}
	}
	return nil
}

// plan reads the lists and finds the directory.
func (o *criticalBatchOptions) plan() (*branch.Plan, error) {
	if o.batches == "" {
		return nil, usageError("critical-batch: needs -batch, at least 3 batch sizes such as 64,128,256")
	}
	grid, err := sweep.ParseGrid(settings{}, map[string]string{"batch": o.batches, "alpha": o.alphas})
	if err != nil {
		return nil, err
	}
	if o.flags.given("target-loss") && math.IsNaN(o.TargetLoss) {
		return nil, usageError("-target-loss NaN: must be a positive number")
	}
	for _, a := range grid {
		for _, text := range a.Values {
			v, err := strconv.ParseFloat(text, 64)
			switch {
			case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
				return nil, usageError("-%s %s: must be a finite number", a.Flag, text)
			case a.Flag == "alpha":
				o.Alphas = append(o.Alphas, v)
			case v != math.Trunc(v) || math.Abs(v) > 1<<53:
				return nil, usageError("-batch %s: must be a whole number, and at most 2^53", text)
			default:
				o.Batches = append(o.Batches, int(v))
			}
		}
	}
	plan, err := branch.NewPlan(o.Settings)
	if err == nil && o.runs == "" {
		o.runs = plan.DefaultDir()
	}
	return plan, err
}

// unfinished says why there is no result yet.
func (o *criticalBatchOptions) unfinished(s *session, summary *sweep.Summary, err error) error {
	switch {
	case (err == nil || errors.Is(err, branch.ErrBusy)) && summary.Queued() > 0:
		sayQueued(s, summary)
		return nil
	case errors.Is(err, errInterrupted):
		return &hintError{err, "the same command continues"}
	case errors.Is(err, sweep.ErrOtherSettings):
		return &hintError{fmt.Errorf("%s: %w", o.runs, err), "-runs DIR puts branches with other settings elsewhere"}
	}
	var failed *sweep.FailedRunsError
	if errors.As(err, &failed) {
		return &hintError{fmt.Errorf("%s: %w", o.runs, err), "noiseprobe sweep status " + shell.Quote(shell.Operand(o.runs)) + " has the reasons, and the same command tries again"}
	}
	return withSlurmHint(err)
}
