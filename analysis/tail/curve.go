package tail

// HillCurve returns Hill's gamma with its 95% interval for every k from 1 to maxK, the Hill plot, in O(n log n). It ends before the first
// y_(k+1) <= 0, and is NaN where all k values equal the threshold.
//
//	k M_1(k) = (k-1) M_1(k-1) + k log(y_k / y_(k+1))
func HillCurve(x []float64, side Side, maxK int) (k []int, gamma, lo, hi []float64) {
	y := largest(x, side, max(0, min(maxK, len(x)-1))+1)
	sum := 0.0
	for i := 1; i < len(y) && y[i] > 0; i++ {
		sum += float64(i) * logRatio(y[i-1], y[i])
		g := hillGamma(sum / float64(i))
		ci := hillInterval(g, i)
		k, gamma, lo, hi = append(k, i), append(gamma, g), append(lo, ci.Lo), append(hi, ci.Hi)
	}
	return k, gamma, lo, hi
}
