package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/experiment/paper"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

type reproduceOptions struct {
	executorOptions
	model, scale, data, out string
	seeds, resamples        int
	estimate, collect, json bool
}

func reproduceCommand() command {
	return command{
		name: "reproduce", args: strings.Join(paper.Experiments(), "|"), operands: [][]string{paper.Experiments()},
		summary: "repeats the paper's tables and figures, or an experiment beyond them, and prints the results beside the published values",
		detail: `Carries out the runs that a table or figure of the paper needs, and prints means and standard deviations over seeds, the published
values, and the difference with its interval. The same command again does what is missing, so it may be interrupted at any time;
-seeds 20 adds seeds. Tables and figures of one model and scale share their runs, in DIR/MODEL-SCALE. That directory also gets
EXPERIMENT.json, EXPERIMENT.csv and, for a figure, EXPERIMENT.svg. The settings are those of the paper: experiment/paper/paper.json.

equal-noise is not in the paper. It trains with noise enhancement at (alpha, B) and with SGD at B / f, where the covariance of the
noise is the same and its kurtosis is not, and shows what of the training depends on the difference.

The scale paper has the paper's data, batch sizes and ten seeds, and takes days. quick and smoke have fewer seeds, batch sizes and
steps, train f1 on the embedded images, and say so in everything they write; smoke tests the machinery in minutes.

With -executor slurm the runs go to Slurm as one array job, and the same command again prints what is done: see noiseprobe help sweep.
`,
		example: `noiseprobe reproduce table2 -model f1 -scale smoke
noiseprobe reproduce fig3 -model f1 -scale quick -estimate
noiseprobe reproduce table2 -model f1 -scale smoke -collect -json`,
		endsWell: true,
		define: func(f *flags) func(*session, []string) error {
			o := &reproduceOptions{scale: paper.PaperScale}
			o.define(f)
			return func(s *session, args []string) error {
				if len(args) != 1 {
					return usageError("reproduce: takes one of %s", strings.Join(paper.Experiments(), ", "))
				}
				return o.run(s, args[0])
			}
		},
	}
}

func (o *reproduceOptions) define(f *flags) {
	f.group("What is reproduced")
	f.StringVar(&o.model, "model", "", "`NAME` model: f1, c1 or c2 (default all that the experiment has)")
	f.values["model"] = []string{"f1", "c1", "c2"}
	f.choice(&o.scale, "scale", "`SCALE` scale", paper.Scales()...)
	f.IntVar(&o.seeds, "seeds", 0, "`K` number of seeds (default that of the scale)")
	f.data(&o.data, "`DATA` data set in place of that of the scale, as for run")
	f.IntVar(&o.resamples, "resamples", 0, resamplesUsage+" (default that of run)")
	o.executorOptions.define(f)
	f.group("Output")
	f.StringVar(&o.out, "out", "reproduced", "`DIR` directory for the directories of each model and scale")
	f.BoolVar(&o.estimate, "estimate", false, "print how long it would take, and run nothing")
	f.BoolVar(&o.collect, "collect", false, "print the results that there are, and run nothing")
	f.BoolVar(&o.json, "json", false, "print the results as JSON instead of tables")
}

func (o *reproduceOptions) run(s *session, name string) error {
	plans, err := o.plans(name)
	if err != nil {
		return err
	}
	results, failed := o.all(s, plans)
	if o.estimate || failed != nil && results == nil {
		return failed
	}
	if err := o.print(s, results); err != nil {
		return err
	}
	var some *sweep.FailedRunsError
	if errors.As(failed, &some) {
		return &hintError{failed, "the same command tries them again"}
	}
	return failed
}

// all carries out the plans up to the first that cannot be; runs that fail do not stop the others.
func (o *reproduceOptions) all(s *session, plans []*paper.Plan) (results []*paper.Result, failed error) {
	for _, p := range plans {
		r, err := o.one(s, p)
		if r != nil {
			results = append(results, r)
		}
		if err != nil {
			failed = err
		}
		var some *sweep.FailedRunsError
		if err != nil && !errors.As(err, &some) {
			break
		}
	}
	return results, failed
}

func (o *reproduceOptions) plans(name string) ([]*paper.Plan, error) {
	models := paper.Models(name)
	if o.model != "" || models == nil {
		models = []string{o.model}
	}
	var plans []*paper.Plan
	for _, model := range models {
		p, err := paper.NewPlan(paper.Choice{Experiment: name, Model: model, Scale: o.scale}, o.seeds, o.given())
		if err != nil {
			return nil, fmt.Errorf("reproduce: %w", err)
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// given are the flags of run that take the place of the scale's.
func (o *reproduceOptions) given() map[string]string {
	given := map[string]string{}
	if o.data != "" {
		given["data"] = o.data
	}
	if o.flags.given("resamples") {
		given["resamples"] = strconv.Itoa(o.resamples)
	}
	return given
}

// one carries out a plan as far as the flags ask for.
func (o *reproduceOptions) one(s *session, p *paper.Plan) (*paper.Result, error) {
	dir := filepath.Join(o.out, p.Name())
	if o.collect {
		return p.Collect(dir)
	}
	how := sweep.Settings{Dir: dir, Flags: settings{}}
	if err := o.apply(&how); err != nil {
		return nil, err
	}
	need, err := p.Estimate(s.ctx, dir, o.workers)
	if err != nil {
		return nil, err
	}
	s.say("%s", need.Describe(p))
	if o.estimate {
		return nil, nil
	}
	progress := newProgress(s)
	r, summary, err := p.Run(s.ctx, how, progress.sweep())
	progress.clear()
	if errors.Is(err, errInterrupted) {
		return nil, &hintError{err, "the same command continues"}
	}
	if r == nil {
		return nil, withSlurmHint(err)
	}
	s.say("wrote %s", dir)
	sayQueued(s, summary)
	return r, err
}

func (o *reproduceOptions) print(s *session, results []*paper.Result) error {
	if o.json {
		return s.printJSON(struct {
			Schema  string          `json:"schema"`
			Results []*paper.Result `json:"results"`
		}{"noiseprobe/reproduce/1", results})
	}
	for i, r := range results {
		if i > 0 {
			fmt.Fprintln(s.stdout)
		}
		if err := r.Text(s.stdout); err != nil {
			return err
		}
	}
	return nil
}
