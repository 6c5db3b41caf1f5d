// Package estimate holds the two value types that every result is made of: a number that may be undefined, and an
// interval whose ends may be unbounded. Their JSON never contains NaN or an infinity: undefined is null.
package estimate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// Level is the confidence level of every Interval in a report.
const Level = 0.95

// Number is a float64 that is null in JSON where it is not finite. NaN stands for "undefined".
type Number float64

// Undefined is the Number that JSON shows as null.
func Undefined() Number { return Number(math.NaN()) }

// Defined reports whether x is finite.
func (x Number) Defined() bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// MarshalJSON writes x at full precision, or null.
func (x Number) MarshalJSON() ([]byte, error) {
	if !x.Defined() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

// UnmarshalJSON reads a number, or null as NaN.
func (x *Number) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*x = Undefined()
		return nil
	}
	return json.Unmarshal(data, (*float64)(x))
}

// Interval is a confidence interval. An infinite end is unbounded (null in JSON); NaN ends mean that there is no
// interval at all (null as a whole).
type Interval struct{ Lo, Hi float64 }

// None is the absent interval.
func None() Interval { return Interval{math.NaN(), math.NaN()} }

// Around is the interval x - h, x + h.
func Around(x, h float64) Interval { return Interval{x - float64(h), x + float64(h)} }

// Central is the range of the central 95% of sorted values, of which there must be at least 39: between the order statistics
//
//	j = floor(0.025 (n+1)) and n + 1 - j
func Central(sorted []float64) Interval {
	j := (len(sorted) + 1) / 40
	return Interval{sorted[j-1], sorted[len(sorted)-j]}
}

// In is the interval that all has for a key, and [None] where it has none.
func In(all map[string]Interval, key string) Interval {
	if v, ok := all[key]; ok {
		return v
	}
	return None()
}

// Defined reports whether there is an interval.
func (v Interval) Defined() bool { return !math.IsNaN(v.Lo) && !math.IsNaN(v.Hi) }

// Contains reports whether x lies in v. An undefined interval contains nothing.
func (v Interval) Contains(x float64) bool { return v.Lo <= x && x <= v.Hi }

// Times is the interval of x times a positive number.
func (v Interval) Times(by float64) Interval { return Interval{Lo: v.Lo * by, Hi: v.Hi * by} }

// Reciprocal is 1/x, undefined where x is not above 0.
func Reciprocal(x float64) Number {
	if x > 0 {
		return Number(1 / x)
	}
	return Undefined()
}

// Reciprocal maps an interval of x to one of 1/x. It is unbounded above if x may be <= 0, and there is none if x cannot be positive.
func (v Interval) Reciprocal() Interval {
	if !v.Defined() || v.Hi <= 0 {
		return None()
	}
	r := Interval{Lo: 1 / v.Hi, Hi: math.Inf(1)}
	if v.Lo > 0 {
		r.Hi = 1 / v.Lo
	}
	return r
}

// MarshalJSON writes [lo, hi] with null for an unbounded end, or null.
func (v Interval) MarshalJSON() ([]byte, error) {
	if !v.Defined() {
		return []byte("null"), nil
	}
	return json.Marshal([2]Number{Number(v.Lo), Number(v.Hi)})
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (v *Interval) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*v = None()
		return nil
	}
	var ends []Number
	if err := json.Unmarshal(data, &ends); err != nil {
		return err
	}
	if len(ends) != 2 {
		return fmt.Errorf("estimate: an interval has 2 ends, got %d", len(ends))
	}
	*v = Interval{unbounded(ends[0], -1), unbounded(ends[1], 1)}
	return nil
}

func unbounded(x Number, sign int) float64 {
	if !x.Defined() {
		return math.Inf(sign)
	}
	return float64(x)
}
