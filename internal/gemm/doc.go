// Package gemm holds the matrix products of the project, C = alpha op(A) op(B) + beta C in float32 and float64, for row-major
// matrices with strides counted in elements. Start with Sgemm, and with Use if the choice of backend matters.
//
// Opinions:
//
//   - One backend is in use for the whole process. Use picks it: the built-in kernels, a system BLAS that is opened
//     at run time without cgo, or gonum, which is always there. Without a call of Use the first product picks "auto".
//   - Shapes are the caller's business, so an impossible one panics ("gemm: ..."), always before anything is written
//     and before a C library, which would corrupt memory, can see it. A library that is missing is an error.
//   - C overlaps neither A nor B; A and B may be the same matrix and are only read.
//
// With the built-in kernels an element of C is one chain of fused multiply-adds in the order of k: a result has the same bits
// on every x86-64 processor with FMA, for any number of workers and both widths of vectors. With gonum it does not depend on
// the number of workers. A system BLAS makes no such promise, so Name belongs in every record of a run. Backends may also
// differ in what 0 times NaN or infinity adds to a sum: gonum skips zeros in A.
//
// A product goes from gemm.go (arguments), or batch.go for many at once, through backend.go to builtin.go (workers), block.go
// (blocks and tiles), pack.go (the order in which kernels read; ahead.go has the memory there in time) or inplace.go (where no
// order is needed) and kernel.go (the innermost loop; its assembly comes from tools/kernels).
//
// Install and Implementation plug the same products into other libraries, symmetric ones, C = A Aᵀ, among them.
package gemm
