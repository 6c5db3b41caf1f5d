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
	KeyDiversity             = "gradient_diversity_scaled"
)

// Covariance describes the covariance Sigma of n per-unit gradients g_i with mean gbar. Every field names its divisor.
type Covariance struct {
	// Trace is (1/n) sum |g_i - gbar|^2.
	Trace estimate.Number `json:"trace"`
	// TraceUnbiased divides by n-1.
	TraceUnbiased estimate.Number `json:"trace_unbiased"`
	// Eigenvalues of Sigma with divisor n, descending, zeros included.
	Eigenvalues []estimate.Number `json:"eigenvalues"`
	// EigenvaluesCI has 95% intervals for the first of them, at most 20: for the mean over samples of n units, which is above the
	// population's eigenvalue.
	EigenvaluesCI []estimate.Interval `json:"eigenvalues_ci"`
	// NullEdge is the 95% quantile of the largest eigenvalue of Sigma if the parameters' gradients were independent with the
	// variances that they have, and Outstanding the number of eigenvalues above it; undefined and nil where the variances are not known.
	// The edge grows with the variance that directions bring to the parameters, so Outstanding errs to the low side. Few units
	// of long gradients stand out too: the edge beside it grants them.
	NullEdge    estimate.Number `json:"null_edge"`
	Outstanding *int            `json:"outstanding"`
	// NullEdgeUnitScales and OutstandingUnitScales are the same if each unit's gradient has its own length, |g_i - gbar|, too.
	NullEdgeUnitScales    estimate.Number `json:"null_edge_unit_scales"`
	OutstandingUnitScales *int            `json:"outstanding_unit_scales"`
	// EffectiveRankEntropy is exp(-sum p log p), p the eigenvalues over their sum. It is at most n-1 and biased down.
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
	// CI holds 95% intervals by the JSON key of what they belong to.
	CI map[string]estimate.Interval `json:"ci"`
	// Withheld says why there are no intervals, see [Withheld].
	Withheld string `json:"withheld,omitempty"`
	// ByN says how the estimates move with the number of units, and Extrapolated what the biased ones tend to, by JSON key; nil
	// where that cannot be said.
	ByN          []BySize                  `json:"by_n"`
	Extrapolated map[string]*Extrapolation `json:"extrapolated"`
	// Layers has the share of each layer, weights and biases together.
	Layers []Layer `json:"layers"`
}

// Layer is the covariance of one layer's gradients.
type Layer struct {
	Name           string          `json:"name"`
	Parameters     int             `json:"parameters"`
	Trace          estimate.Number `json:"trace"`
	GradientNormSq estimate.Number `json:"gradient_norm_sq"`
	NoiseScale     estimate.Number `json:"noise_scale"`
}

// Interval is the interval of what has a JSON key, none where there is none.
func (c *Covariance) Interval(key string) estimate.Interval {
	if v, ok := c.CI[key]; ok {
		return v
	}
	return estimate.None()
}
