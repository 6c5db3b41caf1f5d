package main

import (
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

func printGradients(s *session, g *report.Gradients, asJSON bool) error {
	if asJSON {
		return report.WriteGradients(s.stdout, g)
	}
	return report.TextGradients(s.stdout, g, widthOf(s.stdout))
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
