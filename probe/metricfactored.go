package probe

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// metricFactored is a dense layer in the metric of d. Sums of squares and products with one vector are products of the factors still, only the
// Gram matrix is not: it is added up over some outputs at a time, whose gradients are formed in float32.
type metricFactored struct {
	*Factored
	d []float64
}

// metricColumns is the number of weights whose gradients are formed at a time.
const metricColumns = 8192

func (m *metricFactored) MeanTo(dst []float64) {
	m.Factored.MeanTo(dst)
	for j, d := range m.d {
		dst[j] *= math.Sqrt(d)
	}
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
	for j, d := range m.d {
		dst[j] *= math.Sqrt(d)
	}
}

func (m *metricFactored) coordinatesTo(dst []float64, stride int, index []int) {
	m.Factored.coordinatesTo(dst, stride, index)
	for i := range m.N {
		for k, j := range index {
			dst[i*stride+k] *= math.Sqrt(m.d[j])
		}
	}
}

// wide is the number of parameters of one output.
func (m *metricFactored) wide() int { return m.Parameters() / m.Out }

// AddGram subtracts gbar. The product of the factors' means, which [Factored] subtracts, is not 0 where the gradient always is, and the metric
// of such a parameter is large.
func (m *metricFactored) AddGram(dst []float64) Moments {
	mean, wide := m.mean32(), m.wide()
	outputs := max(1, metricColumns/wide)
	rows, band := make([]float32, m.N*outputs*wide), make([]float32, gramBand*m.N)
	for first := 0; first < m.Out; first += outputs {
		end := min(first+outputs, m.Out)
		width := (end - first) * wide
		m.form(rows[:m.N*width], mean, first, end)
		bands(m.N, func(lo, hi int) {
			gemm.Sgemm(false, true, hi-lo, hi, width, 1, rows[lo*width:], width, rows, width, 0, band, hi)
			parallel.For(hi-lo, 8, func(from, to int) {
				for i := from; i < to; i++ {
					for j, v := range band[i*hi : (i+1)*hi] {
						dst[(lo+i)*m.N+j] += float64(v)
					}
				}
			})
		})
	}
	return m.moments(mean)
}

// form writes sqrt(d) (g_i - gbar) for the weights and the bias of the outputs first to end-1.
func (m *metricFactored) form(rows, mean []float32, first, end int) {
	wide := m.wide()
	root, centre := make([]float32, (end-first)*wide), make([]float32, (end-first)*wide)
	for o := first; o < end; o++ {
		for k := range wide {
			p, to := o*m.In+k, (o-first)*wide+k
			if k == m.In {
				p = m.Out*m.In + o
			}
			root[to], centre[to] = float32(math.Sqrt(m.d[p])), mean[p]
		}
	}
	parallel.For(m.N, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a := m.A[i*m.In : (i+1)*m.In]
			for o, delta := range m.Delta[i*m.Out+first : i*m.Out+end] {
				r, c := root[o*wide:(o+1)*wide], centre[o*wide:(o+1)*wide]
				row := rows[i*len(root)+o*wide:][:wide]
				for k, v := range a {
					row[k] = r[k] * (float32(delta*v) - c[k])
				}
				if !m.NoBias {
					row[m.In] = r[m.In] * (delta - c[m.In])
				}
			}
		}
	})
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
	m.addWeightedSquares(spread, m.d)
	r.Trace = sum(spread) / float64(m.N)
	return r
}
