package experiment

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// Version of the program, recorded with every run.
const Version = "0.1.0"

// Ways to record gradients at a checkpoint.
const (
	RecordFactored = probe.RecordFactored // per-layer factors: everything can be computed again
	RecordGram     = probe.RecordGram     // second moments and projections only: smaller, for many checkpoints
	RecordNone     = "none"
)

// UnitAuto is the unit that suits the model: [probe.UnitGhostBatch] with convolutions, else [probe.UnitSample].
const UnitAuto = "auto"

// Config holds the settings of a run: the flags of the command line, resolved.
type Config struct {
	Model          string  `json:"model"`
	Alpha          float64 `json:"alpha"`
	Batch          int     `json:"batch"`
	Steps          int     `json:"steps"`
	UntilConverged bool    `json:"until_converged"`
	// LStar and LStop are the paper's L* and L**; NaN in, the model's values out.
	LStar       float64 `json:"l_star"`
	LStop       float64 `json:"l_stop"`
	LossMeasure string  `json:"loss_measure"`
	Seed        uint64  `json:"seed"`
	// From is the directory of a checkpoint of another run, whose weights and optimizer this one begins with; empty for new weights.
	From string `json:"from,omitempty"`
	Data string `json:"data"`

	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"`
	AdamEpsilon  float64 `json:"adam_eps"`
	Momentum     float64 `json:"momentum,omitempty"`
	WeightDecay  float64 `json:"weight_decay,omitempty"`
	Pairing      string  `json:"pairing"`
	// Noise is the method by which Alpha enhances the noise, [noise.NE] where it is empty.
	Noise     string  `json:"noise,omitempty"`
	LossBound float64 `json:"loss_bound"`

	Checkpoints string `json:"checkpoints"`
	Units       int    `json:"units"`
	Draws       int    `json:"draws"`
	Record      string `json:"record"`
	Unit        string `json:"unit"`
	Ghost       int    `json:"ghost"`
	Eval        int    `json:"eval"`
	// Evaluate has more steps at which losses and accuracy are measured, as Checkpoints does.
	Evaluate string `json:"evaluate,omitempty"`
	// Norms asks for norms.csv, squared gradient norms of two batch sizes at every step.
	Norms bool `json:"norms,omitempty"`
	// TensorBoard asks for events/, files of scalars for TensorBoard.
	TensorBoard bool `json:"tensorboard,omitempty"`

	Memory int64 `json:"memory"`
	// Curvature is what is recorded of the curvature, of as many units as take little time.
	Curvature string `json:"curvature,omitempty"`

	BLAS    string `json:"blas"`
	Workers int    `json:"workers"`

	// Resamples is the effort of the analysis: resampled draws per arm, which other simulated sizes follow.
	Resamples int `json:"resamples,omitempty"`
}

// UnmarshalJSON gives settings that an earlier version did not have their defaults.
func (c *Config) UnmarshalJSON(text []byte) error {
	type fields Config
	f := fields{Resamples: shape.DefaultResamples, Curvature: CurvatureAuto, Noise: string(noise.NE)}
	err := jsonfile.Strict(text, &f)
	*c = Config(f)
	return err
}

// Bounds of numbers: beyond them lies no work that ends.
const (
	// largestAlpha is where the fourth moments of the noise would overflow.
	largestAlpha = 1e75
	// largestBatch is where the logarithms of factorials, by which noise.Counts draws, still have an error below 0.01.
	largestBatch = 1e12
	largestSteps = 1e12
	largestDraws = 1e6
)

// DefaultConfig returns the settings of a run without flags.
func DefaultConfig() Config {
	return Config{
		Model: "f1", Alpha: 1.5, Batch: 500, Steps: 600, LStar: math.NaN(), LStop: math.NaN(), LossMeasure: train.EpochMean,
		Seed: 1, Data: dataset.Auto, Optimizer: train.NameAdam, LearningRate: 1e-3, AdamEpsilon: 1e-8, Pairing: string(noise.Independent), Noise: string(noise.NE),
		LossBound: 1e4, Checkpoints: "log:6", Units: 512, Draws: 64, Record: RecordFactored, Unit: UnitAuto, Ghost: 100,
		Curvature: CurvatureAuto, Memory: 4 << 30, BLAS: gemm.Auto, Resamples: shape.DefaultResamples,
	}
}

// UsageError marks a setting outside its domain: wrong usage, not a failure while working.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef is an error of wrong usage.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// parseModel reads a spec.
func parseModel(text string) (train.Spec, error) {
	spec, err := train.ParseSpec(text)
	if err != nil {
		return spec, &UsageError{err}
	}
	return spec, nil
}

// Settings of networks with convolutions that were not given: their units are whole ghost batches, and a pass takes long.
const imageUnits, imageDraws, imageEval = 64, 16, 2000

// FillIn sets what was not given, by the name of its flag, to what suits the rest. A network with convolutions has 64 units, 16 draws, and
// 2000 samples for losses and accuracy, or all of them where another loss than the mean of an epoch decides. There are no draws where Noise
// is not [noise.NE]. A model that is no model is left to [Run].
func (c *Config) FillIn(given func(flag string) bool) {
	if c.method() != noise.NE && !given("draws") {
		c.Draws = 0
	}
	spec, err := train.ParseSpec(c.Model)
	if err != nil || !spec.Convolutional() {
		return
	}
	if !given("units") {
		c.Units = imageUnits
	}
	if !given("draws") {
		c.Draws = min(c.Draws, imageDraws)
	}
	if !given("eval") && c.LossMeasure == train.EpochMean {
		c.Eval = imageEval
	}
}

// Resolve checks every setting that can be checked without data, fills in what the model says, L*, L**, ghost batches and the unit, and
// returns the model. A setting outside its domain is a [*UsageError].
func (c *Config) Resolve() (train.Spec, error) {
	spec, err := parseModel(c.Model)
	if err != nil {
		return spec, err
	}
	if math.IsNaN(c.LStar) {
		c.LStar = spec.LStar
	}
	if math.IsNaN(c.LStop) {
		c.LStop = spec.LStop
	}
	if _, err := noise.ParsePairing(c.Pairing); err != nil {
		return spec, Usagef("-pairing: %w", err)
	}
	if _, err := probe.Schedule(c.Checkpoints, max(c.Steps, 1)); err != nil {
		return spec, Usagef("-%w", err)
	}
	if _, err := c.evaluations(); err != nil {
		return spec, err
	}
	if err := c.checkNumbers(); err != nil {
		return spec, err
	}
	if err := c.checkNames(); err != nil {
		return spec, err
	}
	if spec.Convolutional() {
		c.Ghost = min(c.Ghost, c.Batch) // the largest groups that there are
		spec.Ghost = c.Ghost
	}
	if c.Unit, err = resolveUnit(c.Unit, spec); err != nil {
		return spec, err
	}
	return spec, checkCurvature(c.Curvature, c.Unit)
}

func (c *Config) pairing() noise.Pairing { return noise.Pairing(c.Pairing) }
func (c *Config) method() noise.Method   { return noise.Method(c.Noise) }

// mixedAlpha is alpha where the gradient of a step is the mixture of two minibatches that the analysis knows all about: 1 for PNM, whose gradient is that of one
// minibatch, and NaN for large noise, of which it knows the covariance alone.
func (c *Config) mixedAlpha() float64 {
	switch {
	case c.method() == noise.PNM:
		return 1
	case c.method() == noise.LargeNoise && c.Alpha != 1:
		return math.NaN()
	}
	return c.Alpha
}

// minibatches is the number of those that a step reads.
func (c *Config) minibatches() int { return len(c.method().MinibatchWeights(c.Alpha)) }

// resolveUnit says what one gradient belongs to in the networks of a spec.
func resolveUnit(unit string, spec train.Spec) (string, error) {
	switch {
	case unit == probe.UnitGhostBatch && !spec.Convolutional():
		return "", Usagef("-unit %s: model %s has no ghost batch normalisation, its unit is the sample", unit, spec.Text)
	case unit != UnitAuto:
		return unit, nil
	case spec.Convolutional():
		return probe.UnitGhostBatch, nil
	}
	return probe.UnitSample, nil
}

// rule is what a number must satisfy, and what is said where it does not.
type rule struct {
	ok   bool
	text string
}

// checkRules reports the first number outside its domain.
func checkRules(rules []rule) error {
	for _, r := range rules {
		if !r.ok {
			return Usagef("%s", r.text)
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func (c *Config) checkNumbers() error {
	return checkRules([]rule{
		{finite(c.Alpha), fmt.Sprintf("-alpha %v: must be a finite number", c.Alpha)},
		{!(math.Abs(c.Alpha) > largestAlpha), fmt.Sprintf("-alpha %v: alpha^4 would overflow", c.Alpha)},
		{c.Batch >= 1, fmt.Sprintf("-batch %d: must be at least 1", c.Batch)},
		{c.Steps >= 1, fmt.Sprintf("-steps %d: must be at least 1", c.Steps)},
		atMost("steps", c.Steps, largestSteps),
		{finite(c.LearningRate) && c.LearningRate > 0, fmt.Sprintf("-lr %v: must be a positive number", c.LearningRate)},
		{finite(c.AdamEpsilon) && c.AdamEpsilon > 0, fmt.Sprintf("-adam-eps %v: must be a positive number", c.AdamEpsilon)},
		{c.Momentum >= 0 && c.Momentum < 1, fmt.Sprintf("-momentum %v: must be 0 to below 1", c.Momentum)},
		{finite(c.WeightDecay) && c.WeightDecay >= 0, fmt.Sprintf("-weight-decay %v: must not be negative", c.WeightDecay)},
		{c.Momentum == 0 || c.Optimizer == train.NameSGD, "-momentum: goes with -optimizer sgd; adam and adamw have one of their own"},
		{c.WeightDecay == 0 || c.Optimizer == "adamw", "-weight-decay: goes with -optimizer adamw"},
		{finite(c.LStar) && c.LStar >= 0, fmt.Sprintf("-l-star %v: must not be negative", c.LStar)},
		{finite(c.LStop) && c.LStop >= 0, fmt.Sprintf("-l-stop %v: must not be negative", c.LStop)},
		{!c.Norms || c.Alpha != 0 || c.method() != noise.NE, "-norms: the gradient of -alpha 0 has nothing of the minibatch B, whose norm it needs"},
		{!c.Norms || c.Batch > 1, "-norms: a minibatch of one sample cannot be halved"},
		{!c.UntilConverged || c.LStop > 0, "-until-converged: needs an -l-stop above 0"},
		{finite(c.LossBound) && c.LossBound > 0, fmt.Sprintf("-loss-bound %v: must be a positive number", c.LossBound)},
		{c.Units >= 2, fmt.Sprintf("-units %d: a covariance needs at least 2", c.Units)},
		{c.Draws == 0 || c.method() != noise.PNM && c.method() != noise.LargeNoise, fmt.Sprintf("-draws %d: real minibatches are drawn for -noise ne alone; -draws 0 goes with -noise %s", c.Draws, c.Noise)},
		{c.method() != noise.LargeNoise || !(c.Alpha > 0 && c.Alpha < 1), fmt.Sprintf("-noise large-noise: its factor 1 + 2c^2 is at least 1: -alpha %v must be 1 or more, or not positive", c.Alpha)},
		{c.method() != noise.LargeNoise || c.pairing() != noise.Disjoint, "-noise large-noise: goes with -pairing independent or replacement"},
		{c.method() != noise.PNM || c.Optimizer == train.NameSGD, fmt.Sprintf("-noise pnm: is a momentum of -optimizer sgd, whose beta is -momentum; %s has one of its own", c.Optimizer)},
		{c.Draws == 0 || c.Draws >= 2, fmt.Sprintf("-draws %d: 0 for none, or at least 2", c.Draws)},
		atMost("draws", c.Draws, largestDraws),
		{c.Eval >= 0, fmt.Sprintf("-eval %d: must not be negative", c.Eval)},
		{c.Ghost >= 1, fmt.Sprintf("-ghost %d: must be at least 1", c.Ghost)},
		{c.Workers >= 0, fmt.Sprintf("-workers %d: must not be negative", c.Workers)},
		{c.Memory > 0, fmt.Sprintf("-memory %d: must be positive", c.Memory)},
		resamplesRule(c.Resamples),
	})
}

func atMost(flag string, n int, most float64) rule {
	return rule{float64(n) <= most, fmt.Sprintf("-%s %d: must be at most %.0f", flag, n, most)}
}

func resamplesRule(n int) rule {
	return rule{n >= shape.FewestResamples && n <= shape.MostResamples,
		fmt.Sprintf("-resamples %d: must be between %d and %d", n, shape.FewestResamples, shape.MostResamples)}
}

func checkName(flag, value string, allowed []string) error {
	if !slices.Contains(allowed, value) {
		return Usagef("-%s %s: one of %s", flag, value, strings.Join(allowed, ", "))
	}
	return nil
}

func (c *Config) checkNames() error {
	return cmp.Or(
		checkName("loss-measure", c.LossMeasure, []string{train.EpochMean, train.Full, train.Recent}),
		checkName("optimizer", c.Optimizer, train.OptimizerNames()),
		checkName("noise", c.Noise, noise.MethodNames()),
		checkName("record", c.Record, []string{RecordFactored, RecordGram, RecordNone}),
		checkName("unit", c.Unit, []string{UnitAuto, probe.UnitSample, probe.UnitGhostBatch}),
		checkName("blas", c.BLAS, gemm.Names()),
	)
}

// Name is the default name of a run's directory, safe as a file name.
func (c *Config) Name() string {
	name := c.Model
	if c.method() != noise.NE {
		name += "-" + c.Noise
	}
	return SafeName(fmt.Sprintf("%s-alpha%g-batch%d-seed%d", name, c.Alpha, c.Batch, c.Seed))
}

// SafeName leaves of a text what is safe in the name of a file: letters, digits, points and hyphens. The rest become underscores;
// at its ends there are neither these nor points.
func SafeName(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, text), "_.")
}
