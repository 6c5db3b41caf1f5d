package tail

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// tied counts the values that equal the smallest one that the method reads at k, its threshold, if they are too many. Where the values are
// rounded, as many lie within half a unit of the threshold, which moves an estimate by about count/(2k) of itself: with more than sqrt(k) by
// more than half of its standard error.
func (m method) tied(y []float64, k int) int {
	if count := equal(y, y[m.reach(k)-1]); float64(count) > max(1, math.Sqrt(float64(k))) {
		return count
	}
	return 0
}

// unsupported says why the values that a method reads at k support no interval and no comparison, or nothing.
func (m method) unsupported(y []float64, k int) string {
	if estimate.FewDistinct(y[:m.reach(k)]) {
		return fmt.Sprintf("the estimate reads fewer than %d different values", estimate.MinDistinct)
	}
	if count := m.tied(y, k); count > 0 {
		return fmt.Sprintf("%d values equal the threshold, where at most sqrt(k) = %.1f do no harm", count, math.Sqrt(float64(k)))
	}
	return ""
}

// examine takes away an interval that the values do not support, and gives the reason for every number that is missing.
func (m method) examine(e Estimate, y []float64) Estimate {
	if !e.Gamma.Defined() {
		e.Reason = m.why(y, e.K)
		return e
	}
	var reasons []string
	if e.Gamma <= 0 {
		reasons = append(reasons, "no tail index, since gamma is not above 0: the tail is lighter than any power law")
	}
	unsupported := m.unsupported(y, e.K)
	switch {
	case unsupported != "":
		e.CI = estimate.None()
		reasons = append(reasons, "no interval, since "+unsupported)
	case e.CI.Defined():
	case e.K < m.leastInterval:
		reasons = append(reasons, fmt.Sprintf("no interval for k below %d", m.leastInterval))
	default:
		reasons = append(reasons, "no interval, since that of gamma is not above 0")
	}
	e.Reason = strings.Join(reasons, "; ")
	return e
}

// why says why an estimate is undefined.
func (m method) why(y []float64, k int) string {
	switch reach := m.reach(k); {
	case k == 0 && m.name == NamePowerLaw:
		return "it needs 3 different positive values"
	case len(y) == 0:
		return "the sample is empty, or a value is not finite"
	case k < m.least:
		return fmt.Sprintf("it needs k >= %d", m.least)
	case reach > len(y):
		return fmt.Sprintf("it needs at least %d values, not %d", reach, len(y))
	case m.name == NamePickands:
		return "the k-th, 2k-th and 4k-th largest values are not all different"
	case m.name == NameGPD:
		return fmt.Sprintf("%d values equal the threshold, and with an excess of 0 the likelihood has no maximum; another k may avoid that", equal(y, y[k]))
	case !(y[reach-1] > 0):
		return "the threshold is not positive"
	}
	return "too many of the largest values are equal"
}

// equal counts the values that equal the one given, among values in descending order.
func equal(y []float64, value float64) int {
	first := sort.Search(len(y), func(i int) bool { return y[i] <= value })
	return sort.Search(len(y), func(i int) bool { return y[i] < value }) - first
}
