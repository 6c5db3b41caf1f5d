package tail

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// eulerGamma is Euler's constant to float64.
const eulerGamma = 0.57721566490153286060651209008240243

// LogMoment returns the estimate of a symmetric stable law centred at 0 from the mean m and the variance v (divisor n-1) of
// log|x|:
//
//	1/alpha^2 = 6 v / pi^2 - 1/2,    scale = exp(m - gamma_E (1/alpha - 1))
//
// It is undefined if a value is exactly 0 or 1/alpha^2 <= 0. It is not clipped at 2.
//
// The interval is the asymptotic one of a variance, with the fourth central moment of log|x|, transformed to alpha; it is unbounded above
// if it includes 1/alpha^2 <= 0. Measured coverage, 400 samples for each law with alpha 0.8, 1, 1.2, 1.5, 1.8, 2 and beta = 0, in %: 94
// to 96 at n = 5000, 90 to 94 at n = 1000, 92 to 94 at n = 400, 86 to 90 at n = 100; for beta = 0.8 and alpha < 1.2 it is far less,
// since the law must be symmetric.
//
// Source: Ma & Nikias, Parameter estimation and blind channel identification in impulsive signal environments, IEEE
// Transactions on Signal Processing 43 (1995), section III.
func LogMoment(x []float64) StableEstimate {
	if why := unfitLogs(x); why != "" {
		return noStable(NameLogMoment, why)
	}
	logs, origin := relativeLogs(x)
	mean, variance := stat.MeanVariance(logs, nil)
	e := noStable(NameLogMoment, "log|x| varies less than that of any stable law: 1/alpha^2 is not positive")
	h := normalQuantile * varianceError(logs, mean, variance)
	lo, hi := inverseSquare(variance-h), inverseSquare(variance+h)
	e.CI = estimate.Interval{Lo: signedRoot(lo), Hi: signedRoot(hi)}.Reciprocal()
	if inverseSquare(variance) > 0 {
		alpha := 1 / math.Sqrt(inverseSquare(variance))
		e.Alpha, e.Scale = estimate.Number(alpha), estimate.Number(math.Exp(origin+mean-float64(eulerGamma*(1/alpha-1))))
		e.Warnings, e.Reason = nil, "assumes a law symmetric around 0: beta and location are not estimated"
	}
	return e
}

// relativeLogs returns log|x_i| - origin with a small relative error, even if all |x_i| are close to each other.
func relativeLogs(x []float64) (logs []float64, origin float64) {
	reference := math.Abs(x[0])
	origin = math.Log(reference)
	logs = make([]float64, len(x))
	for i, v := range x {
		v = math.Abs(v)
		if ratio := v / reference; ratio >= 0.5 && ratio <= 2 {
			logs[i] = math.Log1p((v - reference) / reference) // v - reference is exact
		} else {
			logs[i] = math.Log(v) - origin
		}
	}
	return logs, origin
}

// inverseSquare is 1/alpha^2 as a function of the variance of log|x|.
func inverseSquare(variance float64) float64 { return 6*variance/(math.Pi*math.Pi) - 0.5 }

// varianceError is the standard error of a variance, sqrt((m_4 - v^2) / n).
func varianceError(x []float64, mean, variance float64) float64 {
	fourth := 0.0
	for _, v := range x {
		d := (v - mean) * (v - mean)
		fourth += d * d / float64(len(x))
	}
	return math.Sqrt(math.Max(0, fourth-float64(variance*variance)) / float64(len(x)))
}

func signedRoot(v float64) float64 { return math.Copysign(math.Sqrt(math.Abs(v)), v) }
