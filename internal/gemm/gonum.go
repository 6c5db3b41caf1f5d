package gemm

import (
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// The size of a tile of C and the number of steps of k that are added to it at a time. On a tile gonum adds multiples of whole rows, so
// that long rows are faster; for up to three of its blocks of 64 it starts no goroutines.
const (
	tileRows  = 64
	tileCols  = 192
	tileDepth = 64
)

func openGonum(workers int) *backend {
	single, double := tiledSingle(workers), tiledDouble(workers)
	return &backend{
		name:    "gonum (" + count(workers, "worker") + ")",
		workers: workers,
		sgemm:   single.gemm,
		dgemm:   double.gemm,
		ssyrk:   single.syrk,
		dsyrk:   double.syrk,
	}
}

// tiled splits a product over goroutines by tiles of C. The tiles do not depend on the number of workers, and neither does the result.
type tiled[T float] struct {
	workers int
	tile    func(transA, transB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	scratch sync.Pool // of *[]T
}

func tiledSingle(workers int) *tiled[float32] {
	return &tiled[float32]{workers: workers, tile: gonum.Implementation{}.Sgemm}
}

func tiledDouble(workers int) *tiled[float64] {
	return &tiled[float64]{workers: workers, tile: gonum.Implementation{}.Dgemm}
}

func (e *tiled[T]) gemm(p product[T]) {
	e.run(p, false)
}

func (e *tiled[T]) syrk(g gram[T]) {
	e.run(g.product(), true)
}

// run computes the tiles of C: all of them, or those on or below the diagonal. Operands that are stored transposed are first copied
// to row-major order, on which the routine for tiles is fastest.
func (e *tiled[T]) run(p product[T], lower bool) {
	if p.transA {
		packed := e.transposed(p.a, p.lda, p.m, p.k)
		defer e.scratch.Put(packed)
		p.a, p.lda = *packed, p.k
	}
	if p.transB {
		packed := e.transposed(p.b, p.ldb, p.k, p.n)
		defer e.scratch.Put(packed)
		p.b, p.ldb = *packed, p.n
	}
	across := blocks(p.n, tileCols)
	parallel.Run(e.workers, blocks(p.m, tileRows)*across, func(task int) {
		i, j := task/across*tileRows, task%across*tileCols
		if above := j >= i+tileRows; !lower || !above {
			e.fill(p, i, j)
		}
	})
}

// fill computes the tile of C that starts at row i and column j.
func (e *tiled[T]) fill(p product[T], i, j int) {
	m, n := min(tileRows, p.m-i), min(tileCols, p.n-j)
	a, c := p.a[i*p.lda:], p.c[i*p.ldc+j:]
	beta := p.beta
	for l := 0; l < p.k; l += tileDepth {
		k := min(tileDepth, p.k-l)
		e.tile(blas.NoTrans, blas.NoTrans, m, n, k, p.alpha, a[l:], p.lda, p.b[l*p.ldb+j:], p.ldb, beta, c, p.ldc)
		beta = 1
	}
}

// transposed returns the contiguous rows×cols matrix, in scratch memory, whose transpose is x.
func (e *tiled[T]) transposed(x []T, stride, rows, cols int) *[]T {
	const side = 32
	packed, _ := e.scratch.Get().(*[]T)
	if packed == nil || cap(*packed) < rows*cols {
		packed = new(make([]T, rows*cols))
	}
	dst := (*packed)[:rows*cols]
	parallel.Run(e.workers, blocks(rows, side), func(block int) {
		top := block * side
		for left := 0; left < cols; left += side {
			for i := top; i < min(top+side, rows); i++ {
				for j := left; j < min(left+side, cols); j++ {
					dst[i*cols+j] = x[j*stride+i]
				}
			}
		}
	})
	*packed = dst
	return packed
}
