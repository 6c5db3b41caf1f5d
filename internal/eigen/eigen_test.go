package eigen

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"gonum.org/v1/gonum/mat"
)

// gramOf is X X' with X n×rank normals.
func gramOf(n, rank int) []float64 {
	rng := seed.New(1, "gram", uint64(n), uint64(rank))
	x, a := make([]float64, n*rank), make([]float64, n*n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	gemm.Dgemm(false, true, n, n, rank, 1, x, rank, x, rank, 0, a, n)
	return fill(n, func(i, j int) float64 { return a[i*n+j] })
}

// symmetric has independent elements in either triangle, of both signs.
func symmetric(n int) []float64 {
	rng := seed.New(2, "symmetric", uint64(n))
	return fill(n, func(int, int) float64 { return rng.NormFloat64() })
}

// fill mirrors the elements (i, j), i <= j, of f.
func fill(n int, f func(i, j int) float64) []float64 {
	a := make([]float64, n*n)
	for i := range n {
		for j := i; j < n; j++ {
			a[i*n+j] = f(i, j)
			a[j*n+i] = a[i*n+j]
		}
	}
	return a
}

// graded has elements from 1 down to 1e-300.
func graded(n int) []float64 {
	rng := seed.New(3, "graded", uint64(n))
	return fill(n, func(i, j int) float64 { return rng.NormFloat64() * math.Pow(10, -300*float64(i+j)/float64(2*n)) })
}

// rotated has given eigenvalues: two reflections of the diagonal matrix.
func rotated(values []float64) []float64 {
	n := len(values)
	a := fill(n, func(i, j int) float64 {
		if i == j {
			return values[i]
		}
		return 0
	})
	rng := seed.New(4, "rotated", uint64(n))
	for range 2 {
		v, av, norm := make([]float64, n), make([]float64, n), 0.0
		for i := range v {
			v[i] = rng.NormFloat64()
			norm += v[i] * v[i]
		}
		inner := 0.0
		for i := range n {
			for j := range n {
				av[i] += a[i*n+j] * v[j]
			}
			inner += v[i] * av[i]
		}
		a = fill(n, func(i, j int) float64 {
			return a[i*n+j] - 2*(v[i]*av[j]+av[i]*v[j])/norm + 4*inner*v[i]*v[j]/(norm*norm)
		})
	}
	return a
}

func scaledBy(factor float64, a []float64) []float64 {
	b := slices.Clone(a)
	for i := range b {
		b[i] *= factor
	}
	return b
}

// clustered has eigenvalues 3 (a third), 1 (a third) and 1 + k 1e-15.
func clustered(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		switch i % 3 {
		case 0:
			values[i] = 3
		case 1:
			values[i] = 1
		default:
			values[i] = 1 + float64(i)*1e-15
		}
	}
	return rotated(values)
}

// wilkinson has pairs of eigenvalues that agree to rounding without any element beside the diagonal being small (W21+, 1965).
func wilkinson(n int) []float64 {
	return fill(n, func(i, j int) float64 {
		switch j {
		case i:
			return math.Abs(float64(i - n/2))
		case i + 1:
			return 1
		}
		return 0
	})
}

type matrix struct {
	name string
	n    int
	a    []float64
}

func matrices() (all []matrix) {
	add := func(name string, n int, a []float64) {
		all = append(all, matrix{fmt.Sprintf("%s %d", name, n), n, a})
	}
	for _, n := range []int{1, 2, 3, 5, 31, 32, 33, 34, 64, 65, 66, 97, 130, 257} {
		add("symmetric", n, symmetric(n))
		add("full Gram", n, gramOf(n, n+5))
		add("low-rank Gram", n, gramOf(n, 3))
		add("clusters", n, clustered(n))
		add("Wilkinson", n, wilkinson(n))
		add("ones", n, fill(n, func(int, int) float64 { return 1 }))
	}
	for _, n := range []int{1, 7, 70, 150} {
		add("zero", n, make([]float64, n*n))
		add("identity", n, rotated(slices.Repeat([]float64{1}, n)))
		add("negative", n, scaledBy(-1, gramOf(n, n)))
		add("tiny", n, scaledBy(1e-200, symmetric(n)))
		add("huge", n, scaledBy(1e200, symmetric(n)))
		add("subnormal", n, scaledBy(0x1p-1060, symmetric(n)))
		add("nearly overflowing", n, scaledBy(0x1p1010, symmetric(n)))
		add("graded", n, graded(n))
		add("Hilbert", n, fill(n, func(i, j int) float64 { return 1 / float64(i+j+1) }))
	}
	return all
}

// norm is the largest |element| times n, a bound of the largest |eigenvalue|.
func (m matrix) norm() float64 {
	largest := 0.0
	for _, v := range m.a {
		largest = max(largest, math.Abs(v))
	}
	return largest * float64(m.n)
}

// tolerance is 8 + n/8 rounding units (2^-52), and the resolution of subnormal numbers: of the errors of a sum of n equal terms,
// as in the matrix of ones, many have the same sign. There the residual reaches 3/4 of it, elsewhere 2 units.
func (m matrix) tolerance() float64 {
	return 0x1p-52*(8+float64(m.n)/8)*m.norm() + 0x1p-1072*float64(m.n)
}

// residual is the largest element of A v - lambda v, and lapse of V V' - 1.
func residual(m matrix, values, vectors []float64) (worst float64) {
	for k, lambda := range values {
		v := vectors[k*m.n : (k+1)*m.n]
		for i := range m.n {
			sum := -lambda * v[i]
			for j, x := range v {
				sum += m.a[i*m.n+j] * x
			}
			worst = max(worst, math.Abs(sum))
		}
	}
	return worst
}

func lapse(n int, vectors []float64) (worst float64) {
	for k := range len(vectors) / n {
		for l := range k + 1 {
			sum := 0.0
			for i := range n {
				sum += vectors[k*n+i] * vectors[l*n+i]
			}
			if k == l {
				sum--
			}
			worst = max(worst, math.Abs(sum))
		}
	}
	return worst
}

// TestVectors: eigenpairs by their definition, ordered, all and the leading few.
func TestVectors(t *testing.T) {
	for _, m := range matrices() {
		for _, count := range []int{m.n, min(3, m.n), 0} {
			before := slices.Clone(m.a)
			values, vectors, ok := Vectors(m.n, count, m.a)
			if !ok || len(values) != count || len(vectors) != count*m.n || !slices.Equal(m.a, before) {
				t.Errorf("%s: %v, %d values, %d vectors; or a was modified", m.name, ok, len(values), len(vectors)/m.n)
				continue
			}
			if !slices.IsSortedFunc(values, descending) {
				t.Errorf("%s: not descending", m.name)
			}
			if r := residual(m, values, vectors); !(r <= m.tolerance()) {
				t.Errorf("%s, %d vectors: residual %g, allowed %g", m.name, count, r, m.tolerance())
			}
			if o := lapse(m.n, vectors); !(o <= 0x1p-52*(8+float64(m.n))) {
				t.Errorf("%s, %d vectors: orthogonal to %g", m.name, count, o)
			}
		}
	}
}

func descending(a, b float64) int { return map[bool]int{true: 1, a == b: 0, a > b: -1}[true] }

// TestAgainstGonum: the values of both functions are those of gonum's dense solver, which without vectors panics on the graded matrix.
func TestAgainstGonum(t *testing.T) {
	for _, m := range matrices() {
		if m.n > numtest.Cases(150, 80) { // gonum takes long
			continue
		}
		var other mat.EigenSym
		if !other.Factorize(mat.NewSymDense(m.n, slices.Clone(m.a)), true) {
			t.Errorf("%s: gonum failed", m.name)
			continue
		}
		want := other.Values(nil)
		slices.Reverse(want)
		values, ok := Values(m.n, m.a)
		leading, _, _ := Vectors(m.n, min(3, m.n), m.a)
		all, _, _ := Vectors(m.n, m.n, m.a)
		if !ok || len(values) != m.n {
			t.Errorf("%s: %v, %d values", m.name, ok, len(values))
		}
		for _, got := range [][]float64{values, leading, all} {
			for i, v := range got {
				if d := math.Abs(v - want[i]); !(d <= m.tolerance()) {
					t.Errorf("%s: eigenvalue %d is %g, gonum's %g: differs by %g, allowed %g", m.name, i, v, want[i], d, m.tolerance())
					break
				}
			}
		}
	}
}

// TestKnownValues: the second difference matrix of order n has the eigenvalues 2 - 2 cos(k pi/(n+1)).
func TestKnownValues(t *testing.T) {
	const n = 300
	a := fill(n, func(i, j int) float64 { return map[int]float64{0: 2, 1: -1}[j-i] })
	values, _ := Values(n, a)
	_, vectors, _ := Vectors(n, n, a)
	for i, v := range values {
		angle := float64(n-i) * math.Pi / (n + 1)
		if d := math.Abs(v - (2 - 2*math.Cos(angle))); d > 1e-14 {
			t.Errorf("eigenvalue %d: %g away", i, d)
		}
		// Its vector is sin(j angle).
		inner, norm := 0.0, 0.0
		for j := range n {
			x := math.Sin(float64(j+1) * angle)
			inner += x * vectors[i*n+j]
			norm += x * x
		}
		if c := math.Abs(inner) / math.Sqrt(norm); math.Abs(c-1) > 1e-12 {
			t.Errorf("eigenvector %d: cosine %g", i, c)
		}
	}
}

// TestWorkersDoNotMatter: the same bits for any number of workers. The matrix products are gonum's, as a system library promises
// nothing.
func TestWorkersDoNotMatter(t *testing.T) {
	defer parallel.SetWorkers(0)
	defer gemm.Use("auto", 0)
	for _, n := range []int{70, 300} {
		var first []float64
		for _, workers := range []int{1, 2, 3, 7} {
			parallel.SetWorkers(workers)
			if err := gemm.Use("gonum", workers); err != nil {
				t.Fatal(err)
			}
			a := symmetric(n)
			values, _ := Values(n, a)
			both, vectors, _ := Vectors(n, n, a)
			got := slices.Concat(values, both, vectors)
			if first == nil {
				first = got
			}
			if !slices.Equal(got, first) {
				t.Errorf("n = %d, %d workers: another result", n, workers)
			}
		}
	}
}

func TestNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, n := range []int{1, 3, 100} {
			for _, place := range []int{0, n*n - 1, n * n / 2} {
				a := symmetric(n)
				a[place] = bad
				values, ok := Values(n, a)
				leading, vectors, fine := Vectors(n, 1, a)
				if ok || fine || values != nil || leading != nil || vectors != nil {
					t.Errorf("n = %d with %g: %v, %v", n, bad, ok, fine)
				}
			}
		}
	}
}

func TestNoRows(t *testing.T) {
	values, ok := Values(0, nil)
	_, vectors, fine := Vectors(0, 0, nil)
	if !ok || !fine || len(values) != 0 || len(vectors) != 0 {
		t.Errorf("%g, %g", values, vectors)
	}
}

// TestOverflowingEigenvalue: that of four elements 2^1023 is 2^1024.
func TestOverflowingEigenvalue(t *testing.T) {
	values, ok := Values(2, slices.Repeat([]float64{0x1p1023}, 4))
	if !ok || !math.IsInf(values[0], 1) || math.Abs(values[1]) > 0x1p975 {
		t.Errorf("%g, %v", values, ok)
	}
}

func TestImpossibleShapesPanic(t *testing.T) {
	for name, do := range map[string]func(){
		"too few elements": func() { Values(2, make([]float64, 3)) },
		"negative":         func() { Values(-1, make([]float64, 1)) },
		"too many vectors": func() { Vectors(1, 2, make([]float64, 1)) },
		"fewer than none":  func() { Vectors(1, -1, make([]float64, 1)) },
	} {
		numtest.Panics(t, name, "eigen: ", do)
	}
}
