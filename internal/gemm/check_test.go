package gemm

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestImpossibleShapesPanic(t *testing.T) {
	// A 2×3 times a 3×4 product fits; every case breaks one thing about it.
	fits := product[float32]{m: 2, n: 4, k: 3, alpha: 1, lda: 3, ldb: 4, ldc: 4}
	cases := map[string]func(p *product[float32]){
		"negative m":          func(p *product[float32]) { p.m = -1 },
		"negative n":          func(p *product[float32]) { p.n = -1 },
		"negative k":          func(p *product[float32]) { p.k = -1 },
		"A short":             func(p *product[float32]) { p.a = p.a[:5] },
		"A short, one row":    func(p *product[float32]) { p.m, p.a = 1, p.a[:2] },
		"A nil":               func(p *product[float32]) { p.a = nil },
		"A short, transposed": func(p *product[float32]) { p.transA, p.lda, p.a = true, 2, p.a[:5] },
		"B short":             func(p *product[float32]) { p.b = p.b[:11] },
		"B short, transposed": func(p *product[float32]) { p.transB, p.ldb, p.b = true, 3, p.b[:11] },
		"C short":             func(p *product[float32]) { p.c = p.c[:7] },
		"C short, k = 0":      func(p *product[float32]) { p.k, p.c = 0, p.c[:7] },
		"A stride":            func(p *product[float32]) { p.lda = 2 },
		"A stride negative":   func(p *product[float32]) { p.lda = -3 },
		"A stride long":       func(p *product[float32]) { p.lda = 4 },
		"B stride":            func(p *product[float32]) { p.ldb = 3 },
		"C stride":            func(p *product[float32]) { p.ldc = 3 },
		"stride overflows":    func(p *product[float32]) { p.ldb = math.MaxInt/2 + 2 },
	}
	for name, spoil := range cases {
		p := fits
		p.a, p.b, p.c = make([]float32, 6), make([]float32, 12), []float32{7, 7, 7, 7, 7, 7, 7, 7}
		spoil(&p)
		mustPanic(t, name, func() { runSgemm(p) })
		for _, v := range p.c {
			if v != 7 {
				t.Errorf("%s: C was written before the panic", name)
			}
		}
	}
	mustPanic(t, "Dgemm", func() {
		Dgemm(false, false, 2, 2, 2, 1, make([]float64, 4), 2, make([]float64, 3), 2, 0, make([]float64, 4), 2)
	})
	mustPanic(t, "ssyrk, short A", func() { ssyrk(2, 3, make([]float32, 5), 3, make([]float32, 4), 2) })
	mustPanic(t, "ssyrk, short C", func() { ssyrk(2, 3, make([]float32, 6), 3, make([]float32, 3), 2) })
	mustPanic(t, "dsyrk, negative", func() { dsyrk(-1, 3, nil, 3, nil, 1) })
}

func mustPanic(t *testing.T, name string, f func()) {
	t.Helper()
	numtest.Panics(t, name, "gemm: ", f)
}

func TestEmptyProductsAreQuiet(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		Sgemm(false, false, 0, 3, 2, 1, nil, 2, make([]float32, 6), 3, 0, nil, 3)
		Dgemm(true, true, 3, 0, 2, 1, make([]float64, 6), 3, nil, 2, 0, nil, 0)
		ssyrk(0, 5, nil, 0, nil, 0)
		c := []float64{1, 2, 3, 4}
		Dgemm(false, false, 2, 2, 0, 1, nil, 0, nil, 0, 3, c, 2)
		if c[0] != 3 || c[3] != 12 {
			t.Errorf("k = 0: C = %v, want 3 times what it was", c)
		}
		dsyrk(2, 0, nil, 0, c, 2)
		if c[0] != 0 || c[3] != 0 {
			t.Errorf("k = 0: C = %v, want zeros", c)
		}
	})
}
