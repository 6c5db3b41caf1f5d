package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// method is an estimator in the form that Analyse needs.
type method struct {
	name  string
	apply Method
	least int // k
	// leastInterval is the smallest k with an interval.
	leastInterval int
	// biased methods have intervals that hold without bias only, at a k of their choice that does not keep it small.
	biased bool
	// reach is the number of the largest values that the method reads at k.
	reach func(k int) int
	// gamma returns the function from these values, in descending order, to gamma at k, which is NaN where undefined.
	gamma func(k int) func(y []float64) float64
	// choose returns the k of the estimate, fixed that of the comparison, which no value of the sample may influence.
	choose func(r *Result) int
	fixed  func(n int) int
}

// estimate applies the method to all values of a side in descending order.
func (m method) estimate(y []float64, k int) Estimate {
	if k < 1 || m.reach(k) > len(y) {
		return undefined(m.name, k)
	}
	return m.apply(y[:m.reach(k)], Right, k)
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

// four is 4k, or the largest int.
func four(k int) int {
	if k > math.MaxInt/4 {
		return math.MaxInt
	}
	return 4 * k
}

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

var methods = []method{
	{NameHill, Hill, 1, 1, true, next, hillOf, forHill, DefaultK},
	{NameMoment, Moment, 2, 4, false, next, momentOf, forSize(undersmoothedK), undersmoothedK},
	{NamePickands, Pickands, 1, 1, false, four, func(k int) func([]float64) float64 {
		return func(y []float64) float64 { return pickandsGamma(y, k) }
	}, forSize(pickandsK), pickandsK},
	{NameKernel, Kernel, 3, 6, true, next, kernelOf, forHill, DefaultK},
	{NameGPD, GPD, minGPD, minGPD, false, next, gpdOf, forSize(undersmoothedK), undersmoothedK},
	{NamePowerLaw, PowerLaw, 2, 2, true, func(k int) int { return k }, powerLawOf, func(r *Result) int { return r.PowerLaw.NTail }, DefaultK},
}

// above makes f undefined where the threshold is not positive.
func above(f func(y []float64) float64) func(y []float64) float64 {
	return func(y []float64) float64 {
		if !(y[len(y)-1] > 0) {
			return math.NaN()
		}
		return f(y)
	}
}

func hillOf(int) func([]float64) float64 {
	return above(func(y []float64) float64 {
		m1, _ := logMoments(y)
		return hillGamma(m1)
	})
}

func momentOf(int) func([]float64) float64 {
	return above(func(y []float64) float64 {
		m1, m2 := logMoments(y)
		return momentGamma(m1, m2)
	})
}

func kernelOf(k int) func([]float64) float64 {
	return above(newKernelWeights(k).gamma)
}

func gpdOf(int) func([]float64) float64 {
	return func(y []float64) float64 {
		z := excesses(y)
		if z == nil {
			return math.NaN()
		}
		gamma, _ := gpdFit(z)
		return gamma
	}
}

func powerLawOf(k int) func([]float64) float64 {
	return above(func(y []float64) float64 { return powerLawGamma(y, k) })
}
