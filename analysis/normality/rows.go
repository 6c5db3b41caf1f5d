package normality

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/noiseprobe/noiseprobe/internal/eigen"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
)

// Rows are N points in D dimensions: row i is X[i*D : (i+1)*D]. They are only read.
type Rows struct {
	N, D int
	X    []float64
}

// maxCondition is the largest condition number of the correlation matrix: beyond it the data along the small principal axes are rounding
// errors of those along the large ones.
const maxCondition = 1e12

// whitened are rows with mean 0 and covariance 1:
//
//	w_i = C^(-1/2) (x_i - mean),    C = (1/n) sum (x_i - mean)(x_i - mean)'
//
// up to a rotation, on which no statistic here depends; norm[i] = |w_i|^2. Where they are undefined, reason says why.
type whitened struct {
	n, d   int
	w      []float64
	norm   []float64
	reason string
}

// whiten first scales every column to variance 1, so that the conditioning depends on the correlations only.
func whiten(r Rows) whitened {
	if r.N < 0 || r.D < 1 || len(r.X) != r.N*r.D {
		panic(fmt.Sprintf("normality: %d numbers are not %d rows of %d", len(r.X), r.N, r.D))
	}
	v := whitened{n: r.N, d: r.D}
	if r.N < r.D+2 {
		v.reason = fmt.Sprintf("needs at least d + 2 = %d rows, got %d: up to d + 1 the covariance is singular or any data give the same",
			r.D+2, r.N)
		return v
	}
	z, reason := standardised(r)
	if reason == "" {
		reason = decorrelate(z, r.N, r.D)
	}
	if v.reason = reason; reason == "" {
		v.w, v.norm = z, squaredNorms(z, r.D)
	}
	return v
}

// column returns a copy of a column.
func (r Rows) column(j int) []float64 {
	x := make([]float64, r.N)
	for i := range x {
		x[i] = r.X[i*r.D+j]
	}
	return x
}

// standardised returns the rows with every column at mean 0 and variance 1 (divisor n).
func standardised(r Rows) (z []float64, reason string) {
	z = make([]float64, len(r.X))
	for j := range r.D {
		c := centre(r.column(j))
		switch {
		case math.IsNaN(c.mean):
			return nil, fmt.Sprintf("column %d (counting from 0) has values that are not finite", j)
		case c.dev == nil:
			return nil, fmt.Sprintf("column %d (counting from 0) is constant", j)
		}
		scale := 1 / math.Sqrt(sumPowers(c.dev)[2]/float64(r.N))
		for i, v := range c.dev {
			z[i*r.D+j] = scale * v
		}
	}
	return z, ""
}

// decorrelate multiplies the rows by the inverse Cholesky factor of their covariance. It does so twice: the second time removes the
// rounding errors of the first, which are proportional to the condition number.
func decorrelate(z []float64, n, d int) (reason string) {
	const singular = "the covariance is singular to working precision"
	for pass := range 2 {
		c := secondMoments(z, n, d)
		if pass == 0 {
			values, ok := eigen.Values(d, c)
			if !ok {
				return singular
			}
			if condition := values[0] / values[d-1]; !(condition > 0 && condition <= maxCondition) {
				return fmt.Sprintf(singular+": its correlation matrix has eigenvalues from %.3g to %.3g", values[d-1], values[0])
			}
		}
		var cholesky mat.Cholesky
		if !cholesky.Factorize(mat.NewSymDense(d, c)) {
			return singular
		}
		whitenBy(&cholesky, z, n, d)
	}
	return ""
}

// whitenBy replaces z by z U^-1, with the covariance U'U.
func whitenBy(cholesky *mat.Cholesky, z []float64, n, d int) {
	var u mat.TriDense
	cholesky.UTo(&u)
	var triangle mat.TriDense
	// Its error is a warning about the condition number, which has been checked.
	_ = triangle.InverseTri(&u)
	inverse := mat.DenseCopyOf(&triangle).RawMatrix().Data
	const band = 512
	out := make([]float64, band*d)
	for top := 0; top < n; top += band {
		rows := min(band, n-top)
		gemm.Dgemm(false, false, rows, d, d, 1, z[top*d:], d, inverse, d, 0, out, d)
		copy(z[top*d:], out[:rows*d])
	}
}

// secondMoments returns (1/n) Z'Z, both triangles.
func secondMoments(z []float64, n, d int) []float64 {
	c := make([]float64, d*d)
	gemm.Dgemm(true, false, d, d, n, 1/float64(n), z, d, z, d, 0, c, d)
	for i := range d {
		for j := range i {
			c[i*d+j] = c[j*d+i]
		}
	}
	return c
}

func squaredNorms(z []float64, d int) []float64 {
	norm := make([]float64, len(z)/d)
	for i := range norm {
		row := z[i*d:][:d]
		norm[i] = floats.Dot(row, row)
	}
	return norm
}
