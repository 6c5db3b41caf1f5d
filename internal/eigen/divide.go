package eigen

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/lapack"
)

// leafRows is the size up to which the QL iteration is as fast as dividing further.
const leafRows = 32

// division is the state of divide and conquer of a tridiagonal matrix. For a block of rows that is solved, d holds its eigenvalues in
// any order and the rows of q their vectors, which are zero outside the block's columns.
type division struct {
	n             int
	d, e          []float64
	q             []float64
	basis, mixing []float64 // room for one merge
	// negligible is the size up to which elements count as 0: 8 rounding units of the largest.
	negligible float64
}

// divideAndConquer returns the count leading eigenpairs of T, descending, vectors as rows. It overwrites d and e.
func (t *tridiagonal) divideAndConquer(count int) (values, vectors []float64, ok bool) {
	n := t.n
	half := (n + 1) / 2 // the last merge, of n rows, computes only count vectors
	s := &division{
		n: n, d: t.d, e: t.e, q: make([]float64, n*n), basis: make([]float64, n*n), mixing: make([]float64, max(count*n, half*half)),
	}
	for _, v := range slices.Concat(t.d, t.e) {
		s.negligible = max(s.negligible, 0x1p-50*math.Abs(v))
	}
	if !s.solve(0, n, count) {
		return nil, nil, false
	}
	order := s.descending(0, n)[:count]
	values, vectors = make([]float64, count), make([]float64, count*n)
	for k, i := range order {
		values[k] = s.d[i]
		copy(vectors[k*n:(k+1)*n], s.row(i, 0, n))
	}
	return values, vectors, true
}

// solve finds the eigenvalues of the block of rows lo to hi-1, and the vectors of the count largest. It is
//
//	[T1 0; 0 T2] + rho u u',    u = (0, ..., 0, 1, sign, 0, ..., 0)
//
// with rho the size and sign the sign of the element that couples T1 and T2, whose corner elements are reduced by rho.
func (s *division) solve(lo, hi, count int) bool {
	if hi-lo <= leafRows {
		return s.leaf(lo, hi)
	}
	mid := (lo + hi) / 2
	joint := s.e[mid-1]
	s.d[mid-1] -= math.Abs(joint)
	s.d[mid] -= math.Abs(joint)
	if !s.solve(lo, mid, mid-lo) || !s.solve(mid, hi, hi-mid) {
		return false
	}
	s.merge(lo, mid, hi, joint, count)
	return true
}

// leaf solves a small block by the QL iteration.
func (s *division) leaf(lo, hi int) bool {
	k := hi - lo
	if k == 0 {
		return true
	}
	columns := make([]float64, k*k)
	e := slices.Clone(s.e[lo : hi-1]) // destroyed
	if !routines.Dsteqr(lapack.EVTridiag, k, s.d[lo:hi], e, columns, k, make([]float64, max(1, 2*k-2))) {
		return false
	}
	for i := range k {
		for j := range k {
			s.q[(lo+i)*s.n+lo+j] = columns[j*k+i]
		}
	}
	return true
}

// row is the part of eigenvector i in columns from to to-1.
func (s *division) row(i, from, to int) []float64 { return s.q[i*s.n+from : i*s.n+to] }

// descending lists the rows lo to hi-1 from the largest eigenvalue to the smallest.
func (s *division) descending(lo, hi int) []int {
	order := make([]int, hi-lo)
	for i := range order {
		order[i] = lo + i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.d[b], s.d[a]) })
	return order
}
