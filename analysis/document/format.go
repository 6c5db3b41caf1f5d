package document

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Undefined is what a person reads where a number does not exist.
const Undefined = "-"

// Number shows x with three significant digits, and "-" where it is undefined.
func Number(x estimate.Number) string { return Significant(float64(x)) }

// Significant is x to three significant digits: plain between 0.001 and 10 million, with commas between thousands, and
// in scientific notation elsewhere.
func Significant(x float64) string {
	if !finite(x) {
		return Undefined
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 2, 64), 64)
	if rounded == 0 {
		return "0"
	}
	size := math.Abs(rounded)
	if size < 1e-3 || size >= 1e7 {
		return strconv.FormatFloat(x, 'e', 2, 64)
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(size))))
	return grouped(strconv.FormatFloat(rounded, 'f', decimals, 64))
}

// Whole shows a count.
func Whole(n int) string { return grouped(strconv.Itoa(n)) }

// Plain is the shortest text of a setting.
func Plain(x float64) string {
	if !finite(x) {
		return Undefined
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// Percent shows a fraction, with one decimal.
func Percent(x estimate.Number) string {
	if !x.Defined() {
		return Undefined
	}
	return strconv.FormatFloat(100*float64(x), 'f', 1, 64) + "%"
}

// Interval is "[lo, hi]", an unbounded end an infinity sign, and "" where there is none.
func Interval(v estimate.Interval) string {
	if !v.Defined() {
		return ""
	}
	left, right := "["+Significant(v.Lo), Significant(v.Hi)+"]"
	if math.IsInf(v.Lo, 0) {
		left = "(-∞"
	}
	if math.IsInf(v.Hi, 0) {
		right = "∞)"
	}
	return left + ", " + right
}

// Measured is a number with its interval, where it has one.
func Measured(x estimate.Number, v estimate.Interval) string {
	if !x.Defined() {
		return Undefined
	}
	return strings.TrimSpace(Number(x) + " " + Interval(v))
}

// PValue shows p, and "p < 1e-300" where it is below the smallest float64.
func PValue(p estimate.Number) string {
	switch {
	case !p.Defined():
		return ""
	case p == 0:
		return "p < 1e-300"
	}
	return "p = " + strconv.FormatFloat(float64(p), 'g', 2, 64)
}

// grouped puts commas between the thousands of a decimal number.
func grouped(digits string) string {
	head, tail, point := strings.Cut(digits, ".")
	for i := len(head) - 3; i > 0 && head[i-1] != '-'; i -= 3 {
		head = head[:i] + "," + head[i:]
	}
	if point {
		head += "." + tail
	}
	return head
}

// Wrap breaks text between words into lines of at most width runes. An interval such as [1.00, 2.00] is one word.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range Words(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// Words splits text at its spaces, but for those inside of an interval.
func Words(text string) []string {
	var all []string
	open := false
	for _, word := range strings.Fields(text) {
		if open {
			all[len(all)-1] += " " + word
		} else {
			all = append(all, word)
		}
		open = !open && (strings.HasPrefix(word, "[") || strings.HasPrefix(word, "(-∞")) && strings.HasSuffix(word, ",")
	}
	return all
}

// Plural counts things: "1 row", "2,000 rows".
func Plural(count int, thing string) string {
	if count != 1 {
		thing += "s"
	}
	return Whole(count) + " " + thing
}

func finite(x float64) bool { return estimate.Number(x).Defined() }
