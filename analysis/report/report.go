package report

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Schema names the version of the JSON document. Keys may be added to it, never changed.
const Schema = "noiseprobe/report/1"

// Report is everything known about one run, or about gradients that belong to none. The package documentation defines every key of its
// JSON.
type Report struct {
	Schema string `json:"schema"`
	// Checksummed says that the document ends with its checksum, which [Write] adds.
	Checksummed bool `json:"checksummed,omitempty"`
	// Run and Training are null in JSON where there is an Analysis. Run then has its alpha, B, pairing and seed, and no model.
	Run      Run      `json:"run"`
	Training Training `json:"training"`
	// Analysis is nil in the report of a run.
	Analysis    *Analysis    `json:"analysis,omitempty"`
	Checkpoints []Checkpoint `json:"checkpoints"`
	// Along is null for fewer than two checkpoints with a covariance.
	Along *along.Along `json:"along"`
	// Files are what the report was made from, and the numbers of its figures; empty in reports that do not say.
	Files []File `json:"files"`
}

// File is a file of a run directory that a report was made from, or that was written with it. Times are left out of the checksums, so that runs with the same settings
// have the same.
type File struct {
	// Name is the path in the run directory, with slashes.
	Name     string `json:"name"`
	Checksum string `json:"checksum"`
}

// Checksum is that of a file that the report was made from, empty where the report does not say.
func (r *Report) Checksum(name string) string {
	if f := first(r.Files, func(f File) bool { return f.Name == name }); f != nil {
		return f.Checksum
	}
	return ""
}

// Analysis is what gradients that belong to no run were analysed for.
type Analysis struct {
	// Source names what the gradients came from.
	Source []string `json:"source"`
	// Alpha is undefined where the analysis was about none in particular.
	Alpha   estimate.Number `json:"alpha"`
	Batch   int             `json:"batch"`
	Pairing string          `json:"pairing"`
	Seed    uint64          `json:"seed"`
	// Resamples is the effort of the analysis, 0 for the default.
	Resamples int    `json:"resamples,omitempty"`
	Version   string `json:"version"`
}

// OfGradients is the report of gradients that belong to no run.
func OfGradients(a Analysis, checkpoints []Checkpoint) *Report {
	return &Report{Schema: Schema, Run: a.run(), Training: unknownTraining(checkpoints), Analysis: &a, Checkpoints: checkpoints}
}

// unknownTraining is that of gradients from elsewhere.
func unknownTraining(checkpoints []Checkpoint) Training {
	u := estimate.Undefined()
	t := Training{Seconds: math.NaN(), TrainLoss: u, TestLoss: u, TestAccuracy: u}
	if n := len(checkpoints); n > 0 {
		t.Steps, t.TrainLoss = checkpoints[n-1].Step, checkpoints[n-1].TrainLoss
	}
	return t
}

// run has what sections about one alpha and B need.
func (a Analysis) run() Run {
	return Run{Alpha: float64(a.Alpha), Batch: a.Batch, Pairing: a.Pairing, Seed: a.Seed, Resamples: a.Resamples, Version: a.Version}
}

// Run says what was run.
type Run struct {
	Model      string  `json:"model"`
	Spec       string  `json:"spec"`
	Parameters int     `json:"parameters"`
	Alpha      float64 `json:"alpha"`
	// Noise is the method by which alpha enhances the noise; empty for noise enhancement (NE).
	Noise        string  `json:"noise,omitempty"`
	Batch        int     `json:"batch"`
	Pairing      string  `json:"pairing"`
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"`
	AdamEps      float64 `json:"adam_eps"`
	// Momentum is that of SGD, WeightDecay that of AdamW.
	Momentum    float64 `json:"momentum,omitempty"`
	WeightDecay float64 `json:"weight_decay,omitempty"`
	// LStar, LStop and LossMeasure are when the learning rate is halved and what counts as converged; LossMeasure is empty in reports that
	// do not say. UntilConverged says that training ends there.
	LStar          float64 `json:"l_star"`
	LStop          float64 `json:"l_stop"`
	LossMeasure    string  `json:"loss_measure"`
	UntilConverged bool    `json:"until_converged"`
	// Ghost is the size of a ghost batch, 0 without ghost batch normalisation, and Eval the most samples of an evaluation, 0 for all.
	Ghost   int    `json:"ghost"`
	Eval    int    `json:"eval"`
	Seed    uint64 `json:"seed"`
	Data    Data   `json:"data"`
	BLAS    string `json:"blas"`
	Workers int    `json:"workers"`
	// Resamples is the effort of the analysis, 0 for the default.
	Resamples int    `json:"resamples,omitempty"`
	Version   string `json:"version"`
	Go        string `json:"go"`
}

// Data says which data set was used and how many samples it holds.
type Data struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	Train  int    `json:"train"`
	Test   int    `json:"test"`
	// Unofficial names files of the set that are as large as those of its authors and have other contents.
	Unofficial []string `json:"unofficial"`
}

// Reasons why training stopped.
const (
	StoppedMaxSteps    = "max-steps"
	StoppedConverged   = "converged"
	StoppedDiverged    = "diverged"
	StoppedInterrupted = "interrupted"
)

// Training is how training ended.
type Training struct {
	Steps   int    `json:"steps"`
	Stopped string `json:"stopped"`
	// ConvergenceTime is the number of steps until the training loss was below L**; null if it never was.
	ConvergenceTime *int            `json:"convergence_time"`
	Seconds         float64         `json:"seconds"`
	TrainLoss       estimate.Number `json:"train_loss"`
	TestLoss        estimate.Number `json:"test_loss"`
	TestAccuracy    estimate.Number `json:"test_accuracy"`
}

// Checkpoint is the analysis of the gradients recorded after Step updates. Parts that were not recorded are null.
type Checkpoint struct {
	Step         int             `json:"step"`
	TrainLoss    estimate.Number `json:"train_loss"`
	TestLoss     estimate.Number `json:"test_loss"`
	TestAccuracy estimate.Number `json:"test_accuracy"`
	// Unit is "sample" or "ghost-batch", UnitSize the number of samples in one.
	Unit     string `json:"unit"`
	UnitSize int    `json:"unit_size"`
	// Units is n, the number of recorded units; Population is N, the number in the training set.
	Units      int `json:"units"`
	Population int `json:"population"`
	// Parameters is P; gradients from elsewhere may not show it.
	Parameters estimate.Count `json:"parameters"`

	Covariance *covariance.Covariance `json:"covariance"`
	// NoiseSize is how large the noise is, from all samples where their norms are known.
	NoiseSize *covariance.Size    `json:"noise_size"`
	Overlap   *covariance.Overlap `json:"overlap"`
	Noise     *Noise              `json:"noise"`
	// Curvature is null where it was not recorded.
	Curvature *curvature.Curvature `json:"curvature"`
	// Optimizer is the noise of its updates, null where OptimizerUndefined says why.
	Optimizer          *optimizer.Noise             `json:"optimizer"`
	OptimizerUndefined string                       `json:"optimizer_undefined,omitempty"`
	NoiseCorrelation   []enhancement.Correlation    `json:"noise_correlation"`
	UpdateCheck        estimate.Number              `json:"update_check"`
	Enhancement        []enhancement.Factor         `json:"enhancement"`
	EffectiveBatch     []enhancement.EffectiveBatch `json:"effective_batch"`
	Matched            []enhancement.Comparison     `json:"matched"`
	// Predictions judges all tests of theory together; null where there is none, and in reports that do not have it.
	Predictions   *enhancement.Predictions    `json:"predictions"`
	ScaleExponent []enhancement.ScaleExponent `json:"scale_exponent"`
	// ExponentConclusion is null where no direction has an exponent.
	ExponentConclusion *enhancement.ExponentConclusion `json:"scale_exponent_conclusion"`
	// PopulationNorms is null where the norms of all training samples are not known.
	PopulationNorms *shape.PopulationNorms `json:"population_norms"`
	// Shape is null where nothing is known of the units' gradients.
	Shape     *shape.Shape      `json:"shape"`
	Summaries []shape.Summary   `json:"summaries"`
	Normality []shape.Normality `json:"normality"`
	// Rejections is null where nothing was tested.
	Rejections *shape.Rejections `json:"rejections"`
	// Pursuit is null where no direction could be sought.
	Pursuit *shape.Pursuit `json:"pursuit"`
	Tails   []shape.Tail   `json:"tails"`
	// ScaleArtefact is null where single coordinates were not recorded.
	ScaleArtefact *tail.Artefact `json:"scale_artefact"`
	Warnings      []string       `json:"warnings"`
}

// Noise is the trace of the covariance of the run's own noise-enhanced gradient, and what plain SGD with the run's
// learning rate eta would make of it in an update: eta^2 times that. Both are from the recorded units; StepTrace is the first from all samples where
// their norms are known.
type Noise struct {
	GradientTrace  estimate.Number `json:"gradient_trace"`
	UpdateTraceSGD estimate.Number `json:"update_trace_sgd"`
	StepTrace      estimate.Number `json:"step_trace"`
}

// Metric is one row of metrics.csv: the mean losses over (up to -eval) samples, the test accuracy as a fraction, the
// learning rate and the seconds since the start, after Step updates. NaN is what was not evaluated.
type Metric struct {
	Step, Epoch                                              int
	TrainLoss, TestLoss, TestAccuracy, LearningRate, Seconds float64
}

// method is how alpha enhances the noise.
func (r Run) method() noise.Method {
	if r.Noise == "" {
		return noise.NE
	}
	return noise.Method(r.Noise)
}

// MinibatchWeights are those of the gradients of minibatches of B samples in the gradient of a step.
func (r Run) MinibatchWeights() []float64 { return r.method().MinibatchWeights(r.Alpha) }

// MinibatchesPerStep is the number of [Run.MinibatchWeights].
func (r Run) MinibatchesPerStep() int { return len(r.MinibatchWeights()) }

// adaptive reports whether the optimizer divides by moments, which the noise enters.
func (r Run) adaptive() bool { return r.Optimizer == "adam" || r.Optimizer == "adamw" }

// OptimizerName is that of the optimizer with the settings that it alone has, such as "sgd with momentum 0.9".
func (r Run) OptimizerName() string {
	switch {
	case r.Momentum != 0:
		return r.Optimizer + " with momentum " + document.Plain(r.Momentum)
	case r.WeightDecay != 0:
		return r.Optimizer + " with weight decay " + document.Plain(r.WeightDecay)
	}
	return r.Optimizer
}
