package gemm

import "fmt"

// check panics unless every element of the product lies inside its slice.
func (p product[T]) check() {
	if p.m < 0 || p.n < 0 || p.k < 0 {
		panic(fmt.Sprintf("gemm: negative dimension: m = %d, n = %d, k = %d", p.m, p.n, p.k))
	}
	checkStored("A", p.transA, p.m, p.k, len(p.a), p.lda)
	checkStored("B", p.transB, p.k, p.n, len(p.b), p.ldb)
	checkStored("C", false, p.m, p.n, len(p.c), p.ldc)
}

// checkStored checks the slice of an operand op(X) of rows×cols elements.
func checkStored(name string, trans bool, rows, cols, length, stride int) {
	if trans {
		rows, cols = cols, rows
	}
	if rows == 0 || cols == 0 {
		return
	}
	if stride < cols {
		panic(fmt.Sprintf("gemm: stride %d of %s is shorter than its rows of %d", stride, name, cols))
	}
	// The plain (rows-1)*stride + cols could overflow.
	if length < cols || rows > 1 && stride > (length-cols)/(rows-1) {
		panic(fmt.Sprintf("gemm: %s of %d elements is too short for %d×%d with stride %d", name, length, rows, cols, stride))
	}
}
