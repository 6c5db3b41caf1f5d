// Package along says what becomes of the noise along training: whether it becomes weaker, how it compares with the gradient, and how far from
// Gaussian it stays.
//
// It is opinionated about one thing: a change is a ratio with an interval, and where that allows for none the verdict is "undecided". Start with
// [Of], which takes what was measured at each checkpoint.
package along

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"gonum.org/v1/gonum/stat/distuv"
)

// Point is one checkpoint whose noise has a size.
type Point struct {
	Step int
	// Population is N, 0 where it is not known.
	Population int
	Size       *covariance.Size
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

// At is tr Sigma at a step, see [covariance.Size].
type At struct {
	Step  int               `json:"step"`
	Trace estimate.Number   `json:"trace"`
	CI    estimate.Interval `json:"ci"`
	// Exact says that there is no interval since there is no sampling error.
	Exact bool `json:"exact,omitempty"`

	samples, population int
	withheld            estimate.Reason
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
	// Reason says why it is undecided, and how many units would do.
	Reason string         `json:"reason,omitempty"`
	Needs  estimate.Needs `json:"needs,omitzero"`
}

// Signal is the trace of the noise of a step over the squared length of the gradient, at the last checkpoint.
type Signal struct {
	Step    int               `json:"step"`
	Ratio   estimate.Number   `json:"ratio"`
	CI      estimate.Interval `json:"ci"`
	Verdict Verdict           `json:"verdict"`
	// Exact, Reason and Needs are as in [At] and [Strength].
	Exact  bool           `json:"exact,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Needs  estimate.Needs `json:"needs,omitzero"`
}

// Of looks at checkpoints in the order of their steps; it is nil for fewer than two.
func Of(points []Point) *Along {
	if len(points) < 2 {
		return nil
	}
	return &Along{Strength: strength(points), Signal: signal(points[len(points)-1]), Shape: shapes(points)}
}

func at(p Point) At {
	z := p.Size
	return At{Step: p.Step, Trace: z.Trace, CI: z.TraceCI, Exact: z.Exact(), samples: z.Samples, population: p.Population, withheld: estimate.Reason{Why: z.Withheld, Needs: z.Needs}}
}

func strength(points []Point) *Strength {
	s := Strength{First: at(points[0]), Peak: at(points[0]), Last: at(points[len(points)-1])}
	for _, p := range points {
		if p.Size.Trace > s.Peak.Trace {
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
	// The same units make both traces, so that their errors rise and fall together: taken as independent, the interval is, if anything, too wide.
	s.CI = estimate.AroundLog(float64(s.Ratio), math.Hypot(s.Last.logHalf(), other.logHalf()))
	if s.Against == "peak" {
		s.CI = ofLargest(s.CI, len(points)-1)
	}
	s.Verdict = Undecided
	switch {
	case s.Against == "peak" && s.CI.Hi < 1:
		s.Verdict = Weaker
	case s.Against == "first" && s.CI.Lo > 1:
		s.Verdict = Stronger
	default:
		why := reason(s.CI, s.Ratio, other, s.Last)
		s.Reason, s.Needs = why.String(), why.Needs
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

// logHalf is half the length of the interval on the log scale.
func (a At) logHalf() float64 {
	if a.Exact {
		return 0
	}
	return math.Log(a.CI.Hi/a.CI.Lo) / 2
}

// signal has the interval of the noise scale, which is the same ratio up to a factor that is known.
func signal(p Point) *Signal {
	z := p.Size
	if !p.StepTrace.Defined() {
		return nil
	}
	s := Signal{Step: p.Step, Ratio: estimate.Undefined(), CI: estimate.None(), Verdict: NoSignal, Exact: z.Exact(), Reason: z.Undefined, Needs: z.UndefinedNeeds}
	if !(z.GradientNormSq > 0) {
		return &s
	}
	s.Ratio = p.StepTrace / z.GradientNormSq
	factor, ci := float64(s.Ratio/z.NoiseScale), z.NoiseScaleCI
	s.CI = estimate.Interval{Lo: factor * ci.Lo, Hi: factor * ci.Hi}
	decides := s.CI
	if s.Exact {
		decides = estimate.Around(float64(s.Ratio), 0)
	}
	switch s.Verdict = Undecided; {
	case decides.Lo > 1:
		s.Verdict = Noise
	case decides.Hi < 1:
		s.Verdict = Gradient
	default:
		why := reason(s.CI, s.Ratio, at(p))
		s.Reason, s.Needs = why.String(), why.Needs
	}
	return &s
}

// reason says why an interval of a ratio decides nothing: it is withheld for one of the traces, or it contains 1, and then how many units would tell
// the ratio apart from 1 if it is as measured.
func reason(ci estimate.Interval, ratio estimate.Number, from ...At) estimate.Reason {
	for _, a := range from {
		if a.withheld.Why != "" {
			return estimate.Reason{Why: fmt.Sprintf("there is no interval at step %d: %s", a.Step, a.withheld), Needs: a.withheld.Needs}
		}
	}
	if !ci.Defined() {
		return estimate.Reason{Why: "there is no interval"}
	}
	units := 0.0
	for _, a := range from {
		if !a.Exact {
			units = max(units, float64(a.samples))
		}
	}
	distance := math.Abs(math.Log(float64(ratio)))
	half := max(math.Log(ci.Hi/float64(ratio)), math.Log(float64(ratio)/ci.Lo))
	if math.IsInf(half, 0) {
		half = math.Log(float64(ratio) / ci.Lo)
	}
	return containsOne(units*half*half/(distance*distance), from[len(from)-1].population)
}

// containsOne is the reason of an interval that contains 1, and would not with so many units.
func containsOne(units float64, population int) estimate.Reason {
	why := estimate.Reason{Why: "the interval contains 1"}
	switch enough := estimate.Enough(units); {
	case population > 0 && (enough == 0 || enough >= population):
		why.Remedy, why.Needs.Units = fmt.Sprintf("all %d units would do", population), population
	case enough == 0:
		why.Remedy = "the ratio is too near to 1 for any number of units"
	default:
		why.Remedy, why.Needs.Units = fmt.Sprintf("about %d units would do, if the ratio is as measured", enough), enough
	}
	return why
}
