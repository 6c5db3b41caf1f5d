package figure

import (
	"regexp"
	"strings"
)

// symbols turn the plain notation of the text into print.
var symbols = []struct {
	plain *regexp.Regexp
	print string
}{
	{regexp.MustCompile(`\btr Sigma\b`), "tr Σ"},
	{regexp.MustCompile(`\bSigma\b`), "Σ"},
	{regexp.MustCompile(`\balpha\b`), "α"},
	{regexp.MustCompile(`\bgamma\b`), "γ"},
	{regexp.MustCompile(`\beta\b`), "η"},
	{regexp.MustCompile(`\brho\b`), "ρ"},
	{regexp.MustCompile(`\^2\b`), "²"},
	{regexp.MustCompile(`\^3\b`), "³"},
	{regexp.MustCompile(`\^4\b`), "⁴"},
	{regexp.MustCompile(` - `), " − "},
	{regexp.MustCompile(`(^|[ \[(])-(\d|∞)`), "$1−$2"},
	{regexp.MustCompile(`'([A-Z])`), "ᵀ$1"},
	{regexp.MustCompile(`\bsum (\|?[a-z])`), "Σ$1"},
}

// typeset turns the plain notation of a label into print; B_eff is left to [fillWords].
func typeset(s string) string {
	for _, r := range symbols {
		s = r.plain.ReplaceAllString(s, r.print)
	}
	return s
}

// superscript is a whole number as an exponent.
func superscript(digits string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '⁻'
		case r >= '0' && r <= '9':
			return []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0']
		}
		return r
	}, digits)
}
