package main

import (
	"fmt"
	"io"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/noisescale"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/shell"
	"github.com/noiseprobe/noiseprobe/noise"
)

// noiseScaleName begins the names of the files of -out.
const noiseScaleName = "noise-scale"

type noiseScaleOptions struct {
	alpha   float64
	columns string
	windows int
	// population is -1 where it is not given.
	population int
	resultDir
}

func noiseScaleCommand() command {
	return command{
		name: "noise-scale", args: "LOG|-", one: "log",
		summary: "estimates the noise scale, the batch size at which noise equals signal, from a log of squared gradient norms of any training",
		detail: `LOG is CSV with a header, or JSON lines; - is standard input. Each row has step, small_batch and small_norm_sq, the squared norm of the
mean gradient of a small batch, averaged over the micro-batches or ranks of the step, and big_batch and big_norm_sq, that of the whole
batch. Other columns are ignored. For estimates by layer there are small_norm_sq.LAYER and big_norm_sq.LAYER. Batch sizes may change from
row to row. LOG may also be an event file of TensorBoard, or a directory of them: -columns says which tags have the norms, and each has its
step. Where steps go back, as after training was resumed, later rows take the place of earlier ones.

From the two norms of a step follow unbiased estimates of tr Sigma, the variance of a sample's gradient, and of the squared norm of the
gradient itself (McCandlish et al. 2018). The noise scale is the ratio of their means over the steps, with an interval that allows for
correlated steps and slow drift. It has no upper end where the gradient is not told from 0. There is no smoothing constant.
`,
		example: `printf 'step,small_batch,small_norm_sq,big_batch,big_norm_sq\n' > norms.csv
seq 1 200 | awk '{ print $1 ",16," 2 + sin($1 * $1) / 3 ",64," 1.2 + cos($1 * $1) / 5 }' >> norms.csv
noiseprobe noise-scale norms.csv
noiseprobe noise-scale norms.csv -windows 2 -json
noiseprobe noise-scale norms.csv -out noise-scale
noiseprobe noise-scale norms.csv -columns small_batch=8,small_norm_sq=small_norm_sq^2,big_norm_sq=big_norm_sq^2`,
		define: func(f *flags) func(*session, []string) error {
			o := &noiseScaleOptions{}
			f.StringVar(&o.columns, "columns", "", "`NAME=COLUMN,...` columns of LOG that have other names there; COLUMN^2 is one of norms that are to be squared, and a number is a batch size that holds for all rows")
			f.Float64Var(&o.alpha, "alpha", 1, "`A` noise enhancement of the logged gradients, any finite number; the noise scale is that of plain ones, and so is norms.csv of a run, which needs no A")
			f.IntVar(&o.population, "population", -1, "`N` number of training samples, where minibatches are drawn from them without replacement, 0 where not: the noise of the mean over all of them then counts as gradient (default that of the run for norms.csv and events of a run, else 0)")
			f.IntVar(&o.windows, "windows", 0, "`K` number of windows along training; without it at most 20, as many as have 40 steps or more")
			o.resultDir.define(f)
			return o.run
		},
	}
}

func (o *noiseScaleOptions) run(s *session, files []string) error {
	columns, err := noisescale.ParseColumns(o.columns)
	switch {
	case err != nil:
		return usageError("-columns %w", err)
	case math.IsNaN(o.alpha) || math.IsInf(o.alpha, 0):
		return usageError("-alpha %v: must be a finite number", o.alpha)
	case math.IsInf(noise.Factor(o.alpha), 0):
		return usageError("-alpha %v: alpha^2 would overflow", o.alpha)
	case o.population < -1:
		return usageError("-population %d: must be at least 1, or 0 for samples that are drawn independently", o.population)
	case o.windows < 0:
		return usageError("-windows %d: must be at least 1, or 0 to choose", o.windows)
	}
	release, err := o.claim()
	if err != nil {
		return err
	}
	defer release()
	name, log, err := s.readNorms(files[0], columns, o.alpha)
	if err != nil {
		return noColumn(err)
	}
	if log.Population = o.population; o.population < 0 {
		if log.Population, err = experiment.PopulationOfLog(files[0]); err != nil {
			return err
		}
	}
	r, err := log.Analyse(o.windows)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return o.print(s, noiseScaleName, r, noiseScaleDocument(name, r), noiseScaleFigures(r))
}

// readNorms reads a log, or standard input where that is what "-" stands for.
func (s *session) readNorms(file string, c noisescale.Columns, alpha float64) (name string, log *noisescale.Log, err error) {
	if noisescale.IsEvents(file) {
		log, err = noisescale.ReadEvents(file, c, alpha)
		if run := experiment.Directory(file).NormsPath(); err != nil && filekind.Check(run) == nil {
			err = &hintError{err, "noiseprobe noise-scale " + shell.Quote(shell.Operand(run)) + " reads the log of the run"}
		}
		return file, log, err
	}
	var r io.Reader = s.stdin
	if name = "standard input"; file != "-" {
		name = file
		f, err := filekind.OpenStream(file)
		if err != nil {
			return name, nil, err
		}
		defer f.Close()
		if err := experiment.CheckNorms(file); err != nil {
			return name, nil, err
		}
		r = f
	}
	log, err = noisescale.Read(r, name, c, alpha)
	return name, log, err
}
