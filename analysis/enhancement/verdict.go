package enhancement

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Verdict is what an interval shows about a prediction and a margin around it.
type Verdict string

// The verdicts. They do not take a large p-value for agreement, or a small one for a difference that matters.
const (
	Equal        Verdict = "equal"         // the difference is shown to be less than the margin
	Differs      Verdict = "differs"       // there is a difference; whether it is beyond the margin is not decided
	BeyondMargin Verdict = "beyond-margin" // the difference is shown to be more than the margin
	Undecided    Verdict = "undecided"     // neither a difference nor its absence is shown
	ByDefinition Verdict = "identity"      // there is nothing to decide, see [Identity]
)

// judge compares an interval with a prediction; the margin is a positive share of the prediction.
func judge(ci estimate.Interval, predicted, margin float64) Verdict {
	lo, hi := predicted-float64(margin*math.Abs(predicted)), predicted+float64(margin*math.Abs(predicted))
	switch {
	case !ci.Defined() || math.IsNaN(predicted):
		return Undecided
	case ci.Lo > hi || ci.Hi < lo:
		return BeyondMargin
	case ci.Lo > lo && ci.Hi < hi:
		return Equal
	case !ci.Contains(predicted):
		return Differs
	}
	return Undecided
}
