package normality

import "math"

// Holm returns the logarithms of the p-values adjusted for their number m, in the order given: with p_(1) <= p_(2) <= ...,
//
//	adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j))
//
// Rejecting where it is at most q keeps the probability of any false rejection below q, however the tests depend on each other.
// NaN, an undefined p, stays NaN and is not counted in m; -Inf is p = 0.
//
// Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
func Holm(logP []float64) []float64 {
	order, adjusted := ascending(logP)
	largest := math.Inf(-1)
	for rank, i := range order {
		largest = max(largest, min(0, logP[i]+math.Log(float64(len(order)-rank))))
		adjusted[i] = largest
	}
	return adjusted
}
