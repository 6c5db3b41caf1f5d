// Package gemm holds the matrix products of the project: C = alpha op(A) op(B) + beta C and C = A Aᵀ, in float32 and
// float64, for row-major matrices with strides counted in elements. Start with Sgemm, and with Use if the choice of
// backend matters.
//
// Opinions:
//
//   - One backend is in use for the whole process. Use picks it: the built-in kernels, a system BLAS that is opened
//     at run time without cgo, or gonum, which is always there. Without a call of Use the first product picks "auto".
//   - Shapes are the caller's business, so an impossible one panics ("gemm: ..."), always before anything is written
//     and before a C library, which would corrupt memory, can see it. A library that is missing is an error.
//   - A symmetric product comes back whole, with both triangles filled.
//   - C overlaps neither A nor B; A and B may be the same matrix and are only read.
//
// With the gonum backend a result does not depend on the number of workers: every element of C is summed by one
// goroutine, in the order of k. A system BLAS makes no such promise, so Name belongs in every record of a run.
// Backends may also differ in what 0 times NaN or infinity adds to a sum: gonum skips zeros in A.
//
// Install and Implementation plug the same products into other libraries.
package gemm
