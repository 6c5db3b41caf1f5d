package gemm

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// batch is count products of one shape. product is the first of them; the operands of each further one begin strideA, strideB and
// strideC elements after those of the one before.
type batch[T float] struct {
	product[T]
	strideA, strideB, strideC, count int
}

// SgemmBatch computes count products of one shape, whose operands are equal distances apart:
//
//	C_i = alpha op(A_i) op(B_i) + beta C_i        A_i = a[i*strideA:], B_i = b[i*strideB:], C_i = c[i*strideC:]
//
// Each is the product of Sgemm, to the bit, and the rules of Sgemm hold for each. All A_i or all B_i may be the same matrix, with
// strideA or strideB 0; C_(i+1) must begin after the last element of C_i.
//
// SgemmBatch panics where Sgemm would, and if a distance or count is negative or strideC too short.
func SgemmBatch(transA, transB bool, m, n, k int, alpha float32, a []float32, lda, strideA int, b []float32, ldb, strideB int,
	beta float32, c []float32, ldc, strideC, count int) {
	p := product[float32]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}
	q := batch[float32]{p, strideA, strideB, strideC, count}
	q.check()
	use := inUse()
	q.multiply(use.sgemm, use.sgemmBatch)
}

// multiply computes the products by all, or one after the other where all is nil.
func (q batch[T]) multiply(one func(product[T]), all func(batch[T])) {
	if empty := q.count == 0 || q.m == 0 || q.n == 0 || q.k == 0 || q.alpha == 0; all != nil && !empty {
		all(q)
		return
	}
	for i := range q.count {
		multiply(q.at(i), one)
	}
}

// at returns one product of a batch.
func (q batch[T]) at(i int) product[T] {
	p := q.product
	if p.m == 0 || p.n == 0 {
		return p
	}
	p.c = p.c[i*q.strideC:]
	if p.k > 0 {
		p.a, p.b = p.a[i*q.strideA:], p.b[i*q.strideB:]
	}
	return p
}

// check panics unless every element of the products lies inside its slice, and the matrices C do not overlap.
func (q batch[T]) check() {
	if q.count < 0 || q.strideA < 0 || q.strideB < 0 || q.strideC < 0 {
		panic(fmt.Sprintf("gemm: negative distance or count: %d, %d, %d, %d", q.strideA, q.strideB, q.strideC, q.count))
	}
	p := q.product
	if q.count == 0 {
		p.a, p.b, p.c, p.m, p.n, p.k = nil, nil, nil, min(p.m, 0), min(p.n, 0), min(p.k, 0)
	}
	p.check()
	q.checkLast("A", extent(p.transA, p.m, p.k, p.lda), len(p.a), q.strideA)
	q.checkLast("B", extent(p.transB, p.k, p.n, p.ldb), len(p.b), q.strideB)
	size := extent(false, p.m, p.n, p.ldc)
	q.checkLast("C", size, len(p.c), q.strideC)
	if q.count > 1 && q.strideC < size {
		panic(fmt.Sprintf("gemm: matrices C of %d elements overlap when they are %d apart", size, q.strideC))
	}
}

// checkLast panics unless the last operand, of the given size, ends inside its slice, as the first does.
func (q batch[T]) checkLast(name string, size, length, stride int) {
	if size > 0 && q.count > 1 && stride > (length-size)/(q.count-1) {
		panic(fmt.Sprintf("gemm: %s of %d elements is too short for %d matrices of %d elements, %d apart", name, length, q.count, size, stride))
	}
}

// extent is the number of elements from the first to the last element of an operand.
func extent(trans bool, rows, cols, stride int) int {
	if trans {
		rows, cols = cols, rows
	}
	if rows == 0 || cols == 0 {
		return 0
	}
	return (rows-1)*stride + cols
}

// gemmBatch makes each product a task, or, if these are too few to keep all workers busy to the end, each of several pieces of it.
func (e *blocked[T]) gemmBatch(q batch[T]) {
	w, g := e.workers, grid{1, 1}
	if q.m*q.n*q.k*q.count < smallProduct {
		w = 1
	}
	if enough := tasksPerWorker * w; w > 1 && q.count < enough {
		g = e.grid(q.m, q.n, blocks(enough, q.count))
	}
	pieces := g.rows * g.cols
	parallel.Run(w, q.count*pieces, func(task int) { e.run(e.piece(q.at(task/pieces), g, task%pieces), false, 0) })
}

// tasksPerWorker bounds how long one worker waits for the last task of another.
const tasksPerWorker = 4
