package covariance

import "github.com/noiseprobe/noiseprobe/analysis/estimate"

// The keys of [Covariance.CI] and [Covariance.Extrapolated], which are those of the fields that they belong to.
const (
	KeyTrace                 = "trace"
	KeyTraceUnbiased         = "trace_unbiased"
	KeyEntropy               = "effective_rank_entropy"
	KeyParticipation         = "effective_rank_participation"
	KeyParticipationUnbiased = "effective_rank_participation_unbiased"
	KeyLeadingEigenvalue     = "leading_eigenvalue"
	KeyGradientNormSq        = "gradient_norm_sq_unbiased"
	KeyNoiseScale            = "noise_scale"
)

// Covariance describes the covariance Sigma of n per-unit gradients g_i with mean gbar. Every field names its divisor.
type Covariance struct {
	// Trace is (1/n) sum |g_i - gbar|^2.
	Trace estimate.Number `json:"trace"`
	// TraceUnbiased divides by n-1.
	TraceUnbiased estimate.Number `json:"trace_unbiased"`
	// Eigenvalues of Sigma with divisor n, descending, zeros included.
	Eigenvalues []estimate.Number `json:"eigenvalues"`
	// EigenvaluesCI has 95% intervals for the first of them, at most 20. They are intervals for the mean of the eigenvalue over samples of
	// n units, which is above the population's eigenvalue.
	EigenvaluesCI []estimate.Interval `json:"eigenvalues_ci"`
	// NullEdge is the 95% quantile that the largest eigenvalue of Sigma would have if the parameters' gradients were independent, with
	// the variances that they have. Outstanding is the number of eigenvalues above it. They are undefined and nil where the variances
	// are not known. Outstanding errs to the low side, since outstanding directions add to the variances and so raise the edge. A few
	// units with long gradients also cause eigenvalues above the edge; NullEdgeUnitScales allows for them.
	NullEdge    estimate.Number `json:"null_edge"`
	Outstanding *int            `json:"outstanding"`
	// NullEdgeUnitScales and OutstandingUnitScales are the same if in addition each unit's gradient keeps its length |g_i - gbar|.
	NullEdgeUnitScales    estimate.Number `json:"null_edge_unit_scales"`
	OutstandingUnitScales *int            `json:"outstanding_unit_scales"`
	// EffectiveRankEntropy is exp(-sum p log p), p the eigenvalues over their sum. It is at most n-1, and biased down.
	EffectiveRankEntropy estimate.Number `json:"effective_rank_entropy"`
	// EffectiveRankParticipation is (tr Sigma)^2 / tr Sigma^2 of the sample covariance: biased down, at most n-1.
	EffectiveRankParticipation estimate.Number `json:"effective_rank_participation"`
	// EffectiveRankParticipationUnbiased is TraceUnbiased^2 over the unbiased estimate of tr Sigma^2.
	EffectiveRankParticipationUnbiased estimate.Number `json:"effective_rank_participation_unbiased"`
	// GradientNormSq is |gbar|^2.
	GradientNormSq estimate.Number `json:"gradient_norm_sq"`
	// GradientNormSqUnbiased is |gbar|^2 - TraceUnbiased/n (1 - n/N): it can be negative.
	GradientNormSqUnbiased estimate.Number `json:"gradient_norm_sq_unbiased"`
	// NoiseScale is TraceUnbiased / GradientNormSqUnbiased (McCandlish et al., arXiv:1812.06162, B_simple), in samples;
	// undefined where the denominator is not positive.
	NoiseScale estimate.Number `json:"noise_scale"`
	// NoiseScalePlugin is Trace / GradientNormSq, in samples.
	NoiseScalePlugin estimate.Number `json:"noise_scale_plugin"`
	// GradientDiversity is sum |g_i|^2 / |sum g_i|^2 (Yin et al., arXiv:1706.05699); it falls like 1/n.
	GradientDiversity estimate.Number `json:"gradient_diversity"`
	// GradientDiversityScaled is n times GradientDiversity.
	GradientDiversityScaled estimate.Number `json:"gradient_diversity_scaled"`
	// CI holds 95% intervals by the JSON key of the field that they belong to.
	CI map[string]estimate.Interval `json:"ci"`
	// Withheld says why there are no intervals, see [Withheld].
	Withheld string         `json:"withheld,omitempty"`
	Needs    estimate.Needs `json:"needs,omitzero"`
	// ByN shows how the estimates depend on the number of units. Extrapolated has the limits of the biased ones, by JSON key; nil where
	// the limit cannot be estimated.
	ByN          []BySize                  `json:"by_n"`
	Extrapolated map[string]*Extrapolation `json:"extrapolated"`
	// Layers has the share of each layer, weights and biases together.
	Layers []Layer `json:"layers"`
}

// Layer is the covariance of one layer's gradients.
type Layer struct {
	Name           string          `json:"name"`
	Parameters     estimate.Count  `json:"parameters"`
	Trace          estimate.Number `json:"trace"`
	GradientNormSq estimate.Number `json:"gradient_norm_sq"`
	NoiseScale     estimate.Number `json:"noise_scale"`
}

// Interval is the interval of the field with this JSON key, [estimate.None] if it has none.
func (c *Covariance) Interval(key string) estimate.Interval { return estimate.In(c.CI, key) }
