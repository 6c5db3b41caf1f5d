package curvature

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat"
)

// hessianOf takes the mean of the rows, with the variance of a mean over both rows and columns, the units of both halves:
//
//	s^2(rows)/n + s^2(columns)/m
//
// What rows and columns share is in it twice, so that it errs to the high side.
func hessianOf(h *probe.Hessian, interval bool) *Hessian {
	if h == nil {
		return nil
	}
	n, m := len(h.Rows), len(h.Columns)
	if n == 0 {
		return &Hessian{NoiseTrace: estimate.Undefined(), CI: estimate.None(), Step: estimate.Undefined(), Error: estimate.Undefined()}
	}
	mean, rows := stat.MeanVariance(h.Rows, nil)
	v := &Hessian{
		NoiseTrace: estimate.Number(mean), CI: estimate.None(), Units: n, Against: m, Step: estimate.Number(h.Step), Error: estimate.Number(h.Error),
	}
	if interval {
		v.CI = estimate.Around(mean, estimate.Student(float64(min(n, m)-1))*math.Sqrt(rows/float64(n)+stat.Variance(h.Columns, nil)/float64(m)))
	}
	return v
}
