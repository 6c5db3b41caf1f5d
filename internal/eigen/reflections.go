package eigen

import "github.com/noiseprobe/noiseprobe/internal/gemm"

// blockRows is the number of reflections that are applied to the eigenvectors at once.
const blockRows = 64

// rotateBack replaces eigenvectors of T, the rows of x, by those of A: each x by Q x. A block of reflections is I - V S V' with S
// upper triangular, and changes rows X to
//
//	X - (X V) S' V'
func (t *tridiagonal) rotateBack(count int, x []float64) {
	n := t.n
	if n < 2 || count == 0 {
		return
	}
	left, middle := make([]float64, count*blockRows), make([]float64, count*blockRows)
	v := make([]float64, blockRows*n)
	for lo := (n - 2) / blockRows * blockRows; lo >= 0; lo -= blockRows {
		k, m := min(blockRows, n-1-lo), n-1-lo
		t.unpack(v, lo, k)
		s := t.triangle(v, lo, k)
		gemm.Dgemm(false, true, count, k, m, 1, x[lo+1:], n, v, m, 0, left, k)
		gemm.Dgemm(false, true, count, k, k, 1, left, k, s, k, 0, middle, k)
		gemm.Dgemm(false, false, count, m, k, -1, middle, k, v, m, 1, x[lo+1:], n)
	}
}

// unpack writes the vectors of k reflections from lo on as rows of v, without the lo+1 zeros that they share.
func (t *tridiagonal) unpack(v []float64, lo, k int) {
	m := t.n - 1 - lo
	for i := range k {
		row := v[i*m : (i+1)*m]
		clear(row[:i])
		copy(row[i:], t.a[(lo+i)*t.n+lo+i+1:(lo+i+1)*t.n])
	}
}

// triangle is S, column by column, of
//
//	S_ii = tau_i,    S_{0..i-1, i} = -tau_i S_{0..i-1, 0..i-1} V_{0..i-1}' v_i
func (t *tridiagonal) triangle(v []float64, lo, k int) []float64 {
	m := t.n - 1 - lo
	dots, s := make([]float64, k*k), make([]float64, k*k)
	gemm.Dgemm(false, true, k, k, m, 1, v, m, v, m, 0, dots, k)
	for i := range k {
		tau := t.tau[lo+i]
		for r := range i {
			for c := r; c < i; c++ {
				s[r*k+i] -= float64(tau * s[r*k+c] * dots[c*k+i])
			}
		}
		s[i*k+i] = tau
	}
	return s
}
