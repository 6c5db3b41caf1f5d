package gemm

type float interface{ float32 | float64 }

// product is C = alpha op(A) op(B) + beta C with op(A) m×k and op(B) k×n.
type product[T float] struct {
	transA, transB bool
	m, n, k        int
	alpha          T
	a              []T
	lda            int
	b              []T
	ldb            int
	beta           T
	c              []T
	ldc            int
}

// Sgemm computes, for row-major matrices,
//
//	C = alpha op(A) op(B) + beta C        op(A) m×k, op(B) k×n, C m×n
//
// where op transposes if transA, transB say so: A is stored k×m with transA, B is stored n×k with transB. lda, ldb and
// ldc are the distances between the starts of consecutive stored rows. Nothing outside the m×n window of C is written.
//
// With beta = 0 the old contents of C are not read, so that they may be NaN. With alpha = 0 or k = 0 the result is beta C; with m = 0
// or n = 0 nothing is done. Sgemm panics if a dimension is negative, a stride is shorter than a row, or a slice ends before the last
// element of its matrix.
func Sgemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	multiply(product[float32]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}, inUse().sgemm)
}

// Dgemm is Sgemm in float64.
func Dgemm(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	multiply(product[float64]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}, inUse().dgemm)
}

func multiply[T float](p product[T], run func(product[T])) {
	p.check()
	switch {
	case p.m == 0 || p.n == 0:
	case p.k == 0 || p.alpha == 0:
		p.scale()
	default:
		run(p)
	}
}

// scale sets C = beta C.
func (p product[T]) scale() {
	for i := range p.m {
		row := p.c[i*p.ldc:][:p.n]
		if p.beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= p.beta
		}
	}
}
