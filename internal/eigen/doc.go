// Package eigen finds the eigenvalues and eigenvectors of symmetric float64 matrices. Start with Values, or with Vectors for the
// leading eigenpairs.
//
// It is opinionated that the work belongs in matrix products, so that it is as fast as the backend of package gemm:
//
//   - Householder reflections in panels make A tridiagonal. A panel changes the rest of A by one matrix product of rank 2 times
//     the number of its reflections (Dongarra, Sorensen and Hammarling, 1989; LAPACK's dlatrd). The other half of the work, a
//     product of A with a vector for each reflection, cannot be deferred; all workers share it.
//   - Eigenvalues alone come from the implicit QL iteration of the tridiagonal matrix (LAPACK's dsteqr, from gonum).
//   - Eigenvectors come from Cuppen's divide and conquer (1981) with the deflation of Dongarra and Sorensen (1987) and the
//     recomputed vectors of Gu and Eisenstat (1995), whose orthogonality needs no extended precision; then the reflections are
//     applied to them in blocks (Schreiber and Van Loan, 1989; LAPACK's dlarft and dlarfb). Multiple eigenvalues, such as the
//     zeros of a Gram matrix of low rank, deflate: they make the algorithm faster and not less accurate.
//
// Errors are absolute: an eigenvalue is within a modest multiple of n times the rounding unit times the largest |eigenvalue|.
// Results do not depend on the number of workers of package parallel.
package eigen
