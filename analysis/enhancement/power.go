package enhancement

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/stat/distuv"
)

// DrawsToDetect is the number of direct draws at which the test of [AgainstUnits], at level 5%, detects with the given power that the
// trainer's alpha has a relative error, if all N samples are recorded, B is small against N and the noise is Gaussian:
//
//	2 ((z_0.975 + z_power) / log(f(alpha (1 + error)) / f(alpha)))^2 / participation
//
// The relative variance of a mean of M squared norms is 2/(M participation), with participation = (tr Sigma)^2 / tr Sigma^2. At
// alpha = 1.5, participation 10 and power 90% an error of 2% takes 929 draws and one of 10% takes 42; the update check finds so small
// an error in one draw. With n recorded units no number of draws detects an error below about
// (z_0.975 + z_power) sqrt(2 (1 - n/N) / (n participation)) in log f. The result is infinite where the error does not change f.
func DrawsToDetect(alpha, relativeError, participation, power float64) float64 {
	shift := math.Log(noise.Factor(alpha*(1+relativeError)) / noise.Factor(alpha))
	z := distuv.UnitNormal.Quantile(0.5+estimate.Level/2) + distuv.UnitNormal.Quantile(power)
	return math.Ceil(2 * (z / shift) * (z / shift) / participation)
}

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
