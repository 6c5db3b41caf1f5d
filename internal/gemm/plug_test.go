package gemm

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func installed(t *testing.T) {
	Install()
	t.Cleanup(func() { blas64.Use(gonum.Implementation{}) })
}

func TestMatMultipliesWithTheBackend(t *testing.T) {
	installed(t)
	eachBackend(t, func(t *testing.T) {
		r := seed.New(1, "mat")
		const m, n, k = 37, 210, 65
		a, b := make([]float64, m*k), make([]float64, n*k)
		for i := range a {
			a[i] = r.NormFloat64()
		}
		for i := range b {
			b[i] = r.NormFloat64()
		}
		want := make([]float64, m*n)
		naive(product[float64]{transB: true, m: m, n: n, k: k, alpha: 1, a: a, lda: k, b: b, ldb: k, c: want, ldc: n})
		var c mat.Dense
		c.Mul(mat.NewDense(m, k, a), mat.NewDense(n, k, b).T())
		if err := numtest.CloseToLargest(c.RawMatrix().Data, want, 1e-14); err != nil {
			t.Error(err)
		}
	})
}

// Which backend serves a product through the plug is decided at the product.
func TestInstallFollowsUse(t *testing.T) {
	installed(t)
	old := current.Load()
	t.Cleanup(func() { current.Store(old) })
	var called string
	current.Store(&backend{
		sgemm: func(product[float32]) { called += "sgemm " },
		dgemm: func(product[float64]) { called += "dgemm " },
		dsyrk: func(gram[float64]) { called += "dsyrk " },
	})
	x, y := []float32{1}, []float64{1}
	Implementation().Sgemm(blas.NoTrans, blas.NoTrans, 1, 1, 1, 1, x, 1, x, 1, 0, make([]float32, 1), 1)
	blas64.Implementation().Dgemm(blas.NoTrans, blas.NoTrans, 1, 1, 1, 1, y, 1, y, 1, 0, make([]float64, 1), 1)
	blas64.Implementation().Dsyrk(blas.Lower, blas.NoTrans, 1, 1, 1, y, 1, 0, make([]float64, 1), 1)
	if called != "sgemm dgemm dsyrk " {
		t.Errorf("called %q", called)
	}
}

// gonum's own Dsyrk is the oracle; the other triangle and the padding must stay as they were.
func TestPluggedSyrk(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		r := seed.New(2, "mat")
		for range 400 {
			n, k := r.IntN(40), r.IntN(20)
			ul := []blas.Uplo{blas.Upper, blas.Lower}[r.IntN(2)]
			op, rows, cols := blas.NoTrans, n, k
			if r.IntN(2) == 1 {
				op, rows, cols = blas.Trans, k, n
			}
			alpha, beta := []float64{0, 1, -2}[r.IntN(3)], []float64{0, 1, 0.5}[r.IntN(3)]
			a, lda := stored[float64](r, rows, cols, 1+r.IntN(3))
			got, ldc := stored[float64](r, n, n, 1+r.IntN(3))
			want := append([]float64(nil), got...)
			if beta == 0 && n > 0 {
				got[0], want[0] = math.NaN(), 0
			}
			gonum.Implementation{}.Dsyrk(ul, op, n, k, alpha, a, lda, beta, want, ldc)
			Implementation().Dsyrk(ul, op, n, k, alpha, a, lda, beta, got, ldc)
			if err := firstDifference(got, want); err != nil {
				t.Fatalf("%c %c, n k %d %d, alpha %v, beta %v: %v", ul, op, n, k, alpha, beta, err)
			}
		}
	})
}

// A factorisation multiplies blocks of one matrix into other blocks of it: slices overlap, elements do not.
func TestCholeskyThroughThePlug(t *testing.T) {
	installed(t)
	eachBackend(t, func(t *testing.T) {
		const n = 200
		r := seed.New(3, "mat")
		x := mat.NewDense(n, n, nil)
		for i := range n * n {
			x.RawMatrix().Data[i] = r.NormFloat64()
		}
		var a, back mat.SymDense
		a.SymOuterK(1, x)
		for i := range n {
			a.SetSym(i, i, a.At(i, i)+n)
		}
		var factor mat.Cholesky
		if !factor.Factorize(&a) {
			t.Fatal("not positive definite")
		}
		factor.ToSym(&back)
		for i := range n {
			for j := range n {
				if err := numtest.Close(back.At(i, j), a.At(i, j), numtest.Tol{Abs: 1e-10}); err != nil {
					t.Fatalf("element %d, %d: %v", i, j, err)
				}
			}
		}
	})
}

func TestPlugPanics(t *testing.T) {
	b, x := Implementation(), []float64{1, 1, 1, 1}
	mustPanic(t, "operation", func() { b.Dgemm('X', blas.NoTrans, 1, 1, 1, 1, x, 1, x, 1, 0, x, 1) })
	mustPanic(t, "triangle", func() { b.Dsyrk('X', blas.NoTrans, 1, 1, 1, x, 1, 0, x, 1) })
	mustPanic(t, "negative n", func() { b.Dsyrk(blas.Upper, blas.NoTrans, -1, 1, 1, x, 1, 0, x, 1) })
	mustPanic(t, "short A", func() { b.Dsyrk(blas.Upper, blas.Trans, 2, 3, 1, x, 2, 0, make([]float64, 4), 2) })
	mustPanic(t, "short C", func() { b.Dsyrk(blas.Upper, blas.NoTrans, 2, 2, 1, x, 2, 0, make([]float64, 3), 2) })
}
