package enhancement

import "github.com/noiseprobe/noiseprobe/analysis/estimate"

// The two kinds of evidence, which are never mixed.
const (
	// Resampled draws take units with replacement from the recorded ones: the prediction is then a theorem, and the
	// interval is Monte Carlo error given those units.
	Resampled = "resampled"
	// Direct draws are minibatches of the whole training set through real backward passes at fixed weights.
	Direct = "direct"
)

// Correlation is the measured correlation of the noises x of B and x' of B':
//
//	rho = mean <x, x'> / mean ((|x|^2 + |x'|^2) / 2)
type Correlation struct {
	Evidence  string            `json:"evidence"`
	Pairing   string            `json:"pairing"`
	Draws     int               `json:"draws"`
	Predicted estimate.Number   `json:"predicted"`
	Measured  estimate.Number   `json:"measured"`
	CI        estimate.Interval `json:"ci"`
	PValue    estimate.Number   `json:"p_value"`
}

// Factor is the measured factor by which noise enhancement multiplies the noise covariance of one minibatch.
type Factor struct {
	Alpha       float64           `json:"alpha"`
	Pairing     string            `json:"pairing"`
	Batch       int               `json:"batch"`
	Evidence    string            `json:"evidence"`
	Draws       int               `json:"draws"`
	Predicted   estimate.Number   `json:"predicted"`
	Measured    estimate.Number   `json:"measured"`
	CI          estimate.Interval `json:"ci"`
	Equivalence Equivalence       `json:"equivalence"`
}

// Equivalence is the verdict of two one-sided tests of |measured - predicted| >= Margin: a small p-value speaks for
// agreement within the margin.
type Equivalence struct {
	Margin     estimate.Number `json:"margin"`
	PValue     estimate.Number `json:"p_value"`
	Equivalent bool            `json:"equivalent"`
}

// EffectiveBatch is the size of the single minibatch whose noise has the covariance that was measured.
type EffectiveBatch struct {
	Alpha    float64 `json:"alpha"`
	Pairing  string  `json:"pairing"`
	Batch    int     `json:"batch"`
	Evidence string  `json:"evidence"`
	// Against says what the noise was compared with: "recorded-units" (tr Sigma through Eq. 4), "sgd-at-b-eff" (single
	// minibatches of the rounded B_eff), "sgd-at-b" (direct ones of B) or "resampled-sgd" (resampled ones of B).
	Against   string            `json:"against"`
	Predicted estimate.Number   `json:"predicted"`
	Measured  estimate.Number   `json:"measured"`
	CI        estimate.Interval `json:"ci"`
	// PValue is two-sided, of the prediction.
	PValue estimate.Number `json:"p_value"`
}
