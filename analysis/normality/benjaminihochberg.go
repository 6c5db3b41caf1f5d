package normality

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// BenjaminiHochberg returns the logarithms of the p-values adjusted for their number m, in the order given: with p_(1) <= p_(2) <= ...,
//
//	adjusted p_(i) = min over j >= i of min(1, m p_(j) / j)
//
// Rejecting the tests whose adjusted p is at most q keeps the expected share of false rejections below q, for independent and for
// positively dependent tests. NaN, an undefined p, stays NaN and is not counted in m; -Inf is p = 0.
//
// Source: Benjamini & Hochberg, Controlling the false discovery rate, Journal of the Royal Statistical Society B 57 (1995).
func BenjaminiHochberg(logP []float64) []float64 {
	order, adjusted := ascending(logP)
	least := 0.0
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, logP[i]+math.Log(float64(len(order))/float64(rank)))
		adjusted[i] = least
	}
	return adjusted
}

// ascending returns the places of the p-values by their size, without those that are NaN, and as many adjusted p-values, which are NaN so far.
func ascending(logP []float64) (order []int, adjusted []float64) {
	adjusted = make([]float64, len(logP))
	for i, p := range logP {
		adjusted[i] = math.NaN()
		if !math.IsNaN(p) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(logP[a], logP[b]) })
	return order, adjusted
}

// Rejection is the number of N tests that reject at a nominal level, and their rate, which would be that level if every null hypothesis
// were true. CI is the exact binomial interval of the rate for independent tests (Clopper & Pearson, Biometrika 26 (1934)).
type Rejection struct {
	Level    float64           `json:"level"`
	N        int               `json:"n"`
	Rejected int               `json:"rejected"`
	Rate     estimate.Number   `json:"rate"`
	CI       estimate.Interval `json:"ci"`
}

// RejectionRate counts the p-values that are at most level. NaN, an undefined p, is not counted in N; if all are NaN the rate is
// undefined.
func RejectionRate(logP []float64, level float64) Rejection {
	r := Rejection{Level: level, Rate: estimate.Undefined(), CI: estimate.None()}
	for _, p := range logP {
		if math.IsNaN(p) {
			continue
		}
		r.N++
		if p <= math.Log(level) {
			r.Rejected++
		}
	}
	if r.N > 0 {
		r.Rate, r.CI = estimate.Number(float64(r.Rejected)/float64(r.N)), binomialInterval(r.Rejected, r.N)
	}
	return r
}

func binomialInterval(hits, n int) estimate.Interval {
	k, tail := float64(hits), (1-estimate.Level)/2
	v := estimate.Interval{Lo: 0, Hi: 1}
	if hits > 0 {
		v.Lo = distuv.Beta{Alpha: k, Beta: float64(n) - k + 1}.Quantile(tail)
	}
	if hits < n {
		v.Hi = distuv.Beta{Alpha: k + 1, Beta: float64(n) - k}.Quantile(1 - tail)
	}
	return v
}
