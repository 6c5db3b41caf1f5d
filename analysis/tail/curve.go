package tail

import (
	"math"
	"slices"
)

// Curve holds the estimates of a method as a function of k: in the range of a power law it is flat.
type Curve struct {
	Method string     `json:"method"`
	Points []Estimate `json:"points"`
}

// HillCurve returns Hill's gamma with its 95% interval for every k from 1 to maxK, the Hill plot, in O(n log n). It ends before the first
// y_(k+1) <= 0, and is NaN where all k values equal the threshold.
//
//	k M_1(k) = (k-1) M_1(k-1) + k log(y_k / y_(k+1))
func HillCurve(x []float64, side Side, maxK int) (k []int, gamma, lo, hi []float64) {
	y := largest(x, side, max(0, min(maxK, len(x)-1))+1)
	sum := 0.0
	for i := 1; i < len(y) && y[i] > 0; i++ {
		sum += float64(float64(i) * logRatio(y[i-1], y[i]))
		g := hillGamma(sum / float64(i))
		ci := gammaInterval(g*float64(i), float64(i))
		k, gamma, lo, hi = append(k, i), append(gamma, g), append(lo, ci.Lo), append(hi, ci.Hi)
	}
	return k, gamma, lo, hi
}

// curveEnd is n/4, or the largest k in use.
func (r *Result) curveEnd() int {
	end := r.N / 4
	for _, e := range r.Estimates {
		end = max(end, min(e.K, r.N-1))
	}
	return end
}

// curves applies the methods to values in descending order, at values of k up to end that grow by a constant factor.
func curves(y []float64, end, points int) []Curve {
	var all []Curve
	for _, m := range methods {
		c := Curve{Method: m.name, Points: []Estimate{}}
		for _, k := range curveK(end, points) {
			c.Points = append(c.Points, m.examine(m.estimate(y, k), y))
		}
		all = append(all, c)
	}
	return all
}

func curveK(end, points int) []int {
	const start = 5
	var ks []int
	for i := range points {
		k := int(start * math.Pow(float64(end)/start, float64(i)/float64(max(points-1, 1))))
		if k = min(k, end); k >= start && !slices.Contains(ks, k) {
			ks = append(ks, k)
		}
	}
	return ks
}
