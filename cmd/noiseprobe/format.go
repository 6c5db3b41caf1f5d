package main

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// digits shows a number with four significant digits.
func digits(x estimate.Number) string {
	if !x.Defined() {
		return "-"
	}
	return fmt.Sprintf("%.4g", float64(x))
}

// span shows an interval, unbounded above where it has no upper end.
func span(v estimate.Interval) string {
	if !v.Defined() {
		return "-"
	}
	hi := digits(estimate.Number(v.Hi)) + "]"
	if math.IsInf(v.Hi, 1) {
		hi = "unbounded)"
	}
	return "[" + digits(estimate.Number(v.Lo)) + ", " + hi
}
