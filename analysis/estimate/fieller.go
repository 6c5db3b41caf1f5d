package estimate

import "math"

// Fieller is the confidence set of x/y for x >= 0 where y may be 0 or negative (Fieller, 1954): all r >= 0 with
//
//	(x - r y)^2 <= t^2 (vx - 2 r cxy + r^2 vy)
//
// with vx, vy and cxy the variances and the covariance of x and y, and t the quantile of a two-sided interval. It is bounded where y is
// significantly positive; otherwise its upper end is infinite.
func Fieller(x, y, vx, vy, cxy, t float64) Interval {
	t2 := t * t
	a, b, c := float64(y*y)-float64(t2*vy), float64(x*y)-float64(t2*cxy), float64(x*x)-float64(t2*vx) // a r^2 - 2 b r + c <= 0
	// b^2 - a c without the terms that cancel.
	disc := float64(t2*(float64(y*y*vx)+float64(x*x*vy)-float64(2*x*y*cxy))) - float64(t2*t2*(float64(vx*vy)-float64(cxy*cxy)))
	switch {
	case a > 0 && y > 0:
		root := math.Sqrt(max(disc, 0))
		return Interval{Lo: max(0, (b-root)/a), Hi: (b + root) / a}
	case disc < 0 || c <= 0 || a >= 0:
		return Interval{Lo: 0, Hi: math.Inf(1)}
	}
	// a < 0 < c: the roots have opposite signs, and the set lies outside them.
	return Interval{Lo: (b - math.Sqrt(disc)) / a, Hi: math.Inf(1)}
}
