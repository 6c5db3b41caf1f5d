package normality

import (
	"gonum.org/v1/gonum/floats"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// The matrix of inner products is computed in tiles, of which at most 8 MB are in memory.
const (
	tileRows    = 256
	tileColumns = 4096
)

// sumPairs returns the sum of term(w_i.w_j, i, j) over all i < j, from one tile of the inner products at a time. Every row is added up by
// itself and in order, so that the result does not depend on the number of workers.
func (v whitened) sumPairs(term func(dot float64, i, j int) float64) float64 {
	sums := make([]float64, v.n)
	tile := make([]float64, min(tileRows, v.n)*min(tileColumns, v.n))
	for top := 0; top < v.n; top += tileRows {
		rows := min(tileRows, v.n-top)
		for left := top; left < v.n; left += tileColumns {
			columns := min(tileColumns, v.n-left)
			gemm.Dgemm(false, true, rows, columns, v.d, 1, v.w[top*v.d:], v.d, v.w[left*v.d:], v.d, 0, tile, columns)
			parallel.For(rows, 16, func(lo, hi int) {
				for i := top + lo; i < top+hi; i++ {
					row, sum := tile[(i-top)*columns:][:columns], 0.0
					for j := max(i+1, left); j < left+columns; j++ {
						sum += term(row[j-left], i, j)
					}
					sums[i] += sum
				}
			})
		}
	}
	return floats.Sum(sums)
}

// squaredDistance returns |w_i - w_j|^2 from the inner product, or from the rows where the former would be a rounding error.
func (v whitened) squaredDistance(dot float64, i, j int) float64 {
	both := v.norm[i] + v.norm[j]
	if sq := both - float64(2*dot); sq > 1e-6*both {
		return sq
	}
	a, b, sum := v.w[i*v.d:][:v.d], v.w[j*v.d:][:v.d], 0.0
	for k, x := range a {
		sum += float64((x - b[k]) * (x - b[k]))
	}
	return sum
}
