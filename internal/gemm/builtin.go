package gemm

import (
	"fmt"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/simd"
)

func findBuiltin() (opener, error) {
	set, err := simd.Choose()
	if err != nil {
		return nil, fmt.Errorf("builtin BLAS: %w", err)
	}
	return func(workers int) *backend { return newBuiltin(set, workers) }, nil
}

func newBuiltin(set simd.Set, workers int) *backend {
	single := &blocked[float32]{workers: workers, kernel: singleKernel(set)}
	double := &blocked[float64]{workers: workers, kernel: doubleKernel(set)}
	return &backend{
		name:    fmt.Sprintf("builtin %s (%s)", set, count(workers, "worker")),
		workers: workers,
		sgemm:   single.gemm,
		dgemm:   double.gemm,
		ssyrk:   single.syrk,
		dsyrk:   double.syrk,

		sgemmBatch: single.gemmBatch,
	}
}

// blocked computes products with the kernels of this package, by the scheme of Goto and van de Geijn, "Anatomy of
// High-Performance Matrix Multiplication", ACM TOMS 34 (2008), article 12: blocks of A and B that fit the caches are copied
// into the order in which the kernel reads them, strips of A and panels of B.
//
// Every element of C is one chain of fused multiply-adds in the order of k, of alpha A and B, that begins with beta C:
//
//	c = beta c;    for l = 0 to k-1:    c = fma(alpha a[i][l], b[l][j], c)
//
// Blocks over k continue the chains of the block before, and workers split C, so that neither the blocks nor the number of workers nor
// the width of vectors changes a bit of the result.
type blocked[T float] struct {
	workers int
	kernel  kernel[T]
	mu      sync.Mutex
	idle    []*workspace[T] // as many as there were products at the same time; unlike a sync.Pool it survives garbage collections
}

// The largest blocks: blockRows×blockDepth of A fit in the L2 cache of a core, blockDepth×blockCols of B in the L3 cache. blockRows and
// blockCols are multiples of the sizes of all strips and panels.
const (
	blockRows  = 128
	blockDepth = 512
	blockCols  = 3072
)

// smallProduct is the number of multiplications below which a product, of a few microseconds, is not worth a second worker.
const smallProduct = 1 << 19

func (e *blocked[T]) gemm(p product[T]) {
	w := e.workers
	if p.m*p.n*p.k < smallProduct {
		w = 1
	}
	g := e.grid(p.m, p.n, w)
	parallel.Run(w, g.rows*g.cols, func(piece int) { e.run(e.piece(p, g, piece), false, 0) })
}

// grid is how C is cut into pieces.
type grid struct{ rows, cols int }

// piece is a part of a product, counted row after row.
func (e *blocked[T]) piece(p product[T], g grid, piece int) product[T] {
	i, j, unit := piece/g.cols, piece%g.cols, e.kernel.panelCols
	top, left := share(p.m, stripRows, i, g.rows), share(p.n, unit, j, g.cols)
	return p.rows(top, share(p.m, stripRows, i+1, g.rows)).cols(left, share(p.n, unit, j+1, g.cols))
}

// packing is about how many multiplications take as long as copying one element of an operand into the order of the kernel.
const packing = 32

// grid cuts an m×n matrix C into at most the given number of pieces, so that the largest one is soon done: a worker packs the rows of A and the
// columns of B that its piece needs, which for many workers takes longer than to multiply them if C is cut along one side alone.
func (e *blocked[T]) grid(m, n, pieces int) grid {
	best, least := grid{1, 1}, (m+packing)*(n+packing)
	down, across := blocks(m, stripRows), blocks(n, e.kernel.panelCols)
	for rows := 1; rows <= min(pieces, down); rows++ {
		cols := min(pieces/rows, across)
		height, width := min(m, blocks(down, rows)*stripRows), min(n, blocks(across, cols)*e.kernel.panelCols)
		if cost := (height + packing) * (width + packing); cost < least {
			best, least = grid{rows, cols}, cost
		}
	}
	return best
}

// syrk fills C on and below the diagonal, and some of what is above it.
func (e *blocked[T]) syrk(g gram[T]) {
	p := g.product()
	w := e.workers
	if p.m*p.n*p.k/2 < smallProduct {
		w = 1
	}
	pieces := min(w, blocks(p.m, stripRows))
	parallel.Run(w, pieces, func(piece int) {
		lo, hi := triangleShare(p.m, piece, pieces), triangleShare(p.m, piece+1, pieces)
		if lo < hi {
			e.run(p.rows(lo, hi).cols(0, hi), true, lo)
		}
	})
}

// share returns where a piece begins if length is cut into pieces of whole units.
func share(length, unit, piece, pieces int) int {
	return min(length, blocks(length, unit)*piece/pieces*unit)
}

// rows returns the rows lo to hi-1 of a product, cols its columns.
func (p product[T]) rows(lo, hi int) product[T] {
	if p.transA {
		p.a = p.a[lo:]
	} else {
		p.a = p.a[lo*p.lda:]
	}
	p.m, p.c = hi-lo, p.c[lo*p.ldc:]
	return p
}

func (p product[T]) cols(lo, hi int) product[T] {
	if p.transB {
		p.b = p.b[lo*p.ldb:]
	} else {
		p.b = p.b[lo:]
	}
	p.n, p.c = hi-lo, p.c[lo:]
	return p
}
