package eigen

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/gonum"
)

var routines gonum.Implementation

// Values returns the n eigenvalues of the symmetric n×n matrix A, descending:
//
//	A v = lambda v
//
// Both triangles of a are read, and one copy of it is made. ok is false, and there are no values, where A holds NaN or infinity
// (or the QL iteration fails, for which no finite input is known). An eigenvalue beyond the range of float64 is infinite. Values
// panics if a does not have n² elements.
func Values(n int, a []float64) (values []float64, ok bool) {
	scaled, exponent, ok := scale(n, a)
	if !ok {
		return nil, false
	}
	t := reduce(n, scaled)
	// Not Dsterf, which would do the same without square roots: gonum's panics on blocks of elements below 1e-122.
	if !routines.Dsteqr(lapack.EVCompNone, n, t.d, t.e, nil, 1, nil) {
		return nil, false
	}
	slices.Reverse(t.d)
	return unscale(t.d, exponent), true
}

// Vectors returns the count leading eigenvalues of A, descending, and their eigenvectors, of length 1 and orthogonal: row k of
// the count×n matrix vectors is that of values[k]. Its sign is arbitrary, and so is the basis within a multiple eigenvalue. ok is
// false as in Values. Vectors panics if a does not have n² elements or count is not from 0 to n.
func Vectors(n, count int, a []float64) (values, vectors []float64, ok bool) {
	if count < 0 || count > n {
		panic(fmt.Sprintf("eigen: %d of %d eigenvectors", count, n))
	}
	scaled, exponent, ok := scale(n, a)
	if !ok {
		return nil, nil, false
	}
	t := reduce(n, scaled)
	values, vectors, ok = t.divideAndConquer(count)
	if !ok {
		return nil, nil, false
	}
	t.rotateBack(count, vectors)
	return unscale(values, exponent), vectors, true
}

// scale returns A times the power of two that brings its largest element near 1, so that no square over- or underflows; ok is
// false where A is not finite.
func scale(n int, a []float64) (scaled []float64, exponent int, ok bool) {
	if n < 0 || len(a) != n*n {
		panic(fmt.Sprintf("eigen: %d elements are no matrix of %d rows", len(a), n))
	}
	largest := 0.0
	for _, v := range a {
		if math.IsNaN(v) {
			return nil, 0, false
		}
		largest = max(largest, math.Abs(v))
	}
	if math.IsInf(largest, 1) {
		return nil, 0, false
	}
	_, exponent = math.Frexp(largest)
	exponent = max(exponent, -1000) // the factor of a subnormal matrix would overflow
	factor := math.Ldexp(1, -exponent)
	scaled = make([]float64, len(a))
	for i, v := range a {
		scaled[i] = v * factor
	}
	return scaled, exponent, true
}

func unscale(values []float64, exponent int) []float64 {
	for i, v := range values {
		values[i] = math.Ldexp(v, exponent)
	}
	return values
}
