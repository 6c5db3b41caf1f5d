package probe

import "github.com/noiseprobe/noiseprobe/internal/parallel"

// gramBand is the number of rows of a Gram matrix that are computed at a time, up to the diagonal: enough for fast products, in as much memory
// as 1024 whole rows of 1024 need. For more rows it grows with n, not with n^2.
func gramBand(n int) int { return max(128, 1<<20/max(n, 1)) }

// bands calls do for the rows lo to hi-1 of each band of an n×n matrix.
func bands(n int, do func(lo, hi int)) {
	for lo := 0; lo < n; lo += gramBand(n) {
		do(lo, min(lo+gramBand(n), n))
	}
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

func rowMeans(g []float64, n int) []float64 {
	means := make([]float64, n)
	parallel.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := 0.0
			for _, v := range g[i*n : (i+1)*n] {
				sum += v
			}
			means[i] = sum / float64(n)
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
