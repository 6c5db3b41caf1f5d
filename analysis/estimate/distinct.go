package estimate

import "slices"

// MinDistinct is the smallest number of different values from which an interval is given: fewer determine no spread.
const MinDistinct = 5

// TieShare is the share of repeated values above which methods for continuous data are unreliable.
const TieShare = 0.05

// Distinct counts different values.
func Distinct(x []float64) int { return len(slices.Compact(slices.Sorted(slices.Values(x)))) }

// FewDistinct reports whether x has fewer than MinDistinct different values. It mostly looks at the first few only.
func FewDistinct(x []float64) bool {
	var seen []float64
	for _, v := range x {
		if slices.Contains(seen, v) {
			continue
		}
		if seen = append(seen, v); len(seen) == MinDistinct {
			return false
		}
	}
	return true
}
