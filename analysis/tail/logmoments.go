package tail

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// eulerGamma is Euler's constant to float64.
const eulerGamma = 0.57721566490153286060651209008240243

// LogMoment returns the estimate of a symmetric stable law centred at 0 from the mean m and the variance v (divisor n-1) of
// log|x|:
//
//	1/alpha^2 = 6 v / pi^2 - 1/2,    scale = exp(m - gamma_E (1/alpha - 1))
//
// It is undefined with an exact zero, or where 1/alpha^2 <= 0. It is not clipped at 2.
//
// The interval is the asymptotic one of a variance, with the fourth central moment of log|x|, mapped to alpha: unbounded above
// where 1/alpha^2 <= 0 is possible.
//
// Source: Ma & Nikias, Parameter estimation and blind channel identification in impulsive signal environments, IEEE
// Transactions on Signal Processing 43 (1995), section III.
func LogMoment(x []float64) StableEstimate {
	const method = "log-moment"
	if why := unfitLogs(x); why != "" {
		return noStable(method, why)
	}
	logs := make([]float64, len(x))
	for i, v := range x {
		logs[i] = math.Log(math.Abs(v))
	}
	mean, variance := stat.MeanVariance(logs, nil)
	inverse := func(v float64) float64 { return 6*v/(math.Pi*math.Pi) - 0.5 }
	e := noStable(method, "log|x| varies less than that of any stable law: 1/alpha^2 is not positive")
	h := distuv.UnitNormal.Quantile(0.5+estimate.Level/2) * varianceError(logs, mean, variance)
	lo, hi := inverse(variance-h), inverse(variance+h)
	e.CI = tailIndexInterval(estimate.Interval{Lo: signedRoot(lo), Hi: signedRoot(hi)})
	if inverse(variance) > 0 {
		alpha := 1 / math.Sqrt(inverse(variance))
		e.Alpha, e.Scale = estimate.Number(alpha), estimate.Number(math.Exp(mean-eulerGamma*(1/alpha-1)))
		e.Warnings = nil
	}
	return e
}

// varianceError is the standard error of a variance, sqrt((m_4 - v^2) / n).
func varianceError(x []float64, mean, variance float64) float64 {
	fourth := 0.0
	for _, v := range x {
		d := (v - mean) * (v - mean)
		fourth += d * d / float64(len(x))
	}
	return math.Sqrt(math.Max(0, fourth-variance*variance) / float64(len(x)))
}

func signedRoot(v float64) float64 { return math.Copysign(math.Sqrt(math.Abs(v)), v) }
