package curvature

import "github.com/noiseprobe/noiseprobe/analysis/estimate"

// How F was made.
const (
	Exact   = "exact"   // from all classes
	Sampled = "sampled" // from labels drawn from the model
)

// Curvature describes the Gauss-Newton matrix F of K units beside the covariance Sigma (divisor n) of the gradients of n recorded units, of which the K
// are some. gbar is the mean gradient and P the number of parameters.
type Curvature struct {
	Kind string `json:"kind"`
	// Units is K, Labels the number of labels that were drawn for each unit, 0 where F is exact.
	Units  int `json:"units"`
	Labels int `json:"labels,omitempty"`
	// Trace is tr F, unbiased.
	Trace estimate.Number `json:"trace"`
	// Frobenius is |F|, the root of the sum of its squared elements, of the K units; of drawn labels it is free of their own bias. FrobeniusUnbiased
	// is the root of the mean of tr F_k F_l over different units.
	Frobenius         estimate.Number `json:"frobenius"`
	FrobeniusUnbiased estimate.Number `json:"frobenius_unbiased"`
	// Eigenvalues are the first of F of the K units, descending; few units, and drawn labels, bias the leading ones up.
	Eigenvalues []estimate.Number `json:"eigenvalues"`
	// NoiseTrace is tr(F Sigma). NoiseTraceUnbiased is the mean over k of tr(F_k S_k), S_k the covariance (divisor n-2) of the other units.
	NoiseTrace         estimate.Number `json:"noise_trace"`
	NoiseTraceUnbiased estimate.Number `json:"noise_trace_unbiased"`
	// Alignment is tr(F Sigma) / (|F| |Sigma|): 1 for proportional matrices.
	Alignment         estimate.Number `json:"alignment"`
	AlignmentUnbiased estimate.Number `json:"alignment_unbiased"`
	// Anisotropy is P tr(F Sigma) / (tr F tr Sigma): how much more the noise raises the loss than isotropic noise of its strength
	// (Zhu et al., arXiv:1803.00195).
	Anisotropy         estimate.Number `json:"anisotropy"`
	AnisotropyUnbiased estimate.Number `json:"anisotropy_unbiased"`
	// GradientCurvature is gbar' F gbar.
	GradientCurvature         estimate.Number `json:"gradient_curvature"`
	GradientCurvatureUnbiased estimate.Number `json:"gradient_curvature_unbiased"`
	// NoiseScale is tr(F Sigma) / gbar' F gbar of the unbiased estimates, in samples: the batch size at which noise raises the loss by as much as the
	// gradient's own curvature.
	NoiseScale estimate.Number `json:"noise_scale"`
	Step
	// BreakEven has the setting at which cost equals gain, each with the others as they are; nil where there is no step.
	BreakEven *BreakEven `json:"break_even"`
	// Hessian is nil where it was not asked for, Preconditioned where it was not or there are no moments.
	Hessian        *Hessian        `json:"hessian,omitempty"`
	Preconditioned *Preconditioned `json:"preconditioned,omitempty"`
	// CI holds 95% intervals by the JSON key of the field that they belong to.
	CI map[string]estimate.Interval `json:"ci"`
	// Withheld says why there are no intervals, and Reasons, by JSON key, why a number or its interval is null.
	Withheld string            `json:"withheld,omitempty"`
	Needs    estimate.Needs    `json:"needs,omitzero"`
	Reasons  map[string]string `json:"reasons,omitempty"`
	// Eigenbasis looks along leading eigenvectors of F.
	Eigenbasis []Direction `json:"eigenbasis"`
	// Layers has the blocks of each layer, weights and biases together. Of tr(F Sigma) they lack what is between layers.
	Layers []Layer `json:"layers"`
}

// Step is about a step of plain SGD from here, to second order in the learning rate eta, with the curvature F:
//
//	loss falls by    StepGain - StepCost
//	StepGain         eta |gbar|^2 - (eta^2/2) gbar' F gbar
//	StepCost         (eta^2/2) tr(F Sigma_xi)          Sigma_xi the covariance of the run's noise-enhanced gradient
//
// It is undefined where the gradients belong to no training, or samples were recorded of a network that normalises by ghost batches.
type Step struct {
	StepGain         estimate.Number `json:"step_gain"`
	StepGainUnbiased estimate.Number `json:"step_gain_unbiased"`
	StepCost         estimate.Number `json:"step_cost"`
	StepCostUnbiased estimate.Number `json:"step_cost_unbiased"`
	// CostOverGain is their ratio, of the unbiased ones; undefined where the gain is not positive.
	CostOverGain estimate.Number `json:"cost_over_gain"`
	// StepVerdict says which of them is larger, by the interval of the ratio: [Gain], [Cost] or [Undecided]; empty where there is no interval.
	StepVerdict string `json:"step_verdict,omitempty"`
}

// Verdicts on a step.
const (
	Gain      = "gain"
	Cost      = "cost"
	Undecided = "undecided"
)

// BreakEven has the learning rate, the batch size in samples and the alpha >= 1 at which a step neither gains nor loses on average; the last two for minibatches
// that are small against the training set. Undefined is what does not exist.
type BreakEven struct {
	LearningRate estimate.Number `json:"learning_rate"`
	Batch        estimate.Number `json:"batch"`
	Alpha        estimate.Number `json:"alpha"`
}

// Hessian is tr(H Sigma) with the Hessian H of the loss in the place of F, by central differences of gradients: Sigma is that of Units units, H that of the loss over
// Against others. Unlike F, H has negative eigenvalues.
type Hessian struct {
	NoiseTrace estimate.Number   `json:"noise_trace"`
	CI         estimate.Interval `json:"ci"`
	Units      int               `json:"units"`
	Against    int               `json:"against"`
	// Step is the length by which the weights are moved, Error the relative change of the result where they are moved twice as far.
	Step  estimate.Number `json:"step"`
	Error estimate.Number `json:"error"`
}

// Direction is a leading eigenvector v of F of one half of the K units.
type Direction struct {
	// Curvature is v' F v of the other half, Noise the variance of v . g_i, divisor less 1, over the recorded units that are not in the first half.
	Curvature   estimate.Number   `json:"curvature"`
	CurvatureCI estimate.Interval `json:"curvature_ci"`
	Noise       estimate.Number   `json:"noise"`
	NoiseCI     estimate.Interval `json:"noise_ci"`
}

// Layer is the block of one layer of F and its part of the gradients.
type Layer struct {
	Name                      string          `json:"name"`
	Parameters                int             `json:"parameters"`
	Trace                     estimate.Number `json:"trace"`
	NoiseTrace                estimate.Number `json:"noise_trace"`
	NoiseTraceUnbiased        estimate.Number `json:"noise_trace_unbiased"`
	Anisotropy                estimate.Number `json:"anisotropy"`
	AnisotropyUnbiased        estimate.Number `json:"anisotropy_unbiased"`
	GradientCurvature         estimate.Number `json:"gradient_curvature"`
	GradientCurvatureUnbiased estimate.Number `json:"gradient_curvature_unbiased"`
}

// The keys of [Curvature.CI].
const (
	KeyTrace             = "trace"
	KeyFrobenius         = "frobenius_unbiased"
	KeyNoiseTrace        = "noise_trace_unbiased"
	KeyAlignment         = "alignment_unbiased"
	KeyAnisotropy        = "anisotropy_unbiased"
	KeyGradientCurvature = "gradient_curvature_unbiased"
	KeyNoiseScale        = "noise_scale"
	KeyStepGain          = "step_gain_unbiased"
	KeyStepCost          = "step_cost_unbiased"
	KeyCostOverGain      = "cost_over_gain"
)

// The keys of a step that is missing as a whole.
const keyGain, keyCost = "step_gain", "step_cost"

// Interval is the interval of the field with this JSON key, [estimate.None] if it has none.
func (c *Curvature) Interval(key string) estimate.Interval { return estimate.In(c.CI, key) }

// Withhold takes away the intervals and the verdict on a step: recorded units that are unlike the population say nothing of their error.
func (c *Curvature) Withhold(why estimate.Reason) {
	none := estimate.None()
	c.Withheld, c.Needs, c.CI, c.StepVerdict = why.String(), why.Needs, map[string]estimate.Interval{}, ""
	if c.Hessian != nil {
		c.Hessian.CI = none
	}
	if p := c.Preconditioned; p != nil {
		p.Withheld, p.Needs, p.CI, p.StepVerdict = why.String(), why.Needs, nil, ""
	}
	for i := range c.Eigenbasis {
		c.Eigenbasis[i].CurvatureCI, c.Eigenbasis[i].NoiseCI = none, none
	}
}
