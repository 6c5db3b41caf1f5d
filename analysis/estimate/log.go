package estimate

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Student is the quantile of Student's t law that the half-width of a two-sided interval of [Level] is in standard errors.
func Student(df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(0.5 + Level/2)
}

// TwoSided is the p-value of a value t of Student's law, without the cancellation of 1 - CDF.
func TwoSided(t, df float64) float64 {
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(-math.Abs(t))
}

// AroundLog is the interval of a positive estimate whose logarithm has the half-width h, and none where either is not known:
//
//	[x exp(-h), x exp(h)]
func AroundLog(x, h float64) Interval {
	if !(x > 0) || math.IsNaN(h) {
		return None()
	}
	return Interval{Lo: x * math.Exp(-h), Hi: x * math.Exp(h)}
}
