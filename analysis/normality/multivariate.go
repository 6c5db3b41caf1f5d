package normality

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// MultivariateOptions bound the work of the tests of rows. The zero value takes a second or two on two cores.
type MultivariateOptions struct {
	// Replicates of the energy test's bootstrap; 0 means 19 to 999, fewer for more or longer rows.
	Replicates int
	// Seed of the bootstrap, and of the subset for MaxRows.
	Seed uint64
	// MaxRows is the largest number of rows that the Henze-Zirkler and energy tests, which compare all pairs, are given: from more rows
	// they get a random subset of this size. 0 means 5000, a negative number no bound.
	MaxRows int
}

// MultivariateResult holds all results for rows.
type MultivariateResult struct {
	N          int           `json:"n"`
	D          int           `json:"d"`
	Mardia     MardiaMoments `json:"mardia"`
	Tests      []Test        `json:"tests"`
	Conclusion Conclusion    `json:"conclusion"`
	Warnings   []string      `json:"warnings,omitempty"`
}

// Multivariate returns the moments and the tests of rows. The warnings say what is undefined or unreliable, and why.
func Multivariate(r Rows, o MultivariateOptions) MultivariateResult {
	v := whiten(r)
	result := MultivariateResult{N: r.N, D: r.D}
	result.Mardia, result.Tests = v.mardia()
	if limit := o.maxRows(); v.reason == "" && r.N > limit {
		v = whiten(pick(r.X, r.D, seed.New(o.Seed, "normality/subset").Perm(r.N)[:limit]))
		result.Warnings = append(result.Warnings, fmt.Sprintf("henze-zirkler, energy: of %d rows drawn at random from the %d", limit, r.N))
	}
	result.Tests = append(result.Tests, v.henzeZirkler(), v.energyTest(o.replicates(v), o.Seed))
	result.Warnings = append(result.Warnings, explain(result.Tests)...)
	unreliable := map[string]string{}
	if v.reason == "" {
		unreliable = unreliableTests(r)
	}
	for _, name := range slices.Sorted(maps.Keys(unreliable)) {
		result.Warnings = append(result.Warnings, fmt.Sprintf("%s: %s; the conclusion leaves it out", name, unreliable[name]))
	}
	ties := r.tieWarnings()
	result.Warnings = append(result.Warnings, ties...)
	result.Conclusion = conclude("rows", r.N, result.Tests, unreliable, ties)
	return result
}

// tieWarnings is the warning for the column with the most repeated values.
func (r Rows) tieWarnings() []string {
	worst, fewest := 0, r.N
	for j := range r.D {
		if d := estimate.Distinct(r.column(j)); d < fewest {
			worst, fewest = j, d
		}
	}
	return tieWarning(fmt.Sprintf("column %d (counting from 0): ", worst), fewest, r.N)
}

func (o MultivariateOptions) maxRows() int {
	switch {
	case o.MaxRows == 0:
		return 5000
	case o.MaxRows < 0:
		return math.MaxInt
	}
	return o.MaxRows
}

// replicates depends on the sizes only and not on the machine, so that the p-value does not either.
func (o MultivariateOptions) replicates(v whitened) int {
	if o.Replicates != 0 {
		return o.Replicates
	}
	n, d := float64(v.n), float64(v.d)
	// Nanoseconds of one statistic on one core: distances of all pairs, draws and their covariance.
	each := float64(n*n/2*(5+float64(0.1*d))) + float64(n*d*(60+float64(0.3*d)))
	return int(min(999, max(19, 2e9/each)))
}

// explain says why tests are undefined, in one line for all tests with the same reason.
func explain(tests []Test) (warnings []string) {
	var reasons []string
	names := map[string][]string{}
	for _, t := range tests {
		if t.Reason != "" && !slices.Contains(reasons, t.Reason) {
			reasons = append(reasons, t.Reason)
		}
		names[t.Reason] = append(names[t.Reason], t.Name)
	}
	for _, reason := range reasons {
		warnings = append(warnings, strings.Join(names[reason], ", ")+": "+reason)
	}
	return warnings
}

// lawfulDimensions is the largest dimension in which the limit distribution of Henze and Zirkler's statistic was found to hold.
const lawfulDimensions = 20

// unreliableTests are those whose limit distribution is too far off in so many dimensions, with the reason.
func unreliableTests(r Rows) map[string]string {
	n, d := float64(r.N), float64(r.D)
	unreliable := map[string]string{}
	if mean := -2 * d * (d + 2) / (n + 1) / mardiaScale(n, d); mean < -0.25 {
		unreliable[NameMardiaKurtosis] = fmt.Sprintf("for normal rows the mean of z is %.2f, not 0, at n = %d, d = %d, so that p is too small "+
			"for negative z and too large for positive z; the energy test has no such bias", mean, r.N, r.D)
	}
	if r.D > lawfulDimensions {
		unreliable[NameHenzeZirkler] = fmt.Sprintf("its limit distribution is rough above %d dimensions, got %d; the energy test needs none",
			lawfulDimensions, r.D)
	}
	return unreliable
}
