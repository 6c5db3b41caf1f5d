package gemm

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func ssyrk(n, k int, a []float32, lda int, c []float32, ldc int) {
	b := inUse()
	square(gram[float32]{n, k, a, lda, 0, c, ldc}, b.ssyrk, b.workers)
}

func dsyrk(n, k int, a []float64, lda int, c []float64, ldc int) {
	b := inUse()
	square(gram[float64]{n, k, a, lda, 0, c, ldc}, b.dsyrk, b.workers)
}

func TestSyrkAgainstDefinition(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		testSyrk(t, ssyrk)
		testSyrk(t, dsyrk)
	})
}

func testSyrk[T float](t *testing.T, run func(n, k int, a []T, lda int, c []T, ldc int)) {
	r := seed.New(1, "syrk")
	check := func(n, k int) {
		t.Helper()
		a, lda := stored[T](r, n, k, r.IntN(4))
		c, ldc := stored[T](r, n, n, r.IntN(4))
		// What was there must not be read, what lies outside must not be written.
		for i := range c {
			if c[i] == 0 {
				c[i] = T(math.NaN())
			}
		}
		g := gram[T]{n, k, slices.Clone(a), lda, 0, c, ldc}
		want := clone(g.product())
		naive(want)
		run(n, k, g.a, lda, g.c, ldc)
		if err := firstDifference(g.c, want.c); err != nil {
			t.Fatalf("C of n k %d %d, strides %d %d: %v", n, k, lda, ldc, err)
		}
		if err := firstDifference(g.a, a); err != nil {
			t.Fatalf("A was modified: %v", err)
		}
	}
	for range 300 {
		check(r.IntN(21), r.IntN(21))
	}
	for _, s := range [][2]int{{32, 5}, {33, 64}, {64, 65}, {200, 130}, {450, 7}} {
		check(s[0], s[1])
	}
}

// The promise of square: symmetric to the bit, also where rounding enters.
func TestSyrkIsSymmetric(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		const n, k = 150, 333
		r := seed.New(2, "syrk")
		a, c := make([]float32, n*k), make([]float32, n*n)
		for i := range a {
			a[i] = float32(r.NormFloat64())
		}
		ssyrk(n, k, a, k, c, n)
		for i := range n {
			for j := range i {
				if c[i*n+j] != c[j*n+i] {
					t.Fatalf("C[%d][%d] = %v, C[%d][%d] = %v", i, j, c[i*n+j], j, i, c[j*n+i])
				}
			}
		}
	})
}

// TestLowerTriangles are those of Dgemm to the bit, whatever is added to.
func TestLowerTriangles(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		r := seed.New(3, "lower")
		for range 40 {
			n, k, beta := r.IntN(300), r.IntN(300), float64(r.IntN(2))
			a, lda := stored[float64](r, n, k, r.IntN(4))
			c, ldc := stored[float64](r, n, n, r.IntN(4))
			want := slices.Clone(c)
			Dgemm(false, true, n, n, k, 1, a, lda, a, lda, beta, want, ldc)
			Dsyrk(n, k, a, lda, beta, c, ldc)
			for i := range n {
				if err := firstDifference(c[i*ldc:][:i+1], want[i*ldc:][:i+1]); err != nil {
					t.Fatalf("n %d, k %d, beta %v, row %d: %v", n, k, beta, i, err)
				}
			}
		}
	})
}
