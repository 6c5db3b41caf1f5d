package compare

import (
	"cmp"
	"math"
	"slices"
)

// Holm returns p-values adjusted for their number m, in the order given: with p_(1) <= p_(2) <= ...,
//
//	adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j))
//
// Rejecting what is at most 0.05 keeps the probability of any false rejection in the family below 0.05, however the tests depend on
// each other. NaN, an undefined p, stays NaN and is not counted in m.
//
// Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
func Holm(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	var order []int
	for i, v := range p {
		adjusted[i] = math.NaN()
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, float64(len(order)-rank)*p[i]))
		adjusted[i] = largest
	}
	return adjusted
}
