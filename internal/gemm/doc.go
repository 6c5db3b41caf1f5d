// Package gemm holds the matrix products of the project, C = alpha op(A) op(B) + beta C in float32 and float64, for row-major
// matrices with strides counted in elements. Start with Sgemm, and with Use if the choice of backend matters.
//
// Opinions:
//
//   - The whole process uses one backend. Use selects it: the built-in kernels, a system BLAS that is opened at run time without
//     cgo, or gonum, which is always available. Without a call of Use the first product selects "auto".
//   - Shapes are the responsibility of the caller: an impossible one panics ("gemm: ..."), before anything is written and before
//     it reaches a C library, which would corrupt memory. A missing library is an error.
//   - C must not overlap A or B. A and B may be the same matrix; they are only read.
//
// With the built-in kernels an element of C is one chain of fused multiply-adds in the order of k: a result has the same bits
// on every x86-64 processor with FMA, for any number of workers and both widths of vectors. With gonum it does not depend on
// the number of workers. A system BLAS makes no such promise, so Name belongs in every record of a run. Backends may also
// differ in what 0 times NaN or infinity adds to a sum: gonum skips zeros in A.
//
// To follow a product through the code, start in gemm.go (arguments), or batch.go for many products at once; then backend.go,
// builtin.go (workers), block.go (blocks and tiles), pack.go (copies in the order in which kernels read; ahead.go prefetches for it)
// or inplace.go (without a copy), and kernel.go (the innermost loop; its assembly comes from tools/kernels).
//
// Install and Implementation give other libraries the same products, and the symmetric product C = A Aᵀ.
package gemm
