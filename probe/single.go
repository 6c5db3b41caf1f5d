package probe

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

const (
	// singleColumns is the number of columns over which products in float32 are summed before they are added in float64.
	singleColumns = 1024
	// singleWork is n^2 P, a second or two of two cores in float64, from which a Gram matrix of numbers in float32 is made of such products.
	singleWork = 1 << 37
)

// singles is a matrix whose numbers may all be float32 or narrower, and which is then read as such.
type singles interface {
	Single() bool
	ReadSingles(dst []float32, top, bottom, left, right int) error
}

// single is the matrix where products in float32 are used: where its numbers are float32, and products in float64 would take long.
func (s *Streamed) single() (singles, bool) {
	m, ok := s.source.(singles)
	n := float64(s.Units())
	return m, ok && m.Single() && float64(n*n*float64(s.Parameters())) >= singleWork
}

// singleGram adds up a Gram matrix from centred rows by products in float32. The error of a group of columns is at most about 1e-6 |x_i| |x_j|. It has
// either sign, so that over the hundreds of groups of a matrix that is large enough it is 1e-7 or less.
type singleGram struct {
	n        int
	products []float32
}

func newSingleGram(n int) *singleGram {
	return &singleGram{n: n, products: make([]float32, gramBand(n)*n)}
}

// add adds x_i . x_j on and below the diagonal of dst, given rows of the given width, which it may scale, and the variances of their columns.
func (g *singleGram) add(dst []float64, values []float32, width int, variance []float64) {
	for left := 0; left < width; left += singleColumns {
		cols := min(singleColumns, width-left)
		if largest := slices.Max(variance[left : left+cols]); largest > 0 {
			x := values[left:]
			scale := g.scale(x, width, cols, largest)
			bands(g.n, func(lo, hi int) {
				lowerBand(x, cols, width, lo, hi, g.products)
				parallel.For(hi-lo, 8, func(first, end int) {
					for r := first; r < end; r++ {
						addScaled(dst[(lo+r)*g.n:][:lo+r+1], g.products[r*hi:], scale)
					}
				})
			})
		}
	}
}

// scale divides columns by a power of 2, which is exact, where their squares could overflow or vanish in float32, and returns its square.
func (g *singleGram) scale(x []float32, stride, cols int, largest float64) float64 {
	if 0x1p-60 < largest && largest < 0x1p60 {
		return 1
	}
	// No deviation is above sqrt(n var).
	_, exponent := math.Frexp(math.Sqrt(float64(g.n) * largest))
	for i := range g.n {
		row := x[i*stride:][:cols]
		for j, v := range row {
			row[j] = float32(math.Ldexp(float64(v), -exponent))
		}
	}
	return math.Ldexp(1, 2*exponent)
}

func addScaled(dst []float64, x []float32, scale float64) {
	if scale == 1 {
		vector.AddWide(dst, x)
		return
	}
	for j := range dst {
		dst[j] += float64(float64(x[j]) * scale)
	}
}
