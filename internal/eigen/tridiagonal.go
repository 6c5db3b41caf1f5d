package eigen

import (
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

var level2 gonum.Implementation

const (
	// panelRows is the number of reflections that are applied to the rest of the matrix at once.
	panelRows = 32
	// rowBlock is the number of rows of a matrix-vector product in one task: the tasks do not depend on the number of workers.
	rowBlock = 64
)

// tridiagonal is T = Q' A Q with Q = H_0 H_1 ... H_{n-2}:
//
//	H_j = I - tau_j v v',    v = (0, ..., 0, 1, a[j][j+2], ..., a[j][n-1])    with j+1 leading zeros
type tridiagonal struct {
	n    int
	d, e []float64 // the diagonal and the elements beside it
	tau  []float64
	a    []float64
}

// panel holds the vectors v and w of the reflections so far, which change A to
//
//	A - V W' - W V'
//
// They are stored as rows, V twice: the rows from 0 on are [V W], and the rows from panelRows on [W V].
type panel struct {
	n    int
	rows []float64
}

func (p panel) v(k int) []float64     { return p.rows[k*p.n:] }
func (p panel) w(k int) []float64     { return p.rows[(panelRows+k)*p.n:] }
func (p panel) again(k int) []float64 { return p.rows[(2*panelRows+k)*p.n:] }

// reduce makes the symmetric matrix a tridiagonal; a becomes the reflections.
func reduce(n int, a []float64) *tridiagonal {
	t := &tridiagonal{n: n, d: make([]float64, n), e: make([]float64, max(n-1, 0)), tau: make([]float64, n), a: a}
	p := panel{n: n, rows: make([]float64, 3*panelRows*n)}
	for lo := 0; lo < n; lo += panelRows {
		hi := min(lo+panelRows, n)
		for j := lo; j < hi; j++ {
			t.reflect(p, j, j-lo)
		}
		if m := n - hi; m > 0 {
			gemm.Dgemm(true, false, m, m, 2*panelRows, -1, p.v(0)[hi:], n, p.w(0)[hi:], n, 1, a[hi*n+hi:], n)
		}
	}
	return t
}

// reflect makes row j tridiagonal by the panel's reflection k, with
//
//	u = tau (A - V W' - W V') v,    w = u - tau/2 (u . v) v
func (t *tridiagonal) reflect(p panel, j, k int) {
	n, m := t.n, t.n-1-j
	row := t.a[j*n+j : (j+1)*n]
	p.subtract(row, j, k, p.v(0)[j:], p.w(0)[j:], n)
	t.d[j] = row[0]
	if m == 0 {
		return
	}
	v, w := row[1:], p.w(k)[j+1:n]
	t.e[j], t.tau[j] = routines.Dlarfg(m, v[0], v[1:], 1)
	v[0] = 1
	t.timesRest(w, v, j+1)
	if k > 0 {
		var vv, wv [panelRows]float64
		level2.Dgemv(blas.NoTrans, k, m, 1, p.v(0)[j+1:], n, v, 1, 0, vv[:], 1)
		level2.Dgemv(blas.NoTrans, k, m, 1, p.w(0)[j+1:], n, v, 1, 0, wv[:], 1)
		p.subtract(w, j+1, k, vv[:], wv[:], 1)
	}
	level2.Dscal(m, t.tau[j], w, 1)
	level2.Daxpy(m, -t.tau[j]/2*level2.Ddot(m, w, 1, v, 1), v, 1, w, 1)
	copy(p.v(k)[j+1:n], v)
	copy(p.again(k)[j+1:n], v)
}

// subtract subtracts V' y_w + W' y_v from x, which starts at column j; y_v and y_w have k elements that are stride apart.
func (p panel) subtract(x []float64, j, k int, yv, yw []float64, stride int) {
	if k > 0 {
		level2.Dgemv(blas.Trans, k, len(x), -1, p.v(0)[j:], p.n, yw, stride, 1, x, 1)
		level2.Dgemv(blas.Trans, k, len(x), -1, p.w(0)[j:], p.n, yv, stride, 1, x, 1)
	}
}

// timesRest sets w = A v for the rows and columns of A from j on.
func (t *tridiagonal) timesRest(w, v []float64, j int) {
	n, m := t.n, t.n-j
	parallel.For((m+rowBlock-1)/rowBlock, 2, func(lo, hi int) {
		lo, hi = lo*rowBlock, min(hi*rowBlock, m)
		level2.Dgemv(blas.NoTrans, hi-lo, m, 1, t.a[(j+lo)*n+j:], n, v, 1, 0, w[lo:], 1)
	})
}
