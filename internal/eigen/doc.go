// Package eigen finds the eigenvalues and eigenvectors of symmetric float64 matrices. Start with Values, or with Vectors for the
// leading eigenpairs.
//
// It is opinionated that the work belongs in matrix products, so that it is as fast as the backend of package gemm:
//
//   - A becomes tridiagonal by Householder reflections in panels: what a panel does to the rest of A is one product of rank
//     2 times the panel's rows (Dongarra, Sorensen and Hammarling, 1989; LAPACK's dlatrd). The half of the work that cannot be
//     put off is one product of A with a vector a reflection, which all workers share.
//   - Eigenvalues alone come from the implicit QL iteration of the tridiagonal matrix (LAPACK's dsteqr, from gonum).
//   - Eigenvectors come from Cuppen's divide and conquer (1981) with the deflation of Dongarra and Sorensen (1987) and the
//     recomputed vectors of Gu and Eisenstat (1995), whose orthogonality needs no extended precision; then the reflections are
//     applied to them in blocks (Schreiber and Van Loan, 1989; LAPACK's dlarft and dlarfb). Multiple eigenvalues, such as the
//     zeros of a Gram matrix of low rank, deflate: they make it faster, not worse.
//
// Errors are absolute: an eigenvalue is within a modest multiple of n times the rounding unit times the largest |eigenvalue|.
// Results do not depend on the number of workers of package parallel.
package eigen
