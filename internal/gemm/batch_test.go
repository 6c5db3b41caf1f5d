package gemm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/simd"
)

// stacked returns a batch of standard normal numbers with distances of its own; one in four has one A, one in four one B,
// for all. What lies between matrices is NaN.
func stacked(r *rand.Rand, m, n, k, count int, alpha, beta float32) batch[float32] {
	q := batch[float32]{product: gaussian[float32](r, m, n, k, alpha, beta), count: count}
	stack := func(x []float32, shared bool) ([]float32, int) {
		if shared {
			return x, 0
		}
		stride := len(x) + r.IntN(4)
		all := make([]float32, max(count, 1)*stride)
		for i := range all {
			all[i] = float32(math.NaN())
			if at := i % stride; at < len(x) && x[at] == x[at] {
				all[i] = float32(r.NormFloat64())
			}
		}
		return all, stride
	}
	q.a, q.strideA = stack(q.a, r.IntN(4) == 0)
	q.b, q.strideB = stack(q.b, r.IntN(4) == 0)
	q.c, q.strideC = stack(q.c, false)
	return q
}

func runBatch(q batch[float32]) {
	SgemmBatch(q.transA, q.transB, q.m, q.n, q.k, q.alpha, q.a, q.lda, q.strideA, q.b, q.ldb, q.strideB, q.beta, q.c, q.ldc, q.strideC, q.count)
}

// checkBatch compares the whole of C, and what must not change, with so many single products.
func checkBatch(t *testing.T, q batch[float32], one func(product[float32]), run func(batch[float32])) {
	t.Helper()
	want, got := q, q
	want.c, got.c = slices.Clone(q.c), slices.Clone(q.c)
	got.a, got.b = slices.Clone(q.a), slices.Clone(q.b)
	for i := range q.count {
		p := want.product
		p.a, p.b, p.c = p.a[i*q.strideA:], p.b[i*q.strideB:], p.c[i*q.strideC:]
		multiply(p, one)
	}
	run(got)
	for name, x := range map[string][2][]float32{"A": {got.a, q.a}, "B": {got.b, q.b}, "C": {got.c, want.c}} {
		if err := firstDifference(x[0], x[1]); err != nil {
			t.Fatalf("%s of %d products, %d %d %d apart, of %v: %v", name, q.count, q.strideA, q.strideB, q.strideC, q.product, err)
		}
	}
}

// The promise of SgemmBatch: the bits of Sgemm, here with one worker, for any number of workers and any backend.
func TestBatchHasTheBitsOfItsProducts(t *testing.T) {
	eachKernel(t, func(t *testing.T, set simd.Set) {
		r := seed.New(9, "batch")
		one := newBuiltin(set, 1).sgemm
		check := func(q batch[float32]) {
			t.Helper()
			b := newBuiltin(set, 1+r.IntN(4))
			checkBatch(t, q, one, func(q batch[float32]) { q.check(); q.multiply(b.sgemm, b.sgemmBatch) })
		}
		for range casesOf(set, 300, 60) {
			check(stacked(r, r.IntN(90), r.IntN(200), r.IntN(90), r.IntN(12), scalar32(r), scalar32(r)))
		}
		// Large enough for several workers, and with fewer products than workers.
		for range casesOf(set, 30, 6) {
			check(stacked(r, 1+r.IntN(300), 1+r.IntN(300), 1+r.IntN(100), 1+r.IntN(6), 1, scalar32(r)))
		}
		check(stacked(r, 400, 64, 64, 36, 1, 0))
	})
}

func TestBatchAgainstDefinition(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		r := seed.New(10, "batch")
		for range 100 {
			q := stacked(r, r.IntN(21), r.IntN(21), r.IntN(21), r.IntN(6), 1, []float32{0, 1, -2}[r.IntN(3)])
			for _, x := range [][]float32{q.a, q.b, q.c} {
				for i, v := range x {
					x[i] = float32(math.Round(float64(v))) // exact in any order
				}
			}
			checkBatch(t, q, naive[float32], runBatch)
		}
	})
}

func TestImpossibleBatchesPanic(t *testing.T) {
	// Three 2×3 times 3×4 products fit; every case breaks one thing about them.
	p := product[float32]{m: 2, n: 4, k: 3, alpha: 1, lda: 3, ldb: 4, ldc: 4}
	fits := batch[float32]{product: p, strideA: 6, strideB: 12, strideC: 8, count: 3}
	cases := map[string]func(q *batch[float32]){
		"negative m":          func(q *batch[float32]) { q.m = -1 },
		"negative m, none":    func(q *batch[float32]) { q.m, q.count = -1, 0 },
		"negative count":      func(q *batch[float32]) { q.count = -1 },
		"one too many":        func(q *batch[float32]) { q.count = 4 },
		"far too many":        func(q *batch[float32]) { q.count = math.MaxInt },
		"A negative distance": func(q *batch[float32]) { q.strideA = -6 },
		"B negative distance": func(q *batch[float32]) { q.strideB = -12 },
		"C negative distance": func(q *batch[float32]) { q.strideC = -8 },
		"A short":             func(q *batch[float32]) { q.a = q.a[:17] },
		"B short":             func(q *batch[float32]) { q.b = q.b[:35] },
		"C short":             func(q *batch[float32]) { q.c = q.c[:23] },
		"C short, k = 0":      func(q *batch[float32]) { q.k, q.c = 0, q.c[:23] },
		"A short, shared":     func(q *batch[float32]) { q.strideA, q.a = 0, q.a[:5] },
		"A far apart":         func(q *batch[float32]) { q.strideA = 7 },
		"B far apart":         func(q *batch[float32]) { q.strideB = math.MaxInt },
		"C far apart":         func(q *batch[float32]) { q.strideC = 9 },
		"C overlaps":          func(q *batch[float32]) { q.strideC = 7 },
		"C shared":            func(q *batch[float32]) { q.strideC = 0 },
		"A stride":            func(q *batch[float32]) { q.lda = 2 },
	}
	mustPanicUnwritten := func(name string, spoil func(q *batch[float32])) {
		q := fits
		q.a, q.b, q.c = make([]float32, 18), make([]float32, 36), slices.Repeat([]float32{7}, 24)
		spoil(&q)
		mustPanic(t, name, func() { runBatch(q) })
		if slices.ContainsFunc(q.c, func(v float32) bool { return v != 7 }) {
			t.Errorf("%s: C was written before the panic", name)
		}
	}
	for name, spoil := range cases {
		mustPanicUnwritten(name, spoil)
	}
}

func TestEmptyBatchesAreQuiet(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		SgemmBatch(false, false, 2, 3, 4, 1, nil, 4, 8, nil, 3, 12, 0, nil, 3, 6, 0)
		SgemmBatch(false, true, 0, 3, 4, 1, nil, 4, 8, make([]float32, 60), 4, 12, 0, nil, 3, 0, 5)
		c := []float32{1, 2, 3, 4}
		SgemmBatch(false, false, 1, 2, 0, 1, nil, 0, 0, nil, 0, 0, 3, c, 2, 2, 2)
		if want := []float32{3, 6, 9, 12}; !slices.Equal(c, want) {
			t.Errorf("k = 0: C = %v, want %v", c, want)
		}
	})
}
