package enhancement

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"gonum.org/v1/gonum/stat/distuv"
)

// power is that of [undecided].
const power = 0.9

// undecided says how many draws would decide, given the standard error of an estimate from so many, its distance from the prediction, and the
// margin; it is empty where there is a decision. If the prediction holds, so many draws show with a probability of 90% that the difference is less
// than the margin. If there is a difference, so many tell on which side of the margin one as large as measured lies. fixed is the part of the
// standard error that does not depend on draws.
func undecided(v Verdict, se, distance, margin, fixed float64, draws int) estimate.Reason {
	z := distuv.UnitNormal.Quantile(0.5 + estimate.Level/2)
	needed, provided := 0.0, ""
	switch v {
	case Undecided:
		needed, provided = margin/(z+distuv.UnitNormal.Quantile((1+power)/2)), "the prediction holds"
	case Differs:
		needed, provided = math.Abs(math.Abs(distance)-margin)/z, "the difference is as measured"
	default:
		return estimate.Reason{}
	}
	switch enough := estimate.Enough(float64(draws) * (float64(se*se) - float64(fixed*fixed)) / (float64(needed*needed) - float64(fixed*fixed))); {
	case !(se > 0):
		return estimate.Reason{Why: "there is no interval"}
	case needed <= fixed:
		return estimate.Reason{Why: "tr Sigma of the recorded units is too uncertain for any number of draws", Remedy: "more units would do"}
	case enough > 0:
		return estimate.Reason{Why: fmt.Sprintf("about %d draws would do, if %s", enough, provided), Needs: estimate.Needs{Draws: enough}}
	}
	return estimate.Reason{}
}
