package estimate

import (
	"encoding/json"
	"math"
	"testing"
)

func TestJSONHasNoNaN(t *testing.T) {
	inf := math.Inf(1)
	cases := []struct {
		value any
		want  string
	}{
		{Number(1.5), "1.5"},
		{Number(0.1), "0.1"},
		{Number(0), "0"},
		{Undefined(), "null"},
		{Number(inf), "null"},
		{Interval{1, 2}, "[1,2]"},
		{Interval{1, inf}, "[1,null]"},
		{Interval{-inf, 2}, "[null,2]"},
		{None(), "null"},
	}
	for _, c := range cases {
		got, err := json.Marshal(c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("%v: %s, %v; want %s", c.value, got, err, c.want)
		}
	}
}

func TestIntervalRoundTrip(t *testing.T) {
	inf := math.Inf(1)
	for _, v := range []Interval{{1, 2}, {-inf, 2}, {1, inf}, {-inf, inf}} {
		data, _ := json.Marshal(v)
		var back Interval
		if err := json.Unmarshal(data, &back); err != nil || back != v {
			t.Errorf("%v became %v (%v)", v, back, err)
		}
	}
	var v Interval
	if err := json.Unmarshal([]byte("null"), &v); err != nil || v.Defined() {
		t.Errorf("null became %v, %v", v, err)
	}
	if err := json.Unmarshal([]byte("[1]"), &v); err == nil {
		t.Error("one end was accepted")
	}
	if v.Contains(0) {
		t.Error("an undefined interval contains 0")
	}
}

func TestReciprocal(t *testing.T) {
	inf := math.Inf(1)
	cases := []struct{ x, want Interval }{
		{Interval{Lo: 0.25, Hi: 0.5}, Interval{Lo: 2, Hi: 4}},
		{Interval{Lo: -1, Hi: 0.5}, Interval{Lo: 2, Hi: inf}},
		{Interval{Lo: 0, Hi: 0.5}, Interval{Lo: 2, Hi: inf}},
	}
	for _, c := range cases {
		if got := c.x.Reciprocal(); got != c.want {
			t.Errorf("%v became %v, want %v", c.x, got, c.want)
		}
	}
	for _, negative := range []Interval{{Lo: -2, Hi: -1}, {Lo: -2, Hi: 0}, None()} {
		if got := negative.Reciprocal(); got.Defined() {
			t.Errorf("%v became %v", negative, got)
		}
	}
}
