package enhancement

import (
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
