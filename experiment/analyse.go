package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/internal/shell"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// stopped is how training ended.
type stopped struct {
	reason             string
	steps, convergence int
	seconds            float64
}

// Analyse checks every checksum in a run directory, and the records against each other, analyses all checkpoints again, and returns the
// report. It writes nothing.
func Analyse(dir string, o Observer) (*report.Report, []figure.Figure, error) {
	d := Directory(dir)
	r, err := d.records()
	if err != nil {
		return nil, nil, err
	}
	earlier, err := d.readReport()
	if err != nil {
		return nil, nil, err
	}
	if err := r.checkReport(d, earlier); err != nil {
		return nil, nil, err
	}
	files, err := r.files(d, earlier, earlier.Training.Steps)
	if err != nil {
		return nil, nil, err
	}
	if err := d.verify(files); err != nil {
		return nil, nil, err
	}
	machine := Machine{BLAS: r.run.Config.BLAS, Workers: r.run.Config.Workers}
	if err := gemm.Check(machine.BLAS); err != nil {
		o.notice("%v: another is used", err)
		machine.BLAS = ""
	}
	if err := machine.Use(); err != nil {
		return nil, nil, err
	}
	rep, figures, err := assemble(context.Background(), d, r, files, stoppedAs(earlier), o)
	if err == nil {
		err = sameCheckpoints(d, rep, earlier)
	}
	return rep, figures, err
}

// stoppedAs is how a report says that training ended.
func stoppedAs(rep *report.Report) stopped {
	s := stopped{reason: rep.Training.Stopped, steps: rep.Training.Steps, seconds: rep.Training.Seconds}
	if rep.Training.ConvergenceTime != nil {
		s.convergence = *rep.Training.ConvergenceTime
	}
	return s
}

// sameCheckpoints refuses a directory that has lost checkpoints, or their rows, since its report was made.
func sameCheckpoints(d Directory, rep, earlier *report.Report) error {
	for _, c := range earlier.Checkpoints {
		if !slices.ContainsFunc(rep.Checkpoints, func(now report.Checkpoint) bool { return now.Step == c.Step }) {
			return fmt.Errorf("%s: the checkpoint after %d steps, which report.json has, is missing, or its row in metrics.csv is", d, c.Step)
		}
	}
	return nil
}

// verify checks that the files are there, and the checksum of every array file in the directory.
func (d Directory) verify(files recorded) error {
	if err := files.check(d); err != nil {
		return err
	}
	return filepath.WalkDir(string(d), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".safetensors" {
			return err
		}
		f, err := safetensors.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Verify(), f.Close())
	})
}

// readReport reads the report of a run that ended.
func (d Directory) readReport() (*report.Report, error) {
	rep, err := report.Read(d.ReportPath())
	if !errors.Is(err, fs.ErrNotExist) {
		return rep, d.madeAgain(err)
	}
	if d.held() {
		return nil, fmt.Errorf("%s: the run has no report.json yet: another process carries it out", d)
	}
	return nil, d.unfinished()
}

// madeAgain adds to the error of a run's report that cannot be read what makes it again from the records.
func (d Directory) madeAgain(err error) error {
	_, missing := os.Lstat(d.RecordPath())
	_, unwritten := os.Lstat(d.ReportPath())
	if err == nil || missing != nil || unwritten != nil {
		return err
	}
	return fmt.Errorf("%w; 'noiseprobe run -resume %s' makes it again", err, shell.Quote(string(d)))
}

func (d Directory) unfinished() error {
	return fmt.Errorf("%s: the run has no report.json yet: 'noiseprobe run -resume %s' finishes it", d, shell.Quote(string(d)))
}

// assemble makes the report of a run from its records and the files of its checkpoints. It looks at ctx between checkpoints.
func assemble(ctx context.Context, d Directory, r records, files recorded, s stopped, o Observer) (*report.Report, []figure.Figure, error) {
	record := r.run
	rep := &report.Report{Schema: report.Schema, Run: record.run(), Training: trainingOf(s, r.metrics), Files: r.sources(files)}
	p, before := plots{metrics: r.metrics}, new(trail)
	p.lossSteps, p.losses = d.minibatchLosses()
	steps := files.steps()
	for i, step := range steps {
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		o.progress("analysing", i, len(steps))
		row, complete := metricAt(r.metrics, step)
		if !complete {
			return nil, nil, fmt.Errorf("%s: has no row for step %d, which was recorded", d.MetricsPath(), step)
		}
		result, units, err := d.analyse(step, row, record)
		if err != nil {
			return nil, nil, err
		}
		c := &result.Checkpoint
		if c.Overlap, err = before.overlap(step, units, func(before int) ([]float64, error) {
			return probe.ReadCrossGram(d.checkpoint(before, gradientsFile), d.checkpoint(step, gradientsFile))
		}); err != nil {
			return nil, nil, err
		}
		c.Step, c.Parameters = step, estimate.Count(record.Parameters)
		c.Unit, c.UnitSize = record.Config.Unit, unitSize(record.Config.Unit, record.Config.Ghost)
		c.Population = record.Data.Train / c.UnitSize
		c.TrainLoss, c.TestLoss, c.TestAccuracy = estimate.Number(row.TrainLoss), estimate.Number(row.TestLoss), estimate.Number(row.TestAccuracy)
		rep.Checkpoints = append(rep.Checkpoints, *c)
		p.add(step, result)
	}
	rep.Along = analysis.Conclude(rep.Checkpoints)
	o.progress("analysing", len(steps), len(steps))
	figures := p.figures(rep)
	rep.Files = append(rep.Files, figureFiles(figures)...)
	return rep, figures, nil
}

// analyse reads what was recorded at a checkpoint and analyses it.
func (d Directory) analyse(step int, at report.Metric, record runRecord) (analysis.Result, *probe.Units, error) {
	c := record.Config
	directions := func(parameters int) []probe.Direction {
		return probe.RandomDirections(c.Seed, parameters, randomDirections)
	}
	units, err := probe.ReadUnits(d.checkpoint(step, gradientsFile), directions)
	if err != nil && !(c.Record == RecordNone && errors.Is(err, fs.ErrNotExist)) {
		return analysis.Result{}, nil, err
	}
	draws, err := probe.ReadDraws(d.checkpoint(step, drawsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return analysis.Result{}, nil, err
	}
	if draws != nil && (draws.Alpha != c.Alpha || draws.Batch != c.Batch || string(draws.Pairing) != c.Pairing || draws.Seed != c.Seed) {
		return analysis.Result{}, nil, fmt.Errorf("%s: was drawn with other settings than those in %s", d.checkpoint(step, drawsFile), d.RecordPath())
	}
	curved, err := d.readCurvature(step, units)
	if err != nil {
		return analysis.Result{}, nil, err
	}
	moments, undefined, err := d.optimizer(step, record, draws)
	if err != nil {
		return analysis.Result{}, nil, err
	}
	largeNoise := 0.0
	if c.method() == noise.LargeNoise {
		largeNoise = c.Alpha
	}
	result := analysis.Analyse(units, draws, analysis.Settings{
		Alpha: c.mixedAlpha(), Batch: c.Batch, Pairing: c.pairing(), LearningRate: at.LearningRate, TrainLoss: at.TrainLoss, Seed: c.Seed,
		Eigenvalues: covariance.DefaultEigenvalues, Resamples: c.Resamples, Frozen: record.frozen(),
		Curvature: curved, Optimizer: moments, SGD: c.plainSGD(), Momentum: c.Momentum, LargeNoise: largeNoise,
	})
	if result.Checkpoint.Optimizer == nil {
		result.Checkpoint.OptimizerUndefined = undefined
	}
	return result, units, nil
}

// readCurvature is nil where none was recorded.
func (d Directory) readCurvature(step int, u *probe.Units) (*probe.Curvature, error) {
	path := d.checkpoint(step, curvatureFile)
	c, err := probe.ReadCurvature(path)
	if errors.Is(err, fs.ErrNotExist) || u == nil {
		return nil, nil
	}
	if err == nil && (c.N != u.N || len(c.Layers) != len(u.Layers)) {
		err = fmt.Errorf("%s: is about %d recorded units of %d layers, and there are %d of %d", path, c.N, len(c.Layers), u.N, len(u.Layers))
	}
	return c, err
}

// frozen reports whether samples were recorded of a network that normalises by ghost batches.
func (r runRecord) frozen() bool {
	return r.convolutional() && r.Config.Unit == probe.UnitSample
}

func (r runRecord) convolutional() bool {
	spec, err := train.ParseSpec(r.Spec)
	return err == nil && spec.Convolutional()
}

// ghost is the size of a ghost batch, 0 where nothing is normalised.
func (r runRecord) ghost() int {
	if r.convolutional() {
		return r.Config.Ghost
	}
	return 0
}

func (r runRecord) run() report.Run {
	c, method := r.Config, r.Config.Noise
	if c.method() == noise.NE {
		method = ""
	}
	return report.Run{
		Model: c.Model, Spec: r.Spec, Parameters: r.Parameters, Alpha: c.Alpha, Noise: method, Batch: c.Batch, Pairing: c.Pairing,
		Optimizer: c.Optimizer, LearningRate: c.LearningRate, AdamEps: c.AdamEpsilon, Momentum: c.Momentum, WeightDecay: c.WeightDecay,
		LStar: c.LStar, LStop: c.LStop, LossMeasure: c.LossMeasure, UntilConverged: c.UntilConverged, Ghost: r.ghost(), Eval: c.Eval, Seed: c.Seed,
		Data: report.Data{Name: r.Data.Name, Source: r.Data.Source, Train: r.Data.Train, Test: r.Data.Test, Unofficial: r.Data.Unofficial},
		BLAS: r.BLAS, Workers: r.Workers, Resamples: unusual(c.Resamples), Version: r.Version, Go: r.Go,
	}
}

func trainingOf(s stopped, metrics []report.Metric) report.Training {
	undefined := estimate.Undefined()
	t := report.Training{
		Steps: s.steps, Stopped: s.reason, Seconds: s.seconds, TrainLoss: undefined, TestLoss: undefined, TestAccuracy: undefined,
	}
	if s.convergence > 0 {
		t.ConvergenceTime = &s.convergence
	}
	if len(metrics) > 0 {
		last := metrics[len(metrics)-1]
		t.TrainLoss, t.TestLoss, t.TestAccuracy = estimate.Number(last.TrainLoss), estimate.Number(last.TestLoss), estimate.Number(last.TestAccuracy)
	}
	return t
}

func metricAt(metrics []report.Metric, step int) (report.Metric, bool) {
	for _, m := range metrics {
		if m.Step == step {
			return m, true
		}
	}
	return report.Metric{}, false
}

// plots gathers the data of the figures that the report does not carry.
type plots struct {
	metrics []report.Metric
	// lossSteps and losses are those of minibatches.
	lossSteps, losses []float64
	steps             []int
	spectra           [][]float64
	leading           []shape.Sample
	hill              shape.HillPlot
}

func (p *plots) add(step int, r analysis.Result) {
	if r.Spectrum == nil {
		return
	}
	p.steps, p.spectra = append(p.steps, step), append(p.spectra, r.Spectrum)
	p.leading, p.hill = r.Leading, r.Hill
}

func (p *plots) figures(rep *report.Report) []figure.Figure {
	trace, scale := report.NoiseAlongTraining(rep)
	return []figure.Figure{
		report.Loss(p.metrics, p.lossSteps, p.losses), report.Accuracy(p.metrics), trace, scale, report.Spectrum(p.steps, p.spectra),
		report.Enhancement(rep), report.Shape(p.leading), report.Kurtosis(rep),
		report.Hill(p.hill),
		report.Curvature(rep), report.UpdateNoise(rep), report.Diversity(rep), report.KurtosisAlongTraining(rep),
	}
}

// publish writes the page, then the figures, then report.json: a directory with a report has all of it.
func publish(d Directory, rep *report.Report, figures []figure.Figure, how Drawing) error {
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return err
	}
	if err := atomicfile.Write(d.HTMLPath(), func(w io.Writer) error { return report.HTML(w, rep, figures) }); err != nil {
		return err
	}
	if err := os.MkdirAll(d.FiguresPath(), 0o777); err != nil {
		return err
	}
	if err := how.Write(d.FiguresPath(), report.WithFindings(rep, figures)); err != nil {
		return err
	}
	return atomicfile.Write(d.ReportPath(), func(w io.Writer) error { return report.Write(w, rep) })
}

// Render draws the page and the figures of a run, or of an analysis of gradients from elsewhere, again, from report.json and
// figures/*.csv, after a check that they belong together and to the records of the run.
func Render(dir string, how Drawing) (*report.Report, error) {
	d := Directory(dir)
	if !d.isAnalysis() {
		if _, err := d.open(); err != nil {
			return nil, err
		}
		lock, err := d.lock(Observer{})
		if err != nil {
			return nil, err
		}
		defer lock.Close()
	}
	rep, err := report.Read(d.ReportPath())
	if errors.Is(err, fs.ErrNotExist) {
		err = d.unfinished() // it is this process that has the lock
	}
	if err != nil {
		return nil, d.madeAgain(err)
	}
	if rep.Analysis == nil {
		r, err := d.records()
		if err == nil {
			err = r.checkReport(d, rep)
		}
		if err != nil {
			return nil, err
		}
	}
	figures, err := d.readFigures(rep)
	if err != nil {
		return nil, err
	}
	return rep, publish(d, rep, figures, how)
}
