package enhancement

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"gonum.org/v1/gonum/stat/distuv"
)

// quantity is an estimate with its standard error and degrees of freedom.
type quantity struct{ value, se, df float64 }

// meanOf is the mean of x, with divisor n-1 in its standard error.
func meanOf(x []float64) quantity {
	n := float64(len(x))
	mean := 0.0
	for _, v := range x {
		mean += v / n
	}
	squares := 0.0
	for _, v := range x {
		squares += float64((v - mean) * (v - mean))
	}
	return quantity{mean, math.Sqrt(squares / (n - 1) / n), n - 1}
}

// ratioOf is r = mean(x)/mean(y) for paired draws, with the standard error by linearisation:
//
//	sd(x - r y) / (mean(y) sqrt(M))
func ratioOf(x, y []float64) quantity {
	meanX, meanY := meanOf(x), meanOf(y)
	r := meanX.value / meanY.value
	residual := make([]float64, len(x))
	for i := range x {
		residual[i] = (x[i] - float64(r*y[i])) / meanY.value
	}
	return quantity{r, meanOf(residual).se, meanY.df}
}

// logRatio is log(a/b) of two independent positive estimates.
func logRatio(a, b quantity) quantity { return difference(a.log(), b.log()) }

// difference is a - b of two independent estimates, with Welch-Satterthwaite degrees of freedom.
func difference(a, b quantity) quantity {
	va, vb := a.se*a.se, b.se*b.se
	df := (va + vb) * (va + vb) / (va*va/a.df + vb*vb/b.df)
	return quantity{a.value - b.value, math.Sqrt(va + vb), df}
}

var undefinedQuantity = quantity{math.NaN(), math.NaN(), math.NaN()}

// log is the logarithm of a positive estimate.
func (q quantity) log() quantity {
	return quantity{math.Log(q.value), q.se / q.value, q.df}
}

// interval is value -+ t se. There is none if the standard error is unknown.
func (q quantity) interval() estimate.Interval {
	switch {
	case q.se == 0:
		return estimate.Around(q.value, 0)
	case !(q.se > 0 && q.df > 0):
		return estimate.None()
	}
	return estimate.Around(q.value, q.se*estimate.Student(q.df))
}

// pValue is the two-sided p-value of the hypothesis that the true value is want; undefined if there is no sampling error.
func (q quantity) pValue(want float64) estimate.Number {
	if !(q.se > 0) {
		return estimate.Undefined()
	}
	return estimate.Number(estimate.TwoSided((q.value-want)/q.se, q.df))
}

// equivalence tests the hypothesis |true - want| >= margin by two one-sided tests; the p-value is the larger of the two. If there is no
// sampling error the p-value is undefined, and the value itself is compared with the margin.
func (q quantity) equivalence(want, margin float64) Equivalence {
	e := Equivalence{Margin: estimate.Number(margin), PValue: estimate.Undefined()}
	if !(q.se > 0) {
		e.Equivalent = math.Abs(q.value-want) < margin
		return e
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: q.df}
	p := max(t.CDF(-(q.value-want+margin)/q.se), t.CDF((q.value-want-margin)/q.se))
	e.PValue = estimate.Number(p)
	e.Equivalent = p < 1-estimate.Level
	return e
}
