package main

import (
	"os"

	"github.com/noiseprobe/noiseprobe/experiment"
)

// analyzeOptions are the flags; all but -json are for gradients in files.
type analyzeOptions struct {
	gradientOptions
	files experiment.FileSettings
	step  int
}

func analyzeCommand() command {
	return command{
		name: "analyze", args: "DIR | FILE...",
		summary: "analyses a run directory again, after checking its checksums, or per-sample gradients in files",
		detail: `A DIR is a run directory. First all of its checksums are checked; then its checkpoints are analysed again with the settings of the run,
and the report is printed.

A FILE is .npy, .npz or .safetensors, with per-sample gradients from elsewhere in float16, bfloat16, float32 or float64. The first
axis of every array is the samples, and the other axes are flattened; every array is a layer. Files whose metadata name different
steps are checkpoints of one training; all others are layers of the same samples. Files may be larger than the memory, except for
compressed arrays in an .npz.

Some names have a meaning: NAME.a [n, in] and NAME.delta [n, out] are the factors of a layer's gradients delta a', with delta the
gradient of the bias; NAME.ids [n, T] and NAME.delta [n, T, d] are the rows of a table that a sample reads, and their deltas;
NAME.gram [n, n] are the inner products of the layer's gradients, not centred, from which all follows but what is about single
parameters or fixed directions; index [n] and loss [n] are the numbers and losses of the samples. noiseprobe.record of
pytorch/noiseprobe.py writes such files, with their metadata; a checkpoint's gradients.safetensors is one.

A FILE draws.safetensors, of noiseprobe.draws or a checkpoint, has the noise of real minibatches: beside the gradients of its step it
measures f and B_eff of the training that they come from. Without it the factor is a theorem about the recorded gradients.

Minibatches are resampled from the gradients, with replacement. Without -alpha and -batch, the factor of noise enhancement is measured
for a grid of alpha; with them, the noise of a minibatch is described as well. With -batch alone, alpha is 1: plain SGD.
`,
		example: `noiseprobe analyze runs/f1-alpha1.5-batch500-seed1
noiseprobe export runs/f1-alpha1.5-batch500-seed1 -layer output -o output.npy
noiseprobe analyze output.npy
noiseprobe analyze output.npy -alpha 1.5 -batch 100 -population 60000 -eigenvalues all -json
noiseprobe analyze output.npy -alpha 1.5 -out analyses/output`,
		define: func(f *flags) func(*session, []string) error {
			o := &analyzeOptions{gradientOptions: newGradientOptions(), files: experiment.DefaultFileSettings()}
			f.group("The analysis")
			o.define(f)
			o.describe(f)
			f.group("The machine")
			f.memory(&o.files.Memory)
			f.group("Output")
			f.StringVar(&o.files.Diagonal, "diagonal", "", "`FILE` .npy file to write: the variance of every parameter's gradient, P float64")
			o.output(f)
			return o.run
		},
	}
}

// describe declares what goes over the metadata of the files.
func (o *analyzeOptions) describe(f *flags) {
	f.group("What the files hold, where they do not say")
	f.IntVar(&o.files.Population, "population", 0, "`N` number of units that these were taken from, for finite-population corrections")
	f.IntVar(&o.step, "step", 0, "`S` number of updates before the gradients, which are then all of one checkpoint")
	f.StringVar(&o.files.Unit, "unit", "", "`UNIT` what one gradient belongs to: sample or ghost-batch")
	f.IntVar(&o.files.UnitSize, "unit-size", 0, "`K` number of samples in a unit")
	f.IntVar(&o.files.Parameters, "parameters", 0, "`P` number of parameters, which inner products do not show")
}

func (o *analyzeOptions) run(s *session, files []string) error {
	if len(files) == 0 {
		return usageError("analyze: takes a run directory or files of gradients")
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			continue
		}
		if len(files) > 1 {
			return usageError("analyze: takes one run directory or files, and %s is a directory", file)
		}
		return o.directory(s, file)
	}
	return o.gradients(s, files)
}

// directory analyses a run, whose settings are its own.
func (o *analyzeOptions) directory(s *session, dir string) error {
	if name := o.flags.beside("json", "config"); name != "" {
		return usageError("-%s: is for gradients in files, and %s is a run directory with its own settings", name, dir)
	}
	s.sayUnused(o.flags, dir+" is a run directory with its own settings", "json", "config")
	progress := newProgress(s)
	rep, _, err := experiment.Analyse(dir, progress.observer())
	progress.clear()
	if err != nil {
		return err
	}
	return printReport(s, rep, o.json)
}

func (o *analyzeOptions) gradients(s *session, files []string) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := o.checkDescription(); err != nil {
		return err
	}
	o.files.GradientSettings = o.GradientSettings
	if o.flags.given("step") {
		o.files.Step = &o.step
	}
	progress := newProgress(s)
	rep, _, err := experiment.AnalyseFiles(files, o.files, progress.observer())
	progress.clear()
	if err != nil {
		return refused(err)
	}
	return o.print(s, rep)
}

// checkDescription refuses what would be taken for a flag that was not given.
func (o *analyzeOptions) checkDescription() error {
	switch {
	case o.files.Population < 2 && o.flags.given("population"):
		return usageError("-population %d: must be at least 2", o.files.Population)
	case o.step < 0:
		return usageError("-step %d: must not be negative", o.step)
	case o.files.UnitSize < 1 && o.flags.given("unit-size"):
		return usageError("-unit-size %d: must be at least 1", o.files.UnitSize)
	case o.files.Parameters < 1 && o.flags.given("parameters"):
		return usageError("-parameters %d: must be at least 1", o.files.Parameters)
	}
	return nil
}
