package tail

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// normalQuantile is half the width of a 95% interval in standard errors, 1.96.
var normalQuantile = distuv.UnitNormal.Quantile(0.5 + estimate.Level/2)

// root returns a zero of f, which has opposite signs at lo and hi, by false position with the Illinois rule, and by a bisection whenever
// three steps have not halved the bracket.
func root(f func(float64) float64, lo, hi float64) float64 {
	flo, fhi := f(lo), f(hi)
	width := hi - lo
	side := 0
	for step := 1; step <= 200 && hi-lo > 1e-13*max(math.Abs(lo), math.Abs(hi)); step++ {
		x := lo + (hi-lo)*flo/(flo-fhi)
		if step%3 == 0 {
			if hi-lo > width/2 {
				x, side = lo+(hi-lo)/2, 0
			}
			width = hi - lo
		}
		if !(x > lo && x < hi) {
			x = lo + (hi-lo)/2
		}
		fx := f(x)
		switch {
		case fx == 0:
			return x
		case (fx > 0) == (fhi > 0):
			if hi, fhi = x, fx; side == 1 {
				flo /= 2
			}
			side = 1
		default:
			if lo, flo = x, fx; side == -1 {
				fhi /= 2
			}
			side = -1
		}
	}
	return lo + (hi-lo)/2
}
