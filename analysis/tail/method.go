package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// method is an estimator in the form that Analyse needs.
type method struct {
	name  string
	least int // k
	// leastInterval is the smallest k with an interval.
	leastInterval int
	// biased methods have intervals that hold without bias only, at a k of their choice that does not keep it small.
	biased bool
	// reach is the number of the largest values that the method reads at k.
	reach func(k int) int
	fit   func(k int) fit
	// choose returns the k of the estimate, fixed that of the comparison, which no value of the sample may influence.
	choose func(r *Result) int
	fixed  func(n int) int
}

// fit estimates gamma, NaN where undefined, from the values that a method reads, in descending order. The interval takes longer.
type fit func(y []float64) (gamma float64, interval func() estimate.Interval)

// of applies the method to a sample.
func (m method) of(x []float64, side Side, k int) Estimate {
	if k < m.least {
		return undefined(m.name, k)
	}
	return m.estimate(largest(x, side, m.reach(k)), k)
}

// estimate applies the method to all values of a side in descending order, or to those that it reads.
func (m method) estimate(y []float64, k int) Estimate {
	if k < m.least || m.reach(k) > len(y) {
		return undefined(m.name, k)
	}
	gamma, interval := m.fit(k)(y[:m.reach(k)])
	if math.IsNaN(gamma) {
		return undefined(m.name, k)
	}
	return newEstimate(m.name, k, gamma, interval())
}

// widen stretches the interval of an estimate to hold that at the smaller k = DefaultK too, where bias is smaller.
func (m method) widen(e Estimate, y []float64) Estimate {
	if e.K <= DefaultK(len(y)) || !e.Gamma.Defined() {
		return e
	}
	switch less := m.estimate(y, DefaultK(len(y))); {
	case !less.Gamma.Defined():
	case !less.CI.Defined(): // no power law is possible there
		e.CI.Hi = math.Inf(1)
	case !e.CI.Defined():
		e.CI = estimate.Interval{Lo: less.CI.Lo, Hi: math.Inf(1)}
	default:
		e.CI = estimate.Interval{Lo: min(e.CI.Lo, less.CI.Lo), Hi: max(e.CI.Hi, less.CI.Hi)}
	}
	return e
}

func next(k int) int { return min(k, math.MaxInt-1) + 1 }

func four(k int) int { return 4 * min(k, math.MaxInt/4) }

func forHill(r *Result) int {
	if r.KChoice.K > 0 {
		return r.KChoice.K
	}
	return DefaultK(r.N)
}

func pickandsK(n int) int { return (undersmoothedK(n) + 1) / 2 }

// forSize is fixed as a choice.
func forSize(fixed func(n int) int) func(r *Result) int {
	return func(r *Result) int { return fixed(r.N) }
}

var (
	hill     = method{NameHill, 1, 1, true, next, hillOf, forHill, DefaultK}
	moment   = method{NameMoment, 2, 4, false, next, momentOf, forSize(undersmoothedK), undersmoothedK}
	pickands = method{NamePickands, 1, 1, false, four, pickandsOf, forSize(pickandsK), pickandsK}
	kernel   = method{NameKernel, 3, 6, true, next, kernelOf, forHill, DefaultK}
	gpd      = method{NameGPD, minGPD, minGPD, false, next, gpdOf, forSize(undersmoothedK), undersmoothedK}
	powerLaw = method{NamePowerLaw, 2, 2, true, func(k int) int { return k }, powerLawOf, func(r *Result) int { return r.PowerLaw.NTail }, DefaultK}
	methods  = []method{hill, moment, pickands, kernel, gpd, powerLaw}
)

// above makes f undefined where the threshold is not positive.
func above(f fit) fit {
	return func(y []float64) (float64, func() estimate.Interval) {
		if !(y[len(y)-1] > 0) {
			return math.NaN(), nil
		}
		return f(y)
	}
}
