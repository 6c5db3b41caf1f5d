package noisescale

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// What is known of the noise scale.
const (
	Measured   = "measured"    // an interval with two ends
	AtLeast    = "at-least"    // |G|^2 is not told from 0: no upper end
	AtMost     = "at-most"     // tr Sigma is not told from 0: the lower end is 0
	Undecided  = "undecided"   // neither |G|^2 nor tr Sigma is told from 0, or |G|^2 is told to be below 0
	Impossible = "impossible"  // tr Sigma is told to be below 0, as where the two norms are exchanged
	NoInterval = "no-interval" // the steps have too few different values, see estimate.MinDistinct
)

// Estimate is what a range of steps says.
type Estimate struct {
	Steps int `json:"steps"`
	// NoiseScale is Trace / GradientNormSq, undefined where that is not positive.
	NoiseScale estimate.Number `json:"noise_scale"`
	// Trace and GradientNormSq are the means of tr Sigma and |G|^2 over the steps.
	Trace          estimate.Number `json:"trace"`
	GradientNormSq estimate.Number `json:"gradient_norm_sq"`
	CI             Intervals       `json:"ci"`
	Verdict        string          `json:"verdict"`
}

// Intervals are those of an Estimate.
type Intervals struct {
	NoiseScale     estimate.Interval `json:"noise_scale"`
	Trace          estimate.Interval `json:"trace"`
	GradientNormSq estimate.Interval `json:"gradient_norm_sq"`
}

// series are the two estimates of each step, or their means over as many steps as counts says.
type series struct {
	counts            []float64
	trace, signal     []float64
	autoTrace, autoSq float64
}

// correlated finds out how consecutive values depend on each other.
func (s *series) correlated() {
	s.autoTrace, s.autoSq = autocorrelation(s.trace), autocorrelation(s.signal)
}

func (s *series) part(lo, hi int) *series {
	return &series{s.counts[lo:hi], s.trace[lo:hi], s.signal[lo:hi], s.autoTrace, s.autoSq}
}

// estimate is the ratio of means, with t intervals for the means and Fieller's for their ratio.
func (s *series) estimate() Estimate {
	steps := 0.0
	for _, c := range s.counts {
		steps += c
	}
	trace, signal := dot(s.counts, s.trace)/steps, dot(s.counts, s.signal)/steps
	e := Estimate{
		Steps: int(steps), NoiseScale: estimate.Undefined(), Trace: estimate.Number(trace), GradientNormSq: estimate.Number(signal),
	}
	if signal > 0 && trace > 0 {
		e.NoiseScale = estimate.Number(trace / signal)
	}
	if estimate.FewDistinct(s.trace) || estimate.FewDistinct(s.signal) {
		none := estimate.None()
		e.CI, e.Verdict = Intervals{none, none, none}, NoInterval
		return e
	}
	v := covarianceOfMeans(s.trace, s.signal, s.autoTrace, s.autoSq)
	t := estimate.Student(float64(v.used))
	e.CI.Trace = estimate.Around(trace, t*math.Sqrt(v.xx))
	e.CI.GradientNormSq = estimate.Around(signal, t*math.Sqrt(v.yy))
	e.CI.NoiseScale = estimate.Fieller(trace, signal, v.xx, v.yy, v.xy, t)
	if e.Verdict = verdict(e.CI.NoiseScale); e.CI.Trace.Hi < 0 {
		e.Verdict, e.CI.NoiseScale = Impossible, estimate.None()
	}
	return e
}

func verdict(scale estimate.Interval) string {
	above, below := scale.Lo > 0, scale.Hi < math.Inf(1)
	switch {
	case above && below:
		return Measured
	case above:
		return AtLeast
	case below:
		return AtMost
	}
	return Undecided
}
