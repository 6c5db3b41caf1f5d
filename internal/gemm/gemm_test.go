package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// eachBackend runs a test with every backend of this machine and leaves auto in use.
func eachBackend(t *testing.T, test func(t *testing.T)) {
	t.Cleanup(func() { Use("auto", 0) })
	for _, name := range []string{"builtin", "system", "gonum"} {
		t.Run(name, func(t *testing.T) {
			if err := Use(name, 0); err != nil {
				t.Skip("NOT TESTED: ", err)
			}
			test(t)
		})
	}
}

// naive is the definition of the product, summed in float64.
func naive[T float](p product[T]) {
	at := func(x []T, stride int, trans bool, i, j int) float64 {
		if trans {
			i, j = j, i
		}
		return float64(x[i*stride+j])
	}
	for i := range p.m {
		for j := range p.n {
			sum := 0.0
			for l := range p.k {
				sum += at(p.a, p.lda, p.transA, i, l) * at(p.b, p.ldb, p.transB, l, j)
			}
			sum *= float64(p.alpha)
			if p.beta != 0 {
				sum += float64(p.beta) * float64(p.c[i*p.ldc+j])
			}
			p.c[i*p.ldc+j] = T(sum)
		}
	}
}

// stored returns a rows×cols matrix of the small integers -4 to 4, whose products are exact in any order, in rows that
// are pad longer than they need to be. The padding, the end included, is NaN.
func stored[T float](r *rand.Rand, rows, cols, pad int) ([]T, int) {
	stride := cols + pad
	x := make([]T, rows*stride)
	for i := range x {
		x[i] = T(math.NaN())
		if i%stride < cols {
			x[i] = T(r.IntN(9) - 4)
		}
	}
	return x, stride
}

// randomProduct returns a product of small integers with strides of its own.
func randomProduct[T float](r *rand.Rand, m, n, k int, alpha, beta T) product[T] {
	p := product[T]{transA: r.IntN(2) == 1, transB: r.IntN(2) == 1, m: m, n: n, k: k, alpha: alpha, beta: beta}
	rows, cols := m, k
	if p.transA {
		rows, cols = k, m
	}
	p.a, p.lda = stored[T](r, rows, cols, r.IntN(4))
	rows, cols = k, n
	if p.transB {
		rows, cols = n, k
	}
	p.b, p.ldb = stored[T](r, rows, cols, r.IntN(4))
	p.c, p.ldc = stored[T](r, m, n, r.IntN(4))
	return p
}

func clone[T float](p product[T]) product[T] {
	p.a, p.b, p.c = slices.Clone(p.a), slices.Clone(p.b), slices.Clone(p.c)
	return p
}

// firstDifference compares bit for bit but for the sign of zero and the kind of NaN.
func firstDifference[T float](got, want []T) error {
	for i, v := range got {
		if v != want[i] && (v == v || want[i] == want[i]) {
			return fmt.Errorf("element %d: got %v, want %v", i, v, want[i])
		}
	}
	return nil
}

func (p product[T]) String() string {
	return fmt.Sprintf("trans %v %v, m n k %d %d %d, strides %d %d %d, alpha %v, beta %v",
		p.transA, p.transB, p.m, p.n, p.k, p.lda, p.ldb, p.ldc, p.alpha, p.beta)
}

// checkExact runs a product of small integers and compares the whole of C, padding included, with the definition. It
// also sees to it that A and B are left alone.
func checkExact[T float](t *testing.T, p product[T], run func(product[T])) {
	t.Helper()
	want, got := clone(p), clone(p)
	naive(want)
	run(got)
	if err := firstDifference(got.c, want.c); err != nil {
		t.Fatalf("C of %v: %v", p, err)
	}
	if err := firstDifference(got.a, p.a); err != nil {
		t.Fatalf("A was modified by %v: %v", p, err)
	}
	if err := firstDifference(got.b, p.b); err != nil {
		t.Fatalf("B was modified by %v: %v", p, err)
	}
}

func runSgemm(p product[float32]) {
	Sgemm(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

func runDgemm(p product[float64]) {
	Dgemm(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

func TestGemmAgainstDefinition(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		testGemm(t, runSgemm)
		testGemm(t, runDgemm)
	})
}

func testGemm[T float](t *testing.T, run func(product[T])) {
	r := seed.New(1, "gemm")
	scalars := []T{0, 1, -1, 0.5, 2}
	for range cases(700, 700) {
		alpha, beta := scalars[r.IntN(5)], scalars[r.IntN(5)]
		checkExact(t, randomProduct(r, r.IntN(21), r.IntN(21), r.IntN(21), alpha, beta), run)
	}
	// Around the tile sizes of the gonum backend, and long in one dimension.
	for _, s := range [][3]int{{64, 192, 64}, {65, 193, 65}, {130, 400, 129}, {1, 700, 3}, {700, 1, 3}, {2, 3, 1500}} {
		for range 4 {
			checkExact(t, randomProduct(r, s[0], s[1], s[2], 1, scalars[r.IntN(5)]), run)
		}
	}
}

func TestGemmOverwritesNaN(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		testOverwrite(t, runSgemm)
		testOverwrite(t, runDgemm)
	})
}

func testOverwrite[T float](t *testing.T, run func(product[T])) {
	r := seed.New(2, "gemm")
	for _, s := range [][3]int{{3, 4, 5}, {3, 4, 0}, {100, 200, 70}} {
		for _, alpha := range []T{0, 1, 0.5} {
			p := randomProduct(r, s[0], s[1], s[2], alpha, 0)
			for i := range p.c {
				p.c[i] = T(math.NaN())
			}
			checkExact(t, p, run)
		}
	}
}

// With alpha = 0 the operands are not read: a NaN in them must not reach C.
func TestAlphaZeroIgnoresOperands(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		nan := float32(math.NaN())
		c := []float32{3}
		Sgemm(false, false, 1, 1, 1, 0, []float32{nan}, 1, []float32{nan}, 1, 2, c, 1)
		if c[0] != 6 {
			t.Errorf("got %v, want beta C = 6", c[0])
		}
	})
}

// Rounding of real numbers: the error of a sum of k products is at most about k eps sum |a||b|.
func TestGemmRounding(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		r := seed.New(3, "gemm")
		const m, n, k = 70, 90, 1100
		a, b, c, want := make([]float64, m*k), make([]float64, k*n), make([]float64, m*n), make([]float64, m*n)
		a32, b32, c32 := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
		for i := range a {
			a32[i] = float32(r.NormFloat64())
			a[i] = float64(a32[i])
		}
		for i := range b {
			b32[i] = float32(r.NormFloat64())
			b[i] = float64(b32[i])
		}
		naive(product[float64]{m: m, n: n, k: k, alpha: 1, a: a, lda: k, b: b, ldb: n, c: want, ldc: n})
		Sgemm(false, false, m, n, k, 1, a32, k, b32, n, 0, c32, n)
		for i, v := range c32 {
			c[i] = float64(v)
		}
		if err := numtest.CloseToLargest(c, want, 1e-5); err != nil {
			t.Errorf("float32: %v", err)
		}
		Dgemm(false, false, m, n, k, 1, a, k, b, n, 0, c, n)
		if err := numtest.CloseToLargest(c, want, 1e-14); err != nil {
			t.Errorf("float64: %v", err)
		}
	})
}

// A stride above 2^31 is beyond most system libraries; with a single row it is harmless.
func TestStrideBeyond32Bits(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		const far = math.MaxInt
		c := make([]float32, 2)
		Sgemm(false, true, 1, 1, 3, 1, []float32{1, 2, 3}, far, []float32{4, 5, 6}, far, 0, c, far)
		// 1*4 + 2*5 + 3*6 = 32
		if c[0] != 32 || c[1] != 0 {
			t.Errorf("got %v, want [32 0]", c)
		}
		ssyrk(1, 3, []float32{1, 2, 3}, far, c, far)
		// 1 + 4 + 9 = 14
		if c[0] != 14 || c[1] != 0 {
			t.Errorf("got %v, want [14 0]", c)
		}
	})
}

func ExampleSgemm() {
	a := []float32{ // 2×3
		1, 2, 3,
		4, 5, 6,
	}
	c := make([]float32, 4)
	Sgemm(false, true, 2, 2, 3, 1, a, 3, a, 3, 0, c, 2) // A Aᵀ
	fmt.Println(c)
	// Output: [14 32 32 77]
}
