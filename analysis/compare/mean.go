package compare

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Scale says on which scale values are averaged, compared and tested.
type Scale string

// The scales. What is positive and skewed, such as a trace or a time, is averaged as a logarithm: the mean is then the geometric mean, and a
// difference a ratio.
const (
	Linear Scale = "linear"
	Log    Scale = "log"
)

// to maps a value onto the scale: NaN where it is undefined there.
func (s Scale) to(x float64) float64 {
	if s == Log {
		if !(x > 0) {
			return math.NaN()
		}
		return math.Log(x)
	}
	return x
}

// from is the inverse of to.
func (s Scale) from(y float64) float64 {
	if s == Log {
		return math.Exp(y)
	}
	return y
}

func (s Scale) interval(v estimate.Interval) estimate.Interval {
	return estimate.Interval{Lo: s.from(v.Lo), Hi: s.from(v.Hi)}
}

// What an interval of an [Estimate] is made from.
const (
	OverSeeds = "seeds"
	WithinRun = "within the run"
)

// Estimate is the mean of n values, one per seed. With x the values, or their logarithms on the scale [Log],
//
//	Mean  (1/n) sum x, and exp of it: the geometric mean
//	SD    sqrt(sum (x - mean x)^2 / (n - 1)): of the logarithms, close to the relative spread
//	CI    Mean -+ t SD / sqrt(n), and exp of both ends: t the 97.5% quantile of Student's t with n - 1 degrees of freedom; of a share of
//	      samples p, see ShareOf
//
// One value has no SD and no interval over seeds: CI is then that of the run itself, and From says so, or there is none and From is empty.
// Equal values, which accuracies can be by chance, have no interval either: it would have no width.
// Without a value everything is undefined.
type Estimate struct {
	N     int               `json:"n"`
	Scale Scale             `json:"scale"`
	Mean  estimate.Number   `json:"mean"`
	SD    estimate.Number   `json:"sd"`
	CI    estimate.Interval `json:"ci"`
	From  string            `json:"ci_from"`
}

// MeanOf averages the values that are finite on the scale.
func MeanOf(values []float64, scale Scale) Estimate {
	x := onScale(values, scale)
	m := momentsOf(x)
	e := Estimate{N: m.n, Scale: scale, Mean: estimate.Number(scale.from(m.mean)), SD: estimate.Undefined(), CI: estimate.None()}
	if m.n > 1 {
		e.SD, e.From = estimate.Number(math.Sqrt(m.variance)), OverSeeds
	}
	if m.variance > 0 {
		e.CI = scale.interval(estimate.Around(m.mean, estimate.Student(float64(m.n-1))*m.standardError()))
	}
	return e
}

// ShareOf is [MeanOf] for shares of samples, such as accuracies, with an interval that stays between 0 and 1: that of the logit of the mean p,
// whose standard error is SD / sqrt(n) / (p (1 - p)) by the delta method. A mean of 0 or 1 has none.
func ShareOf(values []float64) Estimate {
	e := MeanOf(values, Linear)
	p := float64(e.Mean)
	if e.N < 2 || e.SD == 0 {
		return e
	}
	if !(p > 0 && p < 1) {
		e.CI, e.From = estimate.None(), ""
		return e
	}
	half := estimate.Student(float64(e.N-1)) * float64(e.SD) / math.Sqrt(float64(e.N)) / (p * (1 - p))
	share := func(logit float64) float64 { return 1 / (1 + math.Exp(-logit)) }
	e.CI = estimate.Interval{Lo: share(math.Log(p/(1-p)) - half), Hi: share(math.Log(p/(1-p)) + half)}
	return e
}

// widest is the ratio of the ends of an interval on the scale [Log] from which on it says no more than that there are too few values.
const widest = 1000

// tooWide reports whether an interval says nothing: three decades of a ratio, or all that a difference of shares can be.
func tooWide(scale Scale, fraction bool, v estimate.Interval) bool {
	if scale == Log {
		return v.Hi/v.Lo > widest
	}
	return fraction && v.Hi-v.Lo > 1
}

// onScale maps the values onto the scale and drops those that are not finite there.
func onScale(values []float64, scale Scale) []float64 {
	var x []float64
	for _, v := range values {
		if y := scale.to(v); !math.IsNaN(y) && !math.IsInf(y, 0) {
			x = append(x, y)
		}
	}
	return x
}

// moments are size, mean and variance of a sample; the variance has the divisor n - 1 and is NaN for n < 2, the mean NaN for n = 0.
type moments struct {
	n              int
	mean, variance float64
}

// momentsOf takes two passes: the sum of squares is that of centred values. Equal values have no spread, not even by rounding.
func momentsOf(x []float64) moments {
	m := moments{n: len(x)}
	if len(x) > 1 && slices.Min(x) == slices.Max(x) {
		m.mean = x[0]
		return m
	}
	n := float64(len(x))
	for _, v := range x {
		m.mean += v / n
	}
	for _, v := range x {
		m.variance += float64((v - m.mean) * (v - m.mean))
	}
	m.variance /= n - 1 // 0/0 for one value
	if len(x) == 0 {
		m.mean, m.variance = math.NaN(), math.NaN()
	}
	return m
}

func (m moments) standardError() float64 { return math.Sqrt(m.variance / float64(m.n)) }
