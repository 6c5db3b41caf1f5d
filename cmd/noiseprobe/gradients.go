package main

import (
	"errors"
	"math"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/experiment"
)

// gradientOptions are the flags of every command that analyses gradients of no run.
type gradientOptions struct {
	experiment.GradientSettings
	json  bool
	flags *flags
}

func newGradientOptions() gradientOptions {
	return gradientOptions{GradientSettings: experiment.DefaultGradientSettings()}
}

func (o *gradientOptions) define(f *flags) {
	o.flags = f
	f.Float64Var(&o.Alpha, "alpha", o.Alpha, "`A` noise enhancement, any finite number; without it the factor is measured for a grid of alpha (with -batch, alpha is then 1: plain SGD)")
	f.IntVar(&o.Batch, "batch", 0, "`B` minibatch size (default 500, or n if that is less)")
	f.Uint64Var(&o.Seed, "seed", o.Seed, "`SEED` seed of resampling and of random directions")
	f.Var((*eigenvalueCount)(&o.Eigenvalues), "eigenvalues", "`K` number of leading eigenvalues to print, or all")
	f.IntVar(&o.Resamples, "resamples", o.Resamples, resamplesUsage)
}

const resamplesUsage = "`K` number of resampled minibatches of each kind; the numbers of pairs and of Gaussian samples for comparison are proportional to it"

// check refuses what would be taken for a flag that was not given.
func (o *gradientOptions) check() error {
	switch {
	case o.flags.given("alpha") && math.IsNaN(o.Alpha):
		return usageError("-alpha NaN: must be a finite number")
	case o.flags.given("batch") && o.Batch < 1:
		return usageError("-batch %d: must be at least 1", o.Batch)
	case o.Resamples == 0:
		return usageError("-resamples 0: must be at least %d", shape.FewestResamples)
	}
	return nil
}

// output declares the flags about a report that is written to a directory.
func (o *gradientOptions) output(f *flags) {
	f.StringVar(&o.Out, "out", "", "`DIR` directory to write: report.json, report.html, and the figures with the numbers behind them")
	f.BoolVar(&o.Force, "force", false, "replace what exists")
	f.BoolVar(&o.json, "json", false, "print the result as JSON instead of text")
}

// print prints the report of gradients of no run: with -json one checkpoint alone, unless there are several or the report is written.
func (o *gradientOptions) print(s *session, rep *report.Report) error {
	switch {
	case o.json && o.Out == "" && len(rep.Checkpoints) == 1:
		return report.WriteGradients(s.stdout, rep.Analysis, rep.Checkpoints[0])
	case o.json:
		return o.wrote(s, report.Write(s.stdout, rep))
	case o.Out == "":
		return report.TextAlone(s.stdout, rep, s.width)
	}
	return o.wrote(s, report.Text(s.stdout, rep, s.width))
}

// wrote says where the report is.
func (o *gradientOptions) wrote(s *session, err error) error {
	if err == nil && o.Out != "" {
		s.say("wrote %s", experiment.Directory(o.Out).HTMLPath())
	}
	return err
}

// refused adds the way out to an error about what exists.
func refused(err error) error {
	var exists *experiment.ExistsError
	if errors.As(err, &exists) && exists.Foreign {
		return &hintError{err, "it is no analysis, which -force would replace: -out DIR writes elsewhere"}
	}
	if errors.As(err, &exists) {
		return &hintError{err, "-force replaces it"}
	}
	return err
}

// eigenvalueCount is a flag value: a number, or "all", which is 0.
type eigenvalueCount int

func (c *eigenvalueCount) String() string {
	if *c == 0 {
		return "all"
	}
	return strconv.Itoa(int(*c))
}

func (c *eigenvalueCount) Set(text string) error {
	if text == "all" {
		*c = 0
		return nil
	}
	k, err := strconv.Atoi(text)
	if err != nil || k < 1 {
		return usageError("%q is neither a positive number nor all", text)
	}
	*c = eigenvalueCount(k)
	return nil
}
