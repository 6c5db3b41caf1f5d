package probe

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// CrossGram returns the dot products of all gradients of a with all of b, which have the same parameters but may be at other weights
// or of other units. It is a matrix with a row for each unit of a and a column for each unit of b, not centred:
//
//	g_i(a) . g_j(b)
//
// For factored layers this is (a_i . a'_j + 1)(delta_i . delta'_j), less the 1 of the bias where there is none, without forming a gradient. It panics if the layers differ in
// number or size. Both must be [Gradients.Explicit]. Gradients that cannot be read show in [Gradients.Err].
func CrossGram(a, b *Gradients) []float64 {
	if len(a.Layers) != len(b.Layers) {
		panic("probe: gradients of different layers")
	}
	dst := make([]float64, a.Units()*b.Units())
	for i, l := range a.Layers {
		addCross(dst, l, b.Layers[i])
	}
	return dst
}

// addCross adds one layer's share.
func addCross(dst []float64, a, b Layer) {
	if a.Parameters() != b.Parameters() {
		panic("probe: layers of different size")
	}
	switch x := a.(type) {
	case *Factored:
		if y, ok := b.(*Factored); ok && x.In == y.In && x.NoBias == y.NoBias {
			x.addCross(dst, y)
			return
		}
	case *metricFactored:
		if y, ok := b.(*metricFactored); ok && x.In == y.In && x.NoBias == y.NoBias {
			x.addCross(dst, y)
			return
		}
	case *Dense:
		if y, ok := b.(*Dense); ok {
			gemm.Dgemm(false, true, x.N, y.N, x.P, 1, x.G, x.P, y.G, y.P, 1, dst, y.N)
			return
		}
	case *Embedding:
		if y, ok := b.(*Embedding); ok && x.Width == y.Width {
			x.addCross(dst, y)
			return
		}
	case *Streamed:
		if y, ok := b.(*Streamed); ok {
			x.addCross(dst, y)
			return
		}
	}
	addCrossOfUnits(dst, a, b)
}

// addOwn adds the dot products of a layer's gradients with each other on and below the diagonal; above it may be anything.
func addOwn(dst []float64, l Layer) {
	f, ok := l.(*Factored)
	if !ok {
		addCross(dst, l, l)
		return
	}
	lowerRows(f.N, f.A, f.In, f.Delta, f.Out, func(i int, aa, dd []float32) { f.addProducts(dst[i*f.N:][:i+1], aa, dd) })
}

func (f *Factored) addCross(dst []float64, o *Factored) {
	n := o.N
	aa, dd := newBand(f.N, n), newBand(f.N, n)
	defer returnBlock(aa)
	defer returnBlock(dd)
	bands(f.N, n, func(lo, hi int) {
		gemm.Sgemm(false, true, hi-lo, n, f.In, 1, f.A[lo*f.In:], f.In, o.A, f.In, 0, aa, n)
		gemm.Sgemm(false, true, hi-lo, n, f.Out, 1, f.Delta[lo*f.Out:], f.Out, o.Delta, f.Out, 0, dd, n)
		parallel.For(hi-lo, 8, func(first, end int) {
			for r := first; r < end; r++ {
				f.addProducts(dst[(lo+r)*n:][:n], aa[r*n:], dd[r*n:])
			}
		})
	})
}

// addProducts adds a_i . a_j + 1 times delta_i . delta_j, without the 1 where there is no bias.
func (f *Factored) addProducts(dst []float64, aa, dd []float32) {
	if !f.NoBias {
		vector.AddProducts(dst, aa, dd)
		return
	}
	for j := range dst {
		dst[j] += float64(float64(aa[j]) * float64(dd[j]))
	}
}

// addCross reads both layers in the same blocks of columns.
func (s *Streamed) addCross(dst []float64, o *Streamed) {
	own := s.width
	defer func() { s.width = own }()
	s.width = min(s.width, o.width)
	n := o.Units()
	other := borrowBlock[float64](n * s.width)
	defer returnBlock(other)
	s.eachBlock(func(b block[float64]) error {
		width := b.right - b.left
		right := other[:n*width]
		if o == s {
			gemm.Dgemm(false, true, n, n, width, 1, b.values, width, b.values, width, 1, dst, n)
			return nil
		}
		if o.err != nil {
			return nil // the error belongs to the other layer
		}
		if err := o.source.ReadBlock(right, 0, n, b.left, b.right); err != nil {
			o.fail(err)
			return nil
		}
		gemm.Dgemm(false, true, s.Units(), n, width, 1, b.values, width, right, width, 1, dst, n)
		return nil
	})
}

// crossUnits is the number of gradients of either side that are formed at a time, if that takes no more memory than a block.
const crossUnits = 16

// addCrossOfUnits is for layers of any kind: it forms the gradients.
func addCrossOfUnits(dst []float64, a, b Layer) {
	p, n := a.Parameters(), b.Units()
	most := max(1, min(crossUnits, blockBytes/8/p))
	left, right := make([]float64, most*p), make([]float64, most*p)
	for i := 0; i < a.Units(); i += most {
		rows := min(most, a.Units()-i)
		for r := range rows {
			a.UnitTo(left[r*p:(r+1)*p], i+r)
		}
		for j := 0; j < n; j += most {
			columns := min(most, n-j)
			for c := range columns {
				b.UnitTo(right[c*p:(c+1)*p], j+c)
			}
			gemm.Dgemm(false, true, rows, columns, p, 1, left, p, right, p, 1, dst[i*n+j:], n)
		}
	}
}

// SameLayers reports whether two gradients have layers of the same names and sizes.
func SameLayers(a, b *Gradients) bool {
	return slices.EqualFunc(a.Layers, b.Layers, func(x, y Layer) bool { return x.Name() == y.Name() && x.Parameters() == y.Parameters() })
}
