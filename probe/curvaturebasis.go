package probe

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/eigen"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

const (
	// curvatureEigenvalues is the number of leading eigenvalues of F that are kept.
	curvatureEigenvalues = 20
	// curvatureDirections is the number of eigenvectors of F that noise is looked at along.
	curvatureDirections = 20
	// vanishingEigenvalue is the part of the largest eigenvalue below which products in float32 leave nothing of one.
	vanishingEigenvalue = 1e-6
)

// CurvatureBasis looks along the leading eigenvectors v of F of one random half of its units. What is seen there comes from units that had no part in
// choosing them: curvature from the other half, noise from all recorded units but the chosen half.
type CurvatureBasis struct {
	// Count is the number of eigenvectors.
	Count int
	// Curvature, Count×judged, is v' F_k v; Noise, Count×others, is v . g_i.
	Curvature, Noise []float64
}

// leadingEigenvalues are those of the Gram matrix of m columns over the number of units.
func leadingEigenvalues(gram []float64, m int, units float64) []float64 {
	values, ok := eigen.Values(m, gram)
	if !ok {
		return nil
	}
	values = values[:min(curvatureEigenvalues, m)]
	for i := range values {
		values[i] = max(0, values[i]/units)
	}
	return values
}

// basis is made from the products of the columns and of columns and gradients. With U, mu an eigenpair of the Gram matrix of the chosen columns,
// v = sum_r U_r h_r / sqrt(mu).
func (c *Columns) basis(gram, cross []float64, n int) CurvatureBasis {
	half, rest := c.halves()
	chosen, judged := c.rows(half), c.rows(rest)
	m := len(chosen)
	if m == 0 {
		return CurvatureBasis{}
	}
	values, vectors, ok := eigen.Vectors(m, min(curvatureDirections, m), submatrix(gram, c.Units(), chosen, chosen))
	if !ok {
		return CurvatureBasis{}
	}
	b := CurvatureBasis{}
	for b.Count < len(values) && values[b.Count] > vanishingEigenvalue*values[0] {
		for i := range m {
			vectors[b.Count*m+i] /= math.Sqrt(values[b.Count])
		}
		b.Count++
	}
	along := multiplied(b.Count, m, vectors, submatrix(gram, c.Units(), chosen, judged))
	for i := 0; i < len(along); i += c.Each {
		square := 0.0
		for _, v := range along[i : i+c.Each] {
			square += float64(v * v)
		}
		b.Curvature = append(b.Curvature, square)
	}
	b.Noise = multiplied(b.Count, m, vectors, submatrix(cross, n, chosen, c.others(half, n)))
	return b
}

// halves are two random halves of the units.
func (c *Columns) halves() (first, second []int) {
	order := seed.New(1, "halves of the curvature", uint64(len(c.Unit))).Perm(len(c.Unit))
	half := len(order) / 2
	return order[:half], order[half:]
}

// rows are the columns of some units.
func (c *Columns) rows(units []int) []int {
	var rows []int
	for _, k := range units {
		for j := range c.Each {
			rows = append(rows, k*c.Each+j)
		}
	}
	return rows
}

// others are the recorded units that are not among these.
func (c *Columns) others(units []int, n int) []int {
	taken := make([]bool, n)
	for _, k := range units {
		taken[c.Unit[k]] = true
	}
	var others []int
	for i, t := range taken {
		if !t {
			others = append(others, i)
		}
	}
	return others
}

// submatrix picks rows and columns of a matrix with so many columns.
func submatrix(a []float64, columns int, rows, picked []int) []float64 {
	out := make([]float64, 0, len(rows)*len(picked))
	for _, r := range rows {
		for _, j := range picked {
			out = append(out, a[r*columns+j])
		}
	}
	return out
}

// multiplied is A B for A of rows×inner.
func multiplied(rows, inner int, a, b []float64) []float64 {
	columns := len(b) / inner
	out := make([]float64, rows*columns)
	if len(out) > 0 {
		gemm.Dgemm(false, false, rows, columns, inner, 1, a, inner, b, columns, 0, out, columns)
	}
	return out
}
