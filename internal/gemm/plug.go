package gemm

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is the interface that the Use functions of Gorgonia, its tensor package, blas32 and blas64 require.
type BLAS interface {
	blas.Float32
	blas.Float64
	blas.Complex64
	blas.Complex128
}

// Install makes gonum, and with it its package mat, compute every product with the backend that is in use at the time. Call it once,
// before other goroutines use gonum.
func Install() {
	blas32.Use(Implementation())
	blas64.Use(Implementation())
}

// Implementation returns gonum's routines with Sgemm, Dgemm, Ssyrk and Dsyrk replaced by those of the backend in use, for the Use
// functions of other libraries:
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

func (plug) Ssyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float32, a []float32, lda int, beta float32, c []float32, ldc int) {
	b := inUse()
	triangle(ul, t, alpha, beta, gram[float32]{n, k, a, lda, 0, c, ldc}, b.sgemm, b.ssyrk, b.workers)
}

func (plug) Dsyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	b := inUse()
	triangle(ul, t, alpha, beta, gram[float64]{n, k, a, lda, 0, c, ldc}, b.dgemm, b.dsyrk, b.workers)
}

// triangle updates one triangle of C and leaves the other unchanged:
//
//	C = alpha A Aᵀ + beta C        or, with A k×n,        C = alpha Aᵀ A + beta C
func triangle[T float](ul blas.Uplo, t blas.Transpose, alpha, beta T, g gram[T], gemm func(product[T]), syrk func(gram[T]), workers int) {
	if ul != blas.Upper && ul != blas.Lower {
		panic(fmt.Sprintf("gemm: unknown triangle %q", ul))
	}
	if g.n < 0 || g.k < 0 {
		panic(fmt.Sprintf("gemm: negative dimension: n = %d, k = %d", g.n, g.k))
	}
	checkStored("C", false, g.n, g.n, len(g.c), g.ldc)
	full := g
	full.c, full.ldc = make([]T, g.n*g.n), g.n
	if alpha == 0 {
		full.k = 0
	}
	if p := full.product(); transposes(t) {
		p.transA, p.transB = true, false
		multiply(p, gemm)
	} else {
		square(full, syrk, workers)
	}
	for i := range g.n {
		first, end := 0, i+1
		if ul == blas.Upper {
			first, end = i, g.n
		}
		combine(alpha, full.c[i*g.n:][first:end], beta, g.c[i*g.ldc:][first:end])
	}
}

// combine sets y = alpha x + beta y, without reading y where beta is 0.
func combine[T float](alpha T, x []T, beta T, y []T) {
	for i, v := range x {
		if beta == 0 {
			y[i] = alpha * v
		} else {
			y[i] = T(alpha*v) + T(beta*y[i])
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
