package probe

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

const (
	// singleColumns is the number of columns over which products in float32 are summed before they are added in float64.
	singleColumns = 1024
	// singleWork is n^2 P, a second or two of two cores in float64, from which a Gram matrix of numbers in float32 is made of such products.
	singleWork = 1 << 37
)

// single is a matrix whose numbers may all be float32 or narrower.
type single interface{ Single() bool }

// single reports whether products in float32 are used: for matrices in float32 that take long otherwise.
func (s *Streamed) single() bool {
	m, ok := s.source.(single)
	n := float64(s.Units())
	return ok && m.Single() && float64(n*n*float64(s.Parameters())) >= singleWork
}

// singleColumns is the number of columns of a block whose products are summed in float32; 0 where all is in float64.
func (s *Streamed) singleColumns() int {
	if !s.single() {
		return 0
	}
	return min(singleColumns, s.width)
}

// singleGram adds up a Gram matrix from centred rows by products in float32. The error of a group of columns is at most about 1e-6 |x_i| |x_j|. It has
// either sign, so that over the hundreds of groups of a matrix that is large enough it is 1e-7 or less.
type singleGram struct {
	n           int
	x, products []float32
}

func newSingleGram(n, columns int) *singleGram {
	return &singleGram{n: n, x: make([]float32, n*columns), products: make([]float32, gramBand(n)*n)}
}

// add adds x_i . x_j on and below the diagonal of dst, given rows of the given width and the variances of their columns.
func (g *singleGram) add(dst, values []float64, width int, variance []float64) {
	for left := 0; left < width; left += singleColumns {
		cols := min(singleColumns, width-left)
		largest := slices.Max(variance[left : left+cols])
		if largest == 0 {
			continue
		}
		// No deviation is above sqrt(n var): divided by this power of 2, which is exact, squares neither overflow nor vanish.
		_, exponent := math.Frexp(math.Sqrt(float64(g.n) * largest))
		g.take(values[left:], width, cols, math.Ldexp(1, -exponent))
		bands(g.n, func(lo, hi int) {
			lowerBand(g.x, cols, lo, hi, g.products)
			parallel.For(hi-lo, 8, func(first, end int) {
				for r := first; r < end; r++ {
					addScaled(dst[(lo+r)*g.n:][:lo+r+1], g.products[r*hi:], math.Ldexp(1, 2*exponent))
				}
			})
		})
	}
}

// take rounds columns of the rows, times a scale, to float32.
func (g *singleGram) take(values []float64, stride, cols int, scale float64) {
	parallel.For(g.n, 8, func(first, end int) {
		for i := first; i < end; i++ {
			row := g.x[i*cols : (i+1)*cols]
			for j, v := range values[i*stride:][:cols] {
				row[j] = float32(v * scale)
			}
		}
	})
}

func addScaled(dst []float64, x []float32, scale float64) {
	for j := range dst {
		dst[j] += float64(float64(x[j]) * scale)
	}
}
