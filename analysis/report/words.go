package report

import "github.com/noiseprobe/noiseprobe/analysis/estimate"

// The forms of numbers that all texts and pages share, for documents of other packages.

// Significant is x to three significant digits, and "-" where it is not finite.
func Significant(x float64) string { return significant(x) }

// Measured is a number to three significant digits with its interval in brackets, where it has one, and "-" where it is undefined.
func Measured(x estimate.Number, v estimate.Interval) string { return measured(x, v) }

// FormatInterval is "[lo, hi]" to three significant digits, an unbounded end an infinity sign, and "" where there is none.
func FormatInterval(v estimate.Interval) string { return interval(v) }

// FormatPValue is "p = 0.012", and "" where there is none.
func FormatPValue(p estimate.Number) string { return pValue(p) }

// Plain is the shortest text that reads back as x, and "-" where it is not finite.
func Plain(x float64) string { return plain(x) }

// Whole is a count, with commas between thousands.
func Whole(n int) string { return whole(n) }

// CSVNumber is the shortest text that reads back as x, and empty where it is not finite.
func CSVNumber(x float64) string { return csvNumber(x) }
