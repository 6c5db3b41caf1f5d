package probe

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
)

// metricFactored is a dense layer in the metric of d. Sums of squares and products with one vector are products of the factors still, only the
// Gram matrix is not, see [metricRows].
type metricFactored struct {
	*Factored
	d []float64
}

// narrowMean is how many times |gbar|^2 may exceed the trace where products in float32 leave digits enough.
const narrowMean = 10

// scale multiplies a gradient by D^(1/2).
func (m *metricFactored) scale(gradient []float64) {
	for j, d := range m.d {
		gradient[j] *= math.Sqrt(d)
	}
}

func (m *metricFactored) MeanTo(dst []float64) {
	m.Factored.MeanTo(dst)
	m.scale(dst)
}

func (m *metricFactored) VarianceTo(dst []float64) {
	m.Factored.VarianceTo(dst)
	for j, d := range m.d {
		dst[j] *= d
	}
}

func (m *metricFactored) ProjectTo(dst []float64, v []float32) {
	scaled := make([]float32, len(v))
	for j, d := range m.d {
		scaled[j] = float32(math.Sqrt(d) * float64(v[j]))
	}
	m.Factored.ProjectTo(dst, scaled)
}

func (m *metricFactored) UnitTo(dst []float64, i int) {
	m.Factored.UnitTo(dst, i)
	m.scale(dst)
}

func (m *metricFactored) coordinatesTo(dst []float64, stride int, index []int) {
	m.Factored.coordinatesTo(dst, stride, index)
	for i := range m.N {
		for k, j := range index {
			dst[i*stride+k] *= math.Sqrt(m.d[j])
		}
	}
}

// AddGram subtracts gbar. The product of the factors' means, which [Factored] subtracts, is not 0 where the gradient always is, and the metric
// of such a parameter is large. Products are in float32, and in float64 where their digits would be lost with |gbar|^2.
func (m *metricFactored) AddGram(dst []float64) Moments {
	r := m.moments(m.mean32())
	if r.MeanNormSq > narrowMean*r.Trace {
		addMetricRows(m, dst, gemm.Dgemm)
	} else {
		addMetricRows(m, dst, gemm.Sgemm)
	}
	for i, mi := range r.MeanDot {
		for j, mj := range r.MeanDot[:i+1] {
			dst[i*m.N+j] += r.MeanNormSq - mi - mj
		}
	}
	return r
}

// moments are the sums that need no gradient.
func (m *metricFactored) moments(mean []float32) Moments {
	weighted, spread := make([]float64, len(mean)), make([]float64, m.N)
	r := Moments{NormSq: m.bilinear(squares(m.Delta), squares(m.A), m.d)}
	for j, d := range m.d {
		weighted[j] = d * float64(mean[j])
		r.MeanNormSq += float64(weighted[j] * float64(mean[j]))
	}
	r.MeanDot = m.bilinear(widened(m.Delta), widened(m.A), weighted)
	m.addWeightedSquares([][]float64{spread}, [][]float64{m.d})
	r.Trace = sum(spread) / float64(m.N)
	return r
}
