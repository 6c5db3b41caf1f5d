package enhancement

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// TraceRatio is the quantity of a [Comparison]: the mean squared norm of the NE noise over that of SGD at B_eff.
const TraceRatio = "trace-ratio"

// All is the direction in rows that sum over all directions.
const All = "all"

// Comparison compares NE at B with SGD at B_eff, whose noise has the same covariance, in one quantity.
type Comparison struct {
	Quantity  string            `json:"quantity"`
	Direction string            `json:"direction"`
	Evidence  string            `json:"evidence"`
	Alpha     float64           `json:"alpha"`
	Batch     int               `json:"batch"`
	Effective int               `json:"effective"`
	Draws     int               `json:"draws"`
	Predicted estimate.Number   `json:"predicted"`
	Measured  estimate.Number   `json:"measured"`
	CI        estimate.Interval `json:"ci"`
	// PValue is two-sided, of the prediction.
	PValue estimate.Number `json:"p_value"`
	// Withheld says why there is neither an interval nor a test, see [Withheld].
	Withheld string         `json:"withheld,omitempty"`
	Needs    estimate.Needs `json:"needs,omitzero"`
}

// MatchedDraws compares the mean squared norms of direct noise: that of the trainer's own NE gradient over that of single minibatches of the
// rounded B_eff,
//
//	mean |e|^2 of NE / mean |x|^2 of SGD at b, b = B_eff rounded
//
// The prediction is that of Eq. 4 for the pairing and N; interval and test are on the log scale. It is false if no minibatches of B_eff
// were drawn, and for plain SGD.
func MatchedDraws(d *probe.Draws) (Comparison, bool) {
	if d.Effective < 1 || d.Alpha == 0 || d.Alpha == 1 {
		return Comparison{}, false
	}
	ne, sgd := meanOf(d.EnhancedSq), meanOf(d.EffectiveSq)
	if roundingAlone(d) {
		ne = undefinedQuantity
	}
	predicted := noise.CovarianceFactor(d.Pairing, d.Population, d.Batch, d.Alpha) /
		noise.CovarianceFactor(d.Pairing.Single(), d.Population, d.Effective, 1)
	l := logRatio(ne, sgd)
	ci := l.interval()
	c := Comparison{
		Quantity: TraceRatio, Direction: All, Evidence: Direct, Alpha: d.Alpha, Batch: d.Batch, Effective: d.Effective, Draws: len(d.EnhancedSq),
		Predicted: estimate.Number(predicted), Measured: estimate.Number(ne.value / sgd.value),
		CI: estimate.Interval{Lo: math.Exp(ci.Lo), Hi: math.Exp(ci.Hi)}, PValue: l.pValue(math.Log(predicted)),
	}
	why := Withheld(d, min(d.Batch, d.Effective))
	if c.Withheld, c.Needs = why.String(), why.Needs; c.Withheld != "" {
		c.CI, c.PValue = estimate.None(), estimate.Undefined()
	}
	return c, true
}
