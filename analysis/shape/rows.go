package shape

import (
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// Shape is how far from Gaussian the gradients g_i of n units are. x_i = g_i - gbar, Sigma is their covariance, and what is unbiased is so for
// the population that the units are drawn from.
type Shape struct {
	// Kappa is E|x|^4 - (tr Sigma)^2 - 2 tr Sigma^2 of the units as the population (divisor n); KappaUnbiased its k-statistic.
	Kappa         estimate.Number `json:"kappa"`
	KappaUnbiased estimate.Number `json:"kappa_unbiased"`
	// Gamma is KappaUnbiased / (tr Sigma)^2, tr Sigma with divisor n-1: the excess relative variance of |x|^2. It is 0 for a Gaussian.
	Gamma estimate.Number `json:"gamma"`
	// NormExcessUnit is KappaUnbiased / (2 tr Sigma^2), with the unbiased estimate of tr Sigma^2; Plugin takes the units as the population.
	NormExcessUnit       estimate.Number `json:"norm_excess_unit"`
	NormExcessUnitPlugin estimate.Number `json:"norm_excess_unit_plugin"`
	// EffectiveUnits is (sum |x_i|^2)^2 / sum |x_i|^4: n where all are equally long, 1 where one carries everything.
	EffectiveUnits estimate.Number `json:"effective_units"`
	CI             Intervals       `json:"ci"`
	// Population is nil where the norms of all training samples are not known.
	Population *PopulationShape `json:"population"`
	// Withheld says why there are no intervals and no verdict.
	Withheld string         `json:"withheld,omitempty"`
	Needs    estimate.Needs `json:"needs,omitzero"`
	// Verdict is that of the test of gamma of the recorded units.
	Verdict Verdict `json:"verdict"`
	// Conclusion sums up everything here, and Family counts the tests of all checkpoints; nil before [Judge].
	Conclusion *Conclusion `json:"conclusion"`
	Family     *Family     `json:"family"`
	Rows       []Row       `json:"rows"`
	// NoDirect says why there are no rows of real minibatches.
	NoDirect      string         `json:"no_direct,omitempty"`
	NoDirectNeeds estimate.Needs `json:"no_direct_needs,omitzero"`
	Directions    []Direction    `json:"directions"`
	// Tests are all tests of this checkpoint for being non-Gaussian, judged together with those of the others.
	Tests []Test `json:"tests"`

	norms NormTail // without a verdict
}

// What a [Conclusion] is from.
const (
	FromAllSamples    = covariance.FromAllSamples
	FromRecordedUnits = covariance.FromRecordedUnits
)

// Intervals are 95% jackknife intervals over the units.
type Intervals struct {
	Gamma          estimate.Interval `json:"gamma"`
	NormExcessUnit estimate.Interval `json:"norm_excess_unit"`
}

// The evidence of a [Row], beside [enhancement.Direct].
const Exact = "exact"

// Row is the excess of Var|xi|^2 over that of a Gaussian of the same covariance, Var|xi|^2 / (2 tr Sigma_xi^2) - 1, for the noise xi of
// minibatches of one arm.
type Row struct {
	Arm   enhancement.Arm `json:"arm"`
	Alpha float64         `json:"alpha"`
	Batch int             `json:"batch"`
	// Evidence is [Exact], for minibatches with replacement from the units as the population, or direct, over Draws real minibatches.
	Evidence   string            `json:"evidence"`
	Draws      int               `json:"draws"`
	NormExcess estimate.Number   `json:"norm_excess"`
	CI         estimate.Interval `json:"ci"`
	// Unbiased estimates an exact row's NormExcess for minibatches with replacement from the population, UnbiasedCI is its interval.
	Unbiased   estimate.Number   `json:"norm_excess_unbiased"`
	UnbiasedCI estimate.Interval `json:"norm_excess_unbiased_ci"`
	// AllSamples is Unbiased with tr Sigma and E|x|^4 of all training samples, see [PopulationShape]; undefined where these are not known.
	AllSamples   estimate.Number   `json:"norm_excess_all_samples"`
	AllSamplesCI estimate.Interval `json:"norm_excess_all_samples_ci"`
	// Predicted is what the units' fourth cumulant and covariance predict for a direct row, at N and its pairing, with tr Sigma and E|x|^4 of all
	// samples where they are known; PValue is two-sided, of that.
	Predicted estimate.Number `json:"predicted"`
	PValue    estimate.Number `json:"p_value"`
}

// FromGradients is the excess of an exact row by the best that is known: from all samples, or else from the recorded units.
func (r *Row) FromGradients() (estimate.Number, estimate.Interval) {
	if r.AllSamples.Defined() {
		return r.AllSamples, r.AllSamplesCI
	}
	return r.Unbiased, r.UnbiasedCI
}

// Direction is the shape of single gradients along one direction, from the N units that did not choose it: ratios of k-statistics, G1 and G2.
type Direction struct {
	Of               string            `json:"of"`
	N                int               `json:"n"`
	SkewnessG1       estimate.Number   `json:"skewness_g1"`
	SkewnessCI       estimate.Interval `json:"skewness_ci"`
	ExcessKurtosisG2 estimate.Number   `json:"excess_kurtosis_g2"`
	CI               estimate.Interval `json:"ci"` // of ExcessKurtosisG2
	Verdict          Verdict           `json:"verdict"`
}

// Axis says over what a sample runs.
const (
	AxisDraws = "draws"
	AxisUnits = "units"
)

// Recorded is the evidence of rows about the recorded units themselves: one number a unit, nothing drawn.
const Recorded = "recorded"

// What the samples of one number per unit are of.
const (
	Loss         = "loss"
	GradientNorm = "gradient norm"
)

// Summary describes a sample of one number per unit: a loss or a gradient norm. Its size N is that of the embedded
// summary.
type Summary struct {
	Of string `json:"of"`
	normality.Summary
}

// Normality says how far from Gaussian a sample is. Arm, Alpha and Batch are null for samples that no minibatch was drawn for.
type Normality struct {
	Of                      string            `json:"of"`
	Axis                    string            `json:"axis"`
	Evidence                string            `json:"evidence"`
	Standardised            bool              `json:"standardised"`
	Arm                     enhancement.Arm   `json:"arm"`
	Alpha                   *float64          `json:"alpha"`
	Batch                   *int              `json:"batch"`
	N                       int               `json:"n"`
	SkewnessG1              estimate.Number   `json:"skewness_g1"`
	SkewnessPredicted       estimate.Number   `json:"skewness_predicted"`
	SkewnessCI              estimate.Interval `json:"skewness_ci"`
	ExcessKurtosisG2        estimate.Number   `json:"excess_kurtosis_g2"`
	ExcessKurtosisPredicted estimate.Number   `json:"excess_kurtosis_predicted"`
	// ExcessKurtosisCeiling is the largest g2 that any sample of this size can have.
	ExcessKurtosisCeiling estimate.Number `json:"excess_kurtosis_ceiling"`
	// CI is the interval of ExcessKurtosisG2.
	CI estimate.Interval `json:"ci"`
	// GaussianSurrogate is the central 95% range of g2 for Gaussian gradients: of as many normal numbers, and of gradient norms for as many
	// Gaussian vectors of the units' mean and spectrum; there is none for losses.
	GaussianSurrogate estimate.Interval `json:"gaussian_surrogate"`
	Tests             []normality.Test  `json:"tests"`
}

// Tail holds the tail indices of a sample of absolute values.
type Tail struct {
	Of           string `json:"of"`
	Axis         string `json:"axis"`
	Evidence     string `json:"evidence"`
	Standardised bool   `json:"standardised"`
	// Zeros counts the values that are exactly zero.
	Zeros     int             `json:"zeros"`
	Arm       enhancement.Arm `json:"arm"`
	Alpha     *float64        `json:"alpha"`
	Batch     *int            `json:"batch"`
	N         int             `json:"n"`
	Estimates []tail.Estimate `json:"estimates"`
	// Stable are fits of a stable law, of which samples over units have none.
	Stable []tail.StableEstimate `json:"stable"`
	// Surrogate is the same estimate for the norms of Gaussian vectors of the units' mean and spectrum; none for losses.
	Surrogate []tail.SurrogateBand `json:"surrogate"`
}

// Pursuit is the least Gaussian direction of single gradients among the combinations of the leading Directions eigenvectors of
// Sigma: eigenvectors and direction are found on one half of the units, and judged on the other.
type Pursuit struct {
	Directions int `json:"directions"`
	normality.Pursuit
}

// Sample is a sample of the noise of one arm, for a Q-Q plot.
type Sample struct {
	Arm    enhancement.Arm
	Values []float64
}
