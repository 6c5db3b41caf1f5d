package main

import (
	"os"

	"github.com/noiseprobe/noiseprobe/experiment"
)

// analyzeOptions are the flags; all but -json are for gradients in files.
type analyzeOptions struct {
	gradientOptions
	population int
	diagonal   string
	memory     int64
}

func analyzeCommand() command {
	return command{
		name: "analyze", args: "DIR | FILE...",
		summary: "analyses a run directory again, after checking its checksums, or per-sample gradients in files",
		detail: `A DIR is a run directory. First all of its checksums are checked; then its checkpoints are analysed again with the settings of the run,
and the report is printed.

A FILE is .npy, .npz or .safetensors, with per-sample gradients from elsewhere in float16, bfloat16, float32 or float64. The first
axis of every array is the samples, and the other axes are flattened; every array is a layer, and several files are layers of the
same samples. In a .safetensors file, NAME.a [n, in] and NAME.delta [n, out] are the factors of a layer's gradients delta a', with
delta the gradient of the bias; index [n] and loss [n] are the numbers and losses of the samples. A checkpoint's
gradients.safetensors has this form. Files may be larger than the memory, except for compressed arrays in an .npz.

Minibatches are resampled from the gradients, with replacement. Without -alpha and -batch, the factor of noise enhancement is measured
for a grid of alpha; with them, the noise of a minibatch is described as well. With -batch alone, alpha is 1: plain SGD.
`,
		example: `noiseprobe analyze runs/f1-alpha1.5-batch500-seed1
noiseprobe export runs/f1-alpha1.5-batch500-seed1 -layer output -o output.npy
noiseprobe analyze output.npy
noiseprobe analyze output.npy -alpha 1.5 -batch 100 -population 60000 -eigenvalues all -json`,
		define: func(f *flags) func(*session, []string) error {
			o := &analyzeOptions{gradientOptions: newGradientOptions(), memory: experiment.DefaultFileSettings().Memory}
			o.define(f)
			f.BoolVar(&o.json, "json", false, "print the result as JSON instead of text")
			f.IntVar(&o.population, "population", 0, "`N` number of samples that these were taken from, for finite-population corrections")
			f.StringVar(&o.diagonal, "diagonal", "", "`FILE` .npy file to write: the variance of every parameter's gradient, P float64")
			f.memory(&o.memory)
			return o.run
		},
	}
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
	return o.files(s, files)
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

func (o *analyzeOptions) files(s *session, files []string) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.population < 2 && o.flags.given("population") {
		return usageError("-population %d: must be at least 2", o.population)
	}
	progress := newProgress(s)
	g, err := experiment.AnalyseFiles(files, experiment.FileSettings{
		GradientSettings: o.GradientSettings, Population: o.population, Diagonal: o.diagonal, Memory: o.memory,
	}, progress.observer())
	progress.clear()
	if err != nil {
		return err
	}
	return printGradients(s, g, o.json)
}
