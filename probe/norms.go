package probe

import (
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// SampleNorms are the lengths of the gradients g_i of all N training samples, and how far each points along their mean gbar. They make
// tr Sigma and E|g_i - gbar|^4 of the training set exact, whereas a recorded part of the samples leaves a sampling error.
type SampleNorms struct {
	// NormSq is |g_i|^2 and MeanDot is gbar . g_i, in the order of the samples; MeanNormSq is |gbar|^2.
	NormSq, MeanDot []float64
	MeanNormSq      float64
}

// distanceRounding bounds the relative rounding of the terms of a distance: sums over up to a thousand million parameters in float64.
const distanceRounding = 0x1p-48

// Distances are
//
//	|g_i - gbar|^2 = |g_i|^2 - 2 gbar . g_i + |gbar|^2
//
// and 0 where that is less than the rounding of its terms.
func (s *SampleNorms) Distances() []float64 {
	d := make([]float64, len(s.NormSq))
	for i, square := range s.NormSq {
		d[i] = square - float64(2*s.MeanDot[i]) + s.MeanNormSq
		if d[i] < distanceRounding*(square+s.MeanNormSq) {
			d[i] = 0
		}
	}
	return d
}

// Norms returns |g_i|^2 and g_i . v of every unit, with v over all parameters, layer after layer. All sums are in float64, and for factors
// the products too:
//
//	|g_i|^2 = |delta_i|^2 (|a_i|^2 + 1),    g_i . v = delta_i' (V a_i + b)        with v = (V, b) split into weight and bias, if there is one
//
// A layer of another kind forms a few gradients at a time.
func (g *Gradients) Norms(v []float32) (normSq, along []float64) {
	normSq, along = make([]float64, g.Units()), make([]float64, g.Units())
	for l, own := range parts(g, v) {
		switch l := l.(type) {
		case *Factored:
			l.addNorms(normSq, along, widened(own))
		case *Streamed:
			l.addNorms(normSq, along, widened(own))
		default:
			addUnitNorms(l, normSq, along, widened(own))
		}
	}
	return normSq, along
}

func (f *Factored) addNorms(normSq, along, v []float64) {
	addTo(normSq, f.normSq())
	weight, bias := v[:f.Out*f.In], biasOf(f, v)
	product := make([]float64, min(wideUnits, f.N)*f.Out)
	for lo := 0; lo < f.N; lo += wideUnits {
		hi := min(lo+wideUnits, f.N)
		gemm.Dgemm(false, true, hi-lo, f.Out, f.In, 1, widened(f.A[lo*f.In:hi*f.In]), f.In, weight, f.In, 0, product, f.Out)
		parallel.For(hi-lo, 16, func(first, end int) {
			for r := first; r < end; r++ {
				i, row := lo+r, product[r*f.Out:(r+1)*f.Out]
				for o, d := range f.Delta[i*f.Out : (i+1)*f.Out] {
					along[i] += float64(float64(d) * (row[o] + bias[o]))
				}
			}
		})
	}
}

// addNorms reads the gradients in blocks of columns.
func (s *Streamed) addNorms(normSq, along, v []float64) {
	s.eachBlock(func(b block[float64]) error {
		width := b.right - b.left
		parallel.For(len(normSq), 1, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row := b.values[i*width : (i+1)*width]
				normSq[i] += dot64(row, row)
				along[i] += dot64(row, v[b.left:b.right])
			}
		})
		return nil
	})
}

func addUnitNorms(l Layer, normSq, along, v []float64) {
	row := make([]float64, l.Parameters())
	for i := range normSq {
		l.UnitTo(row, i)
		normSq[i] += dot64(row, row)
		along[i] += dot64(row, v)
	}
}
