package gemm

import "github.com/noiseprobe/noiseprobe/internal/parallel"

// Ssyrk computes the lower triangle of a symmetric product, for row-major matrices:
//
//	C = A Aᵀ + beta C        A n×k, C n×n
//
// What is above the diagonal is of no value afterwards. With beta = 0 the old contents of C are not read. It panics where Sgemm does.
func Ssyrk(n, k int, a []float32, lda int, beta float32, c []float32, ldc int) {
	lower(gram[float32]{n, k, a, lda, beta, c, ldc}, inUse().ssyrk)
}

// Dsyrk is Ssyrk in float64.
func Dsyrk(n, k int, a []float64, lda int, beta float64, c []float64, ldc int) {
	lower(gram[float64]{n, k, a, lda, beta, c, ldc}, inUse().dsyrk)
}

// gram is C = A Aᵀ + beta C with A n×k.
type gram[T float] struct {
	n, k int
	a    []T
	lda  int
	beta T
	c    []T
	ldc  int
}

func lower[T float](g gram[T], run func(gram[T])) {
	p := g.product()
	p.check()
	switch {
	case g.n == 0:
	case g.k == 0:
		p.scale()
	default:
		run(g)
	}
}

// square computes the symmetric product of a row-major matrix with its own transpose, both triangles:
//
//	C = A Aᵀ        A n×k, C n×n
//
// C[i][j] and C[j][i] are equal to the bit. The old contents of C are not read; k = 0 sets it to zero. square panics where Sgemm does.
func square[T float](g gram[T], run func(gram[T]), workers int) {
	lower(g, run)
	g.mirror(workers)
}

func (g gram[T]) product() product[T] {
	return product[T]{transB: true, m: g.n, n: g.n, k: g.k, alpha: 1, a: g.a, lda: g.lda, b: g.a, ldb: g.lda, beta: g.beta, c: g.c, ldc: g.ldc}
}

// mirror copies what is below the diagonal of C to above it, in square blocks so that both sides fit in the cache.
func (g gram[T]) mirror(workers int) {
	const side = 32
	parallel.Run(workers, blocks(g.n, side), func(block int) {
		top := block * side
		bottom := min(top+side, g.n)
		for left := 0; left < bottom; left += side {
			for i := top; i < bottom; i++ {
				for j := left; j < min(left+side, i); j++ {
					g.c[j*g.ldc+i] = g.c[i*g.ldc+j]
				}
			}
		}
	})
}
