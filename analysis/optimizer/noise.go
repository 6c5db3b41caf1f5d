package optimizer

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Noise is the noise of n per-unit gradients g_i in the metric D of an optimizer, and of the updates that it makes. Sigma is their covariance
// and gbar their mean.
type Noise struct {
	Name string `json:"name"`
	Step int    `json:"step"`
	// Units is the number of gradients that the metric's numbers rest on.
	Units int `json:"units"`
	// Trace is tr(D Sigma), divisor n-1.
	Trace estimate.Number `json:"trace"`
	// GradientNormSq is gbar' D gbar less Trace/n (1 - n/N): it can be negative.
	GradientNormSq estimate.Number `json:"gradient_norm_sq"`
	// NoiseScale is Trace / GradientNormSq, in samples; undefined where the denominator is not positive.
	NoiseScale estimate.Number `json:"noise_scale"`
	// Undefined says why there is no noise scale.
	Undefined string `json:"undefined,omitempty"`
	// Eigenvalues of D^(1/2) Sigma D^(1/2), divisor n, descending.
	Eigenvalues []estimate.Number `json:"eigenvalues"`
	// EffectiveRankParticipation is (tr D Sigma)^2 / tr (D Sigma)^2, divisor n: at most n-1.
	EffectiveRankParticipation estimate.Number `json:"effective_rank_participation"`
	// UpdateTraceOneSample is c^2 tr(D Sigma D), divisor n-1: the trace of the covariance of the next update from a minibatch of one
	// sample, c = eta (1 - beta1) / (1 - beta1^(t+1)).
	UpdateTraceOneSample estimate.Number `json:"update_trace_one_sample"`
	// CI holds 95% intervals by the JSON key of the field that they belong to; Withheld says why there are none.
	CI       map[string]estimate.Interval `json:"ci"`
	Withheld string                       `json:"withheld,omitempty"`
	Needs    estimate.Needs               `json:"needs,omitzero"`
	Updates  []Update                     `json:"updates"`
	// Settled is how far the moments are from settled: the trace of the direct updates of the training's own arm, over c^2/eta^2 times that of
	// stationary ones. 1 is settled; below it the moments still remember larger gradients, above it smaller ones.
	Settled estimate.Number `json:"settled"`
	// Unsettled says why there are no rows of settled moments.
	Unsettled string `json:"stationary_undefined,omitempty"`

	rate float64 // c/eta
}

// The keys of [Noise.CI] that are not those of package covariance.
const (
	KeyTrace          = "trace"
	KeyGradientNormSq = "gradient_norm_sq"
	KeyNoiseScale     = "noise_scale"
	KeyUpdateTrace    = "update_trace_one_sample"
)

// Update is the noise of the updates of one arm.
type Update struct {
	Arm   enhancement.Arm `json:"arm"`
	Alpha float64         `json:"alpha"`
	Batch int             `json:"batch"` // samples
	// Evidence is "frozen", "stationary" or "direct".
	Evidence string `json:"evidence"`
	// Trace is the trace of the covariance of the update.
	Trace estimate.Number `json:"trace"`
	// Ratio is Trace over that of plain SGD at the same B, and CI its interval where it is measured; Predicted is the theory's, f for the
	// gradient.
	Ratio     estimate.Number   `json:"ratio"`
	Predicted estimate.Number   `json:"predicted"`
	CI        estimate.Interval `json:"ci"`
	// Withheld says why there is no interval where few units carry the noise of the update.
	Withheld string         `json:"withheld,omitempty"`
	Needs    estimate.Needs `json:"needs,omitzero"`
	// Drift is the squared length of the expected update over that of plain SGD at the same B.
	Drift estimate.Number `json:"drift"`
}

// Values of Update.Evidence.
const (
	Frozen     = "frozen"     // the next update, with the moments as they are
	Stationary = "stationary" // once the moments have settled at these weights
	Direct     = "direct"     // updates for real minibatches, none of them made
)

// Settings are those of the step: minibatches of Batch samples, drawn as Pairing says from N = Population samples (0: with replacement).
type Settings struct {
	Alpha       float64
	Batch       int
	Pairing     noise.Pairing
	Eigenvalues int
	// MetricUnits bounds the number of units whose gradients are formed for the metric; 0 takes all. Rows of updates always rest on all.
	MetricUnits int
	// Frozen says that the units are samples of a network whose normalisation is frozen, unlike in training.
	Frozen bool
}

// arms are those of the step; without an alpha in particular plain SGD alone.
func (s Settings) arms(unitSize int) []enhancement.Minibatch {
	if math.IsNaN(s.Alpha) {
		s.Alpha = 1
	}
	return enhancement.Minibatches(s.Alpha, s.Batch, unitSize)
}

// Row is that of some evidence and arm, nil where there is none.
func (n *Noise) Row(evidence string, arm enhancement.Arm) *Update {
	for i, u := range n.Updates {
		if u.Evidence == evidence && u.Arm == arm {
			return &n.Updates[i]
		}
	}
	return nil
}

// Withhold takes away the intervals of what rests on the recorded units, which are unlike the population.
func (n *Noise) Withhold(why estimate.Reason) {
	n.Withheld, n.Needs = why.String(), why.Needs
	for key := range n.CI {
		n.CI[key] = estimate.None()
	}
	for i := range n.Updates {
		if u := &n.Updates[i]; u.Evidence != enhancement.Direct {
			u.CI, u.Withheld, u.Needs = estimate.None(), why.String(), why.Needs
		}
	}
}

// within replaces a number of units that would do by what is true where the metric never takes as many.
func (s Settings) within(why estimate.Reason) estimate.Reason {
	if s.MetricUnits > 0 && why.Needs.Units > s.MetricUnits {
		why.Remedy, why.Needs = fmt.Sprintf("in this metric at most %d are read", s.MetricUnits), estimate.Needs{}
	}
	return why
}

// Analyse reads gradients in the metric of an optimizer's state. An error is one of reading the gradients.
func Analyse(g *probe.Gradients, o *probe.Optimizer, s Settings) (*Noise, error) {
	recorded := g
	if s.MetricUnits > 0 {
		recorded = g.Spread(s.MetricUnits)
	}
	scaled, err := recorded.InMetric(o.Metric())
	if err != nil {
		return nil, err
	}
	u := scaled.Reduce(nil)
	if err := scaled.Err(); err != nil {
		return nil, err
	}
	c, withheld := covariance.Analyse(u, s.Eigenvalues), s.within(covariance.Withheld(u))
	n := &Noise{
		Name: o.Name, Step: o.Step, Units: u.N, Trace: c.TraceUnbiased, GradientNormSq: c.GradientNormSqUnbiased, NoiseScale: c.NoiseScale,
		Eigenvalues: c.Eigenvalues, EffectiveRankParticipation: c.EffectiveRankParticipation, Withheld: withheld.String(), Needs: withheld.Needs,
		Settled: estimate.Undefined(), rate: o.Rate() / o.LearningRate,
		CI: map[string]estimate.Interval{
			KeyTrace: c.Interval(covariance.KeyTraceUnbiased), KeyGradientNormSq: c.Interval(covariance.KeyGradientNormSq),
			KeyNoiseScale: c.Interval(covariance.KeyNoiseScale),
		},
	}
	if !n.NoiseScale.Defined() && n.GradientNormSq.Defined() {
		n.Undefined = fmt.Sprintf("the mean gradient is not told apart from 0 in this metric (unbiased estimate of its squared length: %.3g)", float64(n.GradientNormSq))
	}
	if err := n.addFrozen(g, o, s); err != nil {
		return nil, err
	}
	return n, n.addStationary(g, o, s)
}
