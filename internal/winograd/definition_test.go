package winograd

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// matrix has rows.
type matrix [][]float64

func (m matrix) transposed() matrix {
	t := make(matrix, len(m[0]))
	for j := range t {
		for i := range m {
			t[j] = append(t[j], m[i][j])
		}
	}
	return t
}

// both is m x m', for x a square in rows.
func (m matrix) both(x []float64) []float64 {
	from, to := len(m[0]), len(m)
	y := make([]float64, to*to)
	for i := range to {
		for j := range to {
			for k := range from {
				for l := range from {
					y[i*to+j] += m[i][k] * m[j][l] * x[k*from+l]
				}
			}
		}
	}
	return y
}

// scheme is a choice of finite points, to which infinity is added, and its matrices: G, B' and A'. All follow from Toom and Cook:
// the product of the polynomials g of degree 2 and y of degree 3 is known from its values at five points and its
// coefficient of degree 5, its value at infinity. G and A have the values of g and y, the rows of B' the coefficients
// of Lagrange's polynomials; the filter is the transpose of the product. Their denominators are in G.
type scheme struct {
	points   []float64
	g, b, at matrix
}

func newScheme(points ...float64) scheme {
	s := scheme{points: points, at: make(matrix, Tile)}
	for i, p := range points {
		numerator, denominator := []float64{1}, 1.0
		for j, q := range points {
			if j != i {
				numerator = timesRoot(numerator, q)
				denominator *= p - q
			}
		}
		s.b = append(s.b, append(numerator, 0))
		s.g = append(s.g, []float64{1 / denominator, p / denominator, p * p / denominator})
		for k := range s.at {
			s.at[k] = append(s.at[k], math.Pow(p, float64(k)))
		}
	}
	all := []float64{1}
	for _, p := range points {
		all = timesRoot(all, p)
	}
	s.b = append(s.b, all)
	s.g = append(s.g, []float64{0, 0, 1})
	for k := range s.at {
		s.at[k] = append(s.at[k], 0)
	}
	s.at[Tile-1][len(points)] = 1
	return s
}

// timesRoot multiplies a polynomial, lowest degree first, with x - root.
func timesRoot(p []float64, root float64) []float64 {
	product := make([]float64, len(p)+1)
	for i, c := range p {
		product[i] -= root * c
		product[i+1] += c
	}
	return product
}

// symmetric is the scheme of 0, ±p, ±q.
func symmetric(p, q float64) scheme { return newScheme(0, p, -p, q, -q) }

// triple is a patch d, a kernel g and a tile y. The three products are the derivatives by one of them of
//
//	sum_ijkl d_(i+k, j+l) g_kl y_ij
type triple[T float32 | float64] struct{ d, g, y []T }

func newTriple[T float32 | float64](number func() T) triple[T] {
	t := triple[T]{make([]T, Planes), make([]T, side*side), make([]T, Tile*Tile)}
	for _, v := range [][]T{t.d, t.g, t.y} {
		for i := range v {
			v[i] = number()
		}
	}
	return t
}

func (t triple[T]) addByY(dst []T) {
	indices(func(d, g, y int) { dst[y] += T(t.d[d] * t.g[g]) })
}

func (t triple[T]) addByD(dst []T) {
	indices(func(d, g, y int) { dst[d] += T(t.g[g] * t.y[y]) })
}

func (t triple[T]) addByG(dst []T) {
	indices(func(d, g, y int) { dst[g] += T(t.d[d] * t.y[y]) })
}

// indices are those of the terms.
func indices(term func(d, g, y int)) {
	for i := range Tile {
		for j := range Tile {
			for k := range side {
				for l := range side {
					term(Patch*(i+k)+j+l, side*k+l, Tile*i+j)
				}
			}
		}
	}
}

func times[T float32 | float64](x, y []T) []T {
	z := make([]T, len(x))
	for i := range z {
		z[i] = x[i] * y[i]
	}
	return z
}

// The matrices of the tests are right: with them the identity and its two adjoints hold in float64.
func TestDefinition(t *testing.T) {
	x := newTriple(seed.New(1, "definition").NormFloat64)
	byY, byD, byG := make([]float64, len(x.y)), make([]float64, len(x.d)), make([]float64, len(x.g))
	x.addByY(byY)
	x.addByD(byD)
	x.addByG(byG)
	for _, s := range []scheme{symmetric(1, 2), symmetric(a, b), newScheme(0, 1, -1, 0.5, -2)} {
		d, g, y := s.b.both(x.d), s.g.both(x.g), s.at.transposed().both(x.y)
		for name, pair := range map[string][2][]float64{
			"output":               {s.at.both(times(g, d)), byY},
			"gradient by input":    {s.b.transposed().both(times(g, y)), byD},
			"gradient by a kernel": {s.g.transposed().both(times(d, y)), byG},
		} {
			if err := numtest.CloseToLargest(pair[0], pair[1], 1e-13); err != nil {
				t.Errorf("%v: %s: %v", s.points, name, err)
			}
		}
	}
}
