package probe

import (
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// gramBand is the number of rows of products that are computed at a time: enough for fast products, in as much memory as 1024 rows of 1024
// need. For more columns that memory grows with their number, not with its square.
func gramBand(columns int) int { return max(128, 1<<20/max(columns, 1)) }

// bands calls do for the rows lo to hi-1 of each band of a matrix.
func bands(rows, columns int, do func(lo, hi int)) {
	for lo := 0; lo < rows; lo += gramBand(columns) {
		do(lo, min(lo+gramBand(columns), rows))
	}
}

// newBand is memory for any of the bands of a matrix, to be returned by [returnBlock].
func newBand(rows, columns int) []float32 {
	return borrowBlock[float32](min(rows, gramBand(columns)) * columns)
}

// lowerBand are the products of rows lo to hi-1 of a with those up to themselves, in dst [hi-lo, hi].
func lowerBand(a []float32, cols, stride, lo, hi int, dst []float32) {
	if lo > 0 {
		gemm.Sgemm(false, true, hi-lo, lo, cols, 1, a[lo*stride:], stride, a, stride, 0, dst, hi)
	}
	gemm.Ssyrk(hi-lo, cols, a[lo*stride:], stride, 0, dst[lo:], hi)
}

// lowerRows calls add for every row i of products of factors a [n, in] and b [n, out] on and below the diagonal: a_i . a_j and b_i . b_j for
// j <= i.
func lowerRows(n int, a []float32, in int, b []float32, out int, add func(i int, aa, bb []float32)) {
	aa, bb := newBand(n, n), newBand(n, n)
	defer returnBlock(aa)
	defer returnBlock(bb)
	bands(n, n, func(lo, hi int) {
		lowerBand(a, in, in, lo, hi, aa)
		lowerBand(b, out, out, lo, hi, bb)
		parallel.For(hi-lo, 8, func(first, end int) {
			for r := first; r < end; r++ {
				i := lo + r
				add(i, aa[r*hi:][:i+1], bb[r*hi:][:i+1])
			}
		})
	})
}

// mirror copies what is below the diagonal to above it, in square blocks so that both sides fit in the cache.
func mirror(g []float64, n int) {
	const side = 32
	parallel.For((n+side-1)/side, 1, func(lo, hi int) {
		for top := lo * side; top < min(hi*side, n); top += side {
			for left := 0; left <= top; left += side {
				mirrorBlock(g, n, top, left, side)
			}
		}
	})
}

func mirrorBlock(g []float64, n, top, left, side int) {
	for i := top; i < min(top+side, n); i++ {
		for j := left; j < min(left+side, i); j++ {
			g[j*n+i] = g[i*n+j]
		}
	}
}

func trace(g []float64, n int) float64 {
	total := 0.0
	for i := range n {
		total += g[i*n+i]
	}
	return total
}

func rowMeans(g []float64, n int) []float64 {
	means := make([]float64, n)
	parallel.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			means[i] = sum(g[i*n:(i+1)*n]) / float64(n)
		}
	})
	return means
}

// centreGram replaces G by J G J, J = I - 11'/n, given the means of its rows.
func centreGram(g []float64, rowMean []float64) {
	n := len(rowMean)
	mean := 0.0
	for _, v := range rowMean {
		mean += v / float64(n)
	}
	parallel.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, shift := g[i*n:(i+1)*n], mean-rowMean[i]
			for j := range row {
				row[j] += shift - rowMean[j]
			}
		}
	})
}
