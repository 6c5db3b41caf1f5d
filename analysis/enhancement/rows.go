package enhancement

import "github.com/noiseprobe/noiseprobe/analysis/estimate"

// The two kinds of evidence, which are never mixed.
const (
	// Resampled draws take units with replacement from the recorded ones. The prediction is then a theorem, and the interval is the
	// Monte Carlo error for these units.
	Resampled = "resampled"
	// Direct draws are minibatches of the whole training set through real backward passes at fixed weights.
	Direct = "direct"
)

// What kind of statement a row is.
const (
	// Measured rows could come out otherwise than predicted.
	Measured = "measured"
	// Theorem rows cannot, but for the Monte Carlo error: resampled ones, and those of the naive enhancement, a ratio of two equal noises.
	Theorem = "theorem"
	// Identity rows hold whatever is drawn: alpha = 0 and alpha = 1, where f = 1. They have neither an interval nor a test.
	Identity = "identity"
)

// kindOf is that of a row that follows from rho.
func kindOf(evidence string, alpha float64) string {
	switch {
	case alpha == 0 || alpha == 1:
		return Identity
	case evidence == Resampled:
		return Theorem
	}
	return Measured
}

// What the NE noise was compared with for B_eff.
const (
	RecordedUnits = "recorded-units" // tr Sigma of the recorded units, or of all training samples where their norms are known, through Eq. 4
	SGDAtBEff     = "sgd-at-b-eff"   // direct single minibatches of the rounded B_eff
	SGDAtB        = "sgd-at-b"       // direct single minibatches of B
	ResampledSGD  = "resampled-sgd"  // resampled single minibatches of B
)

// NoisePrefix precedes the name of a direction in the name of the noise along it; LeadingNoise is the noise along the first eigenvector
// of Sigma.
const (
	NoisePrefix  = "noise "
	LeadingNoise = NoisePrefix + "top1"
)

// Correlation is the measured correlation of the noises x of B and x' of B':
//
//	rho = mean <x, x'> / mean ((|x|^2 + |x'|^2) / 2)
type Correlation struct {
	Evidence  string            `json:"evidence"`
	Kind      string            `json:"kind"` // [Measured] or [Theorem]
	Pairing   string            `json:"pairing"`
	Draws     int               `json:"draws"`
	Predicted estimate.Number   `json:"predicted"`
	Measured  estimate.Number   `json:"measured"`
	CI        estimate.Interval `json:"ci"`
	PValue    estimate.Number   `json:"p_value"`
	// Withheld says why direct draws have neither an interval nor a test: a few of them carry the noise.
	Withheld string `json:"withheld,omitempty"`
	// Needs are those of the reason.
	Needs estimate.Needs `json:"needs,omitzero"`
}

// Factor is the measured factor by which noise enhancement multiplies the noise covariance of one minibatch.
type Factor struct {
	Alpha       float64           `json:"alpha"`
	Pairing     string            `json:"pairing"`
	Batch       int               `json:"batch"`
	Evidence    string            `json:"evidence"`
	Kind        string            `json:"kind"` // [Measured], [Theorem] or [Identity]
	Draws       int               `json:"draws"`
	Predicted   estimate.Number   `json:"predicted"`
	Measured    estimate.Number   `json:"measured"`
	CI          estimate.Interval `json:"ci"`
	Equivalence Equivalence       `json:"equivalence"`
	// Verdict compares Measured with Predicted within the margin of Equivalence.
	Verdict Verdict `json:"verdict"`
	// Withheld is as in [Correlation].
	Withheld string `json:"withheld,omitempty"`
	// Reason says how many draws would decide what is not decided.
	Reason string `json:"reason,omitempty"`
	// Needs are those of Withheld or of Reason.
	Needs estimate.Needs `json:"needs,omitzero"`
	// Leads marks the row that answers for the run's alpha: a measured one.
	Leads bool `json:"leads,omitempty"`
}

// Equivalence is the result of two one-sided tests of the hypothesis |true - predicted| >= Margin: a small p-value is evidence of
// agreement within the margin.
type Equivalence struct {
	Margin     estimate.Number `json:"margin"`
	PValue     estimate.Number `json:"p_value"`
	Equivalent bool            `json:"equivalent"`
}

// EffectiveBatch is the size of the single minibatch whose noise has the measured covariance.
type EffectiveBatch struct {
	Alpha    float64 `json:"alpha"`
	Pairing  string  `json:"pairing"`
	Batch    int     `json:"batch"`
	Evidence string  `json:"evidence"`
	Kind     string  `json:"kind"` // as in [Factor]
	// Against is [RecordedUnits], [SGDAtBEff], [SGDAtB] or [ResampledSGD].
	Against   string            `json:"against"`
	Predicted estimate.Number   `json:"predicted"`
	Measured  estimate.Number   `json:"measured"`
	CI        estimate.Interval `json:"ci"`
	// PValue is that of the prediction, two-sided.
	PValue estimate.Number `json:"p_value"`
	// Verdict compares Measured with Predicted within a margin of [Margin].
	Verdict Verdict `json:"verdict"`
	// ExactTrace says that tr Sigma is that of all training samples, for [RecordedUnits].
	ExactTrace bool `json:"exact_trace,omitempty"`
	// Withheld says why there is neither an interval nor a test, see [covariance.Withheld] and [Correlation].
	Withheld string `json:"withheld,omitempty"`
	// Reason, Needs and Leads are as in [Factor]: the comparison with the recorded units leads, unless it is withheld.
	Reason string         `json:"reason,omitempty"`
	Needs  estimate.Needs `json:"needs,omitzero"`
	Leads  bool           `json:"leads,omitempty"`
}
