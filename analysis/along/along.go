// Package along says what becomes of the noise along training: whether it becomes weaker, how it compares with the gradient, and how far from
// Gaussian it stays.
//
// It is opinionated about one thing: a change is a ratio with an interval, and where that allows for none the verdict is "undecided". Start with
// [Of], which takes what was measured at each checkpoint.
package along

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"gonum.org/v1/gonum/stat/distuv"
)

// Point is one checkpoint with a covariance.
type Point struct {
	Step       int
	Covariance *covariance.Covariance
	// StepTrace is the trace of the noise of a step's gradient, undefined where that is not known.
	StepTrace estimate.Number
	Shape     *shape.Shape
}

// Along is what is found. A part is nil where nothing can be said.
type Along struct {
	Strength *Strength `json:"strength"`
	Signal   *Signal   `json:"signal"`
	Shape    *Shape    `json:"shape"`
}

// Verdict is what an interval decides.
type Verdict string

// The verdicts of [Strength] and of [Signal].
const (
	Weaker    Verdict = "weaker"    // than at its largest
	Stronger  Verdict = "stronger"  // than at first, and at its largest
	Noise     Verdict = "noise"     // is the larger part of a step
	Gradient  Verdict = "gradient"  // is the larger part of a step
	NoSignal  Verdict = "no-signal" // the gradient is not told apart from 0
	Undecided Verdict = "undecided"
)

// At is tr Sigma (trace_unbiased) at a step.
type At struct {
	Step  int               `json:"step"`
	Trace estimate.Number   `json:"trace"`
	CI    estimate.Interval `json:"ci"`
}

// Strength compares tr Sigma at the last checkpoint with its largest value, or, where it is the largest itself, with the first.
type Strength struct {
	First   At                `json:"first"`
	Peak    At                `json:"peak"`
	Last    At                `json:"last"`
	Against string            `json:"against"` // "peak" or "first"
	Ratio   estimate.Number   `json:"ratio"`
	CI      estimate.Interval `json:"ci"`
	Verdict Verdict           `json:"verdict"`
}

// Signal is the trace of the noise of a step over the squared length of the gradient, at the last checkpoint.
type Signal struct {
	Step    int               `json:"step"`
	Ratio   estimate.Number   `json:"ratio"`
	CI      estimate.Interval `json:"ci"`
	Verdict Verdict           `json:"verdict"`
}

// Shape counts the verdicts on gamma, see [shape.Shape].
type Shape struct {
	Checkpoints  int `json:"checkpoints"`
	Heavier      int `json:"heavier"`
	Lighter      int `json:"lighter"`
	NotToldApart int `json:"not_told_apart"`
	// Withheld counts the checkpoints whose units cannot bear a verdict.
	Withheld int `json:"withheld"`
	// First and Last are gamma at the first and the last of the others.
	First Gamma `json:"first"`
	Last  Gamma `json:"last"`
}

// Gamma is the excess relative variance of |x|^2 at a step.
type Gamma struct {
	Step  int               `json:"step"`
	Gamma estimate.Number   `json:"gamma"`
	CI    estimate.Interval `json:"ci"`
}

// Of looks at checkpoints in the order of their steps; it is nil for fewer than two.
func Of(points []Point) *Along {
	if len(points) < 2 {
		return nil
	}
	return &Along{Strength: strength(points), Signal: signal(points[len(points)-1]), Shape: shapes(points)}
}

func at(p Point) At {
	return At{Step: p.Step, Trace: p.Covariance.TraceUnbiased, CI: p.Covariance.Interval("trace_unbiased")}
}

func strength(points []Point) *Strength {
	s := Strength{First: at(points[0]), Peak: at(points[0]), Last: at(points[len(points)-1])}
	for _, p := range points {
		if p.Covariance.TraceUnbiased > s.Peak.Trace {
			s.Peak = at(p)
		}
	}
	if !(s.First.Trace > 0 && s.Last.Trace > 0) {
		return nil
	}
	other := s.Peak
	if s.Against = "peak"; s.Peak.Step == s.Last.Step {
		s.Against, other = "first", s.First
	}
	s.Ratio = s.Last.Trace / other.Trace
	s.CI = ratioInterval(s.Last, other)
	if s.Against == "peak" {
		s.CI = ofLargest(s.CI, len(points)-1)
	}
	s.Verdict = Undecided
	switch {
	case s.Against == "peak" && s.CI.Hi < 1:
		s.Verdict = Weaker
	case s.Against == "first" && s.CI.Lo > 1:
		s.Verdict = Stronger
	}
	return &s
}

// ofLargest widens an interval of a ratio on the log scale, Bonferroni's way, for a peak that was chosen among so many: a largest value is large by
// chance, too.
func ofLargest(v estimate.Interval, among int) estimate.Interval {
	const tail = (1 - estimate.Level) / 2
	wider := distuv.UnitNormal.Quantile(tail/float64(among)) / distuv.UnitNormal.Quantile(tail)
	middle, half := math.Log(v.Hi*v.Lo)/2, wider*math.Log(v.Hi/v.Lo)/2
	return estimate.Interval{Lo: math.Exp(middle - half), Hi: math.Exp(middle + half)}
}

// ratioInterval is the interval of the ratio of two traces, from their own on the log scale, taken as independent. The same units make both,
// so their errors rise and fall together and the interval is, if anything, too wide.
func ratioInterval(a, b At) estimate.Interval {
	half := math.Hypot(math.Log(a.CI.Hi/a.CI.Lo)/2, math.Log(b.CI.Hi/b.CI.Lo)/2)
	ratio := float64(a.Trace / b.Trace)
	return estimate.Interval{Lo: ratio * math.Exp(-half), Hi: ratio * math.Exp(half)}
}

// signal has the interval of the noise scale, which is the same ratio up to a factor that is known.
func signal(p Point) *Signal {
	c := p.Covariance
	if !p.StepTrace.Defined() {
		return nil
	}
	s := Signal{Step: p.Step, Ratio: estimate.Undefined(), CI: estimate.None(), Verdict: NoSignal}
	if !(c.GradientNormSqUnbiased > 0) {
		return &s
	}
	s.Ratio = p.StepTrace / c.GradientNormSqUnbiased
	factor, ci := float64(s.Ratio/c.NoiseScale), c.Interval("noise_scale")
	s.CI = estimate.Interval{Lo: factor * ci.Lo, Hi: factor * ci.Hi}
	switch s.Verdict = Undecided; {
	case s.CI.Lo > 1:
		s.Verdict = Noise
	case s.CI.Hi < 1:
		s.Verdict = Gradient
	}
	return &s
}

func shapes(points []Point) *Shape {
	var s Shape
	for _, p := range points {
		if p.Shape == nil {
			continue
		}
		s.Checkpoints++
		g := Gamma{Step: p.Step, Gamma: p.Shape.Gamma, CI: p.Shape.CI.Gamma}
		switch p.Shape.Verdict {
		case shape.Heavier:
			s.Heavier++
		case shape.Lighter:
			s.Lighter++
		case shape.NotToldApart:
			s.NotToldApart++
		default:
			s.Withheld++
			continue
		}
		if s.Heavier+s.Lighter+s.NotToldApart == 1 {
			s.First = g
		}
		s.Last = g
	}
	if s.Checkpoints == s.Withheld {
		return nil
	}
	return &s
}
