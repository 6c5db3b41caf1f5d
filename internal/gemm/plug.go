package gemm

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is the interface that the Use functions of Gorgonia, its tensor package and blas64 require.
type BLAS interface {
	blas.Float32
	blas.Float64
	blas.Complex64
	blas.Complex128
}

// Install makes gonum, and with it its package mat, compute every product with the backend that is in use at the time. Call it once,
// before other goroutines use gonum.
func Install() {
	blas64.Use(Implementation())
}

// Implementation returns gonum's routines with Sgemm, Dgemm and Dsyrk replaced by those of the backend in use, for the Use functions of
// other libraries:
//
//	gorgonia.Use(gemm.Implementation())
func Implementation() BLAS { return plug{} }

type plug struct{ gonum.Implementation }

func (plug) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	Sgemm(transposes(tA), transposes(tB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func (plug) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	Dgemm(transposes(tA), transposes(tB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Dsyrk updates one triangle of C and leaves the other unchanged:
//
//	C = alpha A Aᵀ + beta C        or, with A k×n,        C = alpha Aᵀ A + beta C
func (plug) Dsyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	if ul != blas.Upper && ul != blas.Lower {
		panic(fmt.Sprintf("gemm: unknown triangle %q", ul))
	}
	if n < 0 || k < 0 {
		panic(fmt.Sprintf("gemm: negative dimension: n = %d, k = %d", n, k))
	}
	checkStored("C", false, n, n, len(c), ldc)
	if alpha == 0 {
		k = 0
	}
	full := gram[float64]{n, k, a, lda, 0, make([]float64, n*n), n}
	if p, b := full.product(), inUse(); transposes(t) {
		p.transA, p.transB = true, false
		multiply(p, b.dgemm)
	} else {
		square(full, b.dsyrk, b.workers)
	}
	for i := range n {
		first, end := 0, i+1
		if ul == blas.Upper {
			first, end = i, n
		}
		combine(alpha, full.c[i*n:][first:end], beta, c[i*ldc:][first:end])
	}
}

// combine sets y = alpha x + beta y, without reading y where beta is 0.
func combine(alpha float64, x []float64, beta float64, y []float64) {
	for i, v := range x {
		if beta == 0 {
			y[i] = alpha * v
		} else {
			y[i] = float64(alpha*v) + float64(beta*y[i])
		}
	}
}

func transposes(t blas.Transpose) bool {
	switch t {
	case blas.NoTrans:
		return false
	case blas.Trans, blas.ConjTrans:
		return true
	}
	panic(fmt.Sprintf("gemm: unknown operation %q", t))
}
