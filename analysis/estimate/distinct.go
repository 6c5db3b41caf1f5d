package estimate

import "slices"

// MinDistinct is the smallest number of different values from which an interval is given: fewer determine no spread.
const MinDistinct = 5

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
