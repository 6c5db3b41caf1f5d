package criticalbatch

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Ratio is x / y of two positive estimates with independent errors, and its interval from theirs, on the scale of logarithms (the method of
// variance estimates recovery: Zou and Donner 2008):
//
//	log x - log y -+ sqrt((log x - log x_lo)^2 + (log y_hi - log y)^2)    and so on
//
// A number without an interval is taken as exact. What is undefined stays so.
func Ratio(x estimate.Number, xCI estimate.Interval, y estimate.Number, yCI estimate.Interval) (estimate.Number, estimate.Interval) {
	if !(x > 0) || !(y > 0) || !x.Defined() || !y.Defined() {
		return estimate.Undefined(), estimate.None()
	}
	r := math.Log(float64(x / y))
	xDown, xUp := distances(x, xCI)
	yDown, yUp := distances(y, yCI)
	ci := estimate.Interval{Lo: math.Exp(r - math.Hypot(xDown, yUp)), Hi: math.Exp(r + math.Hypot(xUp, yDown))}
	return x / y, ci
}

// distances of the ends of an interval from the estimate, on the scale of logarithms.
func distances(x estimate.Number, ci estimate.Interval) (down, up float64) {
	if !ci.Defined() {
		return 0, 0
	}
	at := math.Log(float64(x))
	return at - math.Log(max(ci.Lo, 0)), math.Log(ci.Hi) - at
}

// Move says by what noise enhancement moves the critical batch size: at alpha its noise is that of a plain minibatch of B / f, so that B_crit
// is f times as large.
type Move struct {
	Alpha     float64           `json:"alpha"`
	Predicted float64           `json:"predicted"` // f
	Ratio     estimate.Number   `json:"ratio"`     // of B_crit to that of the plain runs
	CI        estimate.Interval `json:"ci"`
	Verdict   string            `json:"verdict"`
}

// Verdicts on a Move.
const (
	AsPredicted = "as-predicted" // the interval lies within Margin of f
	Different   = "different"    // it does not, and does not hold f
	Open        = "undecided"
)

// Margin is the factor within which a ratio counts as predicted.
const Margin = 1.25

// Moves compares the fits with that of alpha = 1, if it is among them.
func Moves(fits []Fit) []Move {
	moves := []Move{}
	var plain *Fit
	for i := range fits {
		if noise.Factor(fits[i].Alpha) == 1 {
			plain = &fits[i]
			break
		}
	}
	if plain == nil {
		return moves
	}
	for i := range fits {
		if &fits[i] == plain {
			continue
		}
		m := Move{Alpha: fits[i].Alpha, Predicted: noise.Factor(fits[i].Alpha), Verdict: Open}
		m.Ratio, m.CI = Ratio(fits[i].CriticalBatch, fits[i].CI, plain.CriticalBatch, plain.CI)
		switch {
		case m.CI.Lo >= m.Predicted/Margin && m.CI.Hi <= m.Predicted*Margin:
			m.Verdict = AsPredicted
		case m.CI.Defined() && !m.CI.Contains(m.Predicted):
			m.Verdict = Different
		}
		moves = append(moves, m)
	}
	return moves
}

// Proxy is what a number that costs no extra runs says of the critical batch size.
type Proxy struct {
	Name  string            `json:"name"`
	Value estimate.Number   `json:"value"` // samples
	CI    estimate.Interval `json:"ci"`
	// Exact says that Value has no sampling error; else one without an interval has a ratio without one.
	Exact bool `json:"exact"`
	// Ratio is Value over the measured critical batch size of plain minibatches, undefined where none was measured.
	Ratio   estimate.Number   `json:"ratio"`
	RatioCI estimate.Interval `json:"ratio_ci"`
	// Reason says why there is no value, or no interval.
	Reason string `json:"reason,omitempty"`
}

// Against holds proxies against the fit at the alpha nearest to plain minibatches, whose B_crit is f times that of plain ones.
func Against(proxies []Proxy, fits []Fit) []Proxy {
	plain, ci := estimate.Undefined(), estimate.None()
	least := math.Inf(1)
	for _, f := range fits {
		factor := noise.Factor(f.Alpha)
		if away := math.Abs(math.Log(factor)); f.Verdict == Measured && away < least {
			least = away
			plain, ci = f.CriticalBatch/estimate.Number(factor), estimate.Interval{Lo: f.CI.Lo / factor, Hi: f.CI.Hi / factor}
		}
	}
	for i := range proxies {
		p := &proxies[i]
		p.Ratio, p.RatioCI = Ratio(p.Value, p.CI, plain, ci)
		if !p.Exact && !p.CI.Defined() {
			p.RatioCI = estimate.None()
		}
	}
	return proxies
}
