package normality

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// UnivariateResult holds all results for one sample.
type UnivariateResult struct {
	Moments
	// Distinct counts different values.
	Distinct   int        `json:"distinct"`
	Tests      []Test     `json:"tests"`
	Conclusion Conclusion `json:"conclusion"`
}

// Univariate returns the moments and the tests of a sample. The warnings say why something is undefined or unreliable.
func Univariate(x []float64) UnivariateResult {
	r := UnivariateResult{Moments: Describe(x), Distinct: estimate.Distinct(x), Tests: Tests(x)}
	r.Warnings = append(r.Warnings, explain(r.Tests)...)
	tied := tieWarning("", r.Distinct, len(x))
	r.Conclusion = conclude("sample", len(x), r.Tests, nil, tied)
	r.Warnings = append(r.Warnings, tied...)
	return r
}

// tieWarning is a warning where many of n values, of which so many are distinct, repeat another.
func tieWarning(where string, distinct, n int) []string {
	ties := n - distinct
	if float64(ties) <= estimate.TieShare*float64(n) {
		return nil
	}
	return []string{fmt.Sprintf("%s%d of %d values repeat an earlier one: the tests are for continuous data, and rounding alone can make them reject",
		where, ties, n)}
}
