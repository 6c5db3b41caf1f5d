package probe

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

const (
	// singleColumns is the number of columns over which products in float32 are summed before they are added in float64.
	singleColumns = 1024
	// singleWork is n^2 P, a second or two of two cores in float64, from which a Gram matrix of numbers in float32 is made of such products.
	singleWork = 1 << 37
	// singleLargest bounds the largest variance of a parameter, and its inverse, so that no square that counts is lost or overflows in float32.
	singleLargest = 0x1p60
	// singleSmallest is what the smallest eigenvalue of Sigma must be at least, in units of their mean: about ten times what products in float32 make of a
	// zero where all of them round the same way, and a hundred times what they usually do.
	singleSmallest = 1e-5
)

// singles is a matrix whose numbers may all be float32 or narrower, and which is then read as such.
type singles interface {
	Single() bool
	ReadSingles(dst []float32, top, bottom, left, right int) error
}

// single is the matrix where products in float32 are worth while: where its numbers are float32, there are more parameters than units, and products in float64
// would take long.
func (s *Streamed) single() (singles, bool) {
	m, ok := s.source.(singles)
	n, p := s.Units(), s.Parameters()
	return m, ok && m.Single() && p > n && float64(n)*float64(n)*float64(p) >= singleWork
}

// singleMoments multiplies large layers in float32. ok says that what this rounds is not seen: in what follows every eigenvalue counts, and how many
// there are.
func (g *Gradients) singleMoments(directions []Direction) (u *Units, ok bool) {
	rounded, inRange := false, true
	u = g.secondMoments(directions, func(s *Streamed, dst []float64, w wanted) Moments {
		source, single := s.single()
		if !single {
			return s.addDouble(dst, w)
		}
		products := singleGram{s.Units(), newBand(s.Units(), s.Units())}
		defer returnBlock(products.products)
		m := momentsOf(s, source.ReadSingles, w, func(b block[float32]) {
			products.add(dst, b.values, b.right-b.left)
		})
		largest := slices.Max(s.variance)
		rounded, inRange = true, inRange && (largest == 0 || 1/singleLargest < largest && largest < singleLargest)
		return m
	})
	return u, !rounded || g.Err() != nil || inRange && u.allAbove(singleSmallest)
}

// singleGram adds up a Gram matrix from centred rows by products in float32. The error of a group of columns is usually 1e-7 |x_i| |x_j| or less, of either sign,
// so that it shrinks with the number of groups; where all columns are alike it is about 1e-6, and does not.
type singleGram struct {
	n        int
	products []float32
}

// add adds x_i . x_j on and below the diagonal of dst, given rows of the given width.
func (g *singleGram) add(dst []float64, values []float32, width int) {
	for left := 0; left < width; left += singleColumns {
		cols := min(singleColumns, width-left)
		bands(g.n, g.n, func(lo, hi int) {
			lowerBand(values[left:], cols, width, lo, hi, g.products)
			parallel.For(hi-lo, 8, func(first, end int) {
				for r := first; r < end; r++ {
					vector.AddWide(dst[(lo+r)*g.n:][:lo+r+1], g.products[r*hi:])
				}
			})
		})
	}
}

// allAbove reports whether all eigenvalues of Sigma, but the one that is zero since gradients are centred, are above least times their mean: whether
//
//	G + t 1 1'/n - least (t/n) I        G the centred Gram matrix, t its trace
//
// has a Cholesky factor, which for a while takes the place of what is above the diagonal.
func (u *Units) allAbove(least float64) bool {
	n, g := u.N, u.Centred
	diagonal := make([]float64, n)
	for i := range n {
		diagonal[i] = g[i*n+i]
	}
	mean := u.Trace()
	for i := range n {
		for j := i; j < n; j++ {
			g[i*n+j] += mean
		}
		g[i*n+i] -= float64(least * mean)
	}
	_, ok := lapack64.Potrf(blas64.Symmetric{N: n, Stride: n, Data: g, Uplo: blas.Upper})
	for i, v := range diagonal {
		g[i*n+i] = v
	}
	mirror(g, n)
	return ok && finite(mean)
}
