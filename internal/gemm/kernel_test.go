package gemm

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/simd"
)

// eachKernel runs a test with the kernels of every set of instructions that this machine has.
func eachKernel(t *testing.T, test func(t *testing.T, set simd.Set)) {
	best, err := simd.Choose()
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []simd.Set{simd.Generic, simd.AVX2, simd.AVX512, simd.NEON} {
		t.Run(string(set), func(t *testing.T) {
			if !simd.Has(best, set) {
				t.Skipf("NOT TESTED: %s on a machine with %s", set, best)
			}
			t.Parallel()
			test(t, set)
		})
	}
}

// TestEveryShape runs all products with m, n and k from 0 to 70, in all transpositions, with strides, alpha and beta that
// change from one to the next. An element does not depend on the shape, so one product by the definition serves all m and n.
// Unless everything is tested it takes every sixth m, n and k, with offsets that change, and from day to day.
func TestEveryShape(t *testing.T) {
	eachKernel(t, func(t *testing.T, set simd.Set) {
		b, step := newBuiltin(set, 1), numtest.Cases(1, 6)
		if testing.Short() || set == simd.Generic {
			step = 12
		}
		testEveryShape(t, step, b.sgemm)
		testEveryShape(t, step, b.dgemm)
	})
}

func testEveryShape[T float](t *testing.T, step int, run func(product[T])) {
	const most = 70
	r := seed.New(4, "every shape", numtest.Rotation(t))
	for k := r.IntN(step); k <= most; k += step {
		for flags := range 4 {
			p := randomProduct[T](r, most, most, k, []T{1, 2, -1}[r.IntN(3)], []T{0, 1, -2}[r.IntN(3)])
			p.transA, p.transB = flags&1 != 0, flags&2 != 0
			p.a, p.lda = stored[T](r, side(p.transA, k, most), side(p.transA, most, k), r.IntN(4))
			p.b, p.ldb = stored[T](r, side(p.transB, most, k), side(p.transB, k, most), r.IntN(4))
			want, got := clone(p), clone(p)
			naive(want)
			for got.m = r.IntN(step); got.m <= most; got.m += step {
				for got.n = r.IntN(step); got.n <= most; got.n += step {
					copy(got.c, p.c)
					multiply(got, run)
					checkWindow(t, p, want.c, got)
				}
			}
		}
	}
}

// side chooses between the two sides of a matrix.
func side(trans bool, yes, no int) int {
	if trans {
		return yes
	}
	return no
}

// checkWindow compares the first rows and columns of C with what they should be, and the rest with what it was.
func checkWindow[T float](t *testing.T, p product[T], want []T, got product[T]) {
	for i := range p.m {
		row, n := got.c[i*p.ldc:][:p.n], 0
		if i < got.m {
			n = got.n
		}
		checkRow(t, got, i, row[:n], want[i*p.ldc:])
		checkRow(t, got, i, row[n:], p.c[i*p.ldc+n:])
	}
}

// checkRow looks at single elements only where the bytes differ: that is most of the time of this test otherwise.
func checkRow[T float](t *testing.T, p product[T], i int, got, want []T) {
	want = want[:len(got)]
	if bytes.Equal(bytesOf(got), bytesOf(want)) {
		return
	}
	for j, v := range got {
		if v != want[j] {
			t.Fatalf("%v: row %d of C has %v, want %v", p, i, v, want[j])
		}
	}
}

func bytesOf[T float](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}

// cases are those of [numtest.Cases], and a fifth of them with -short: the definitions are slow under the race detector.
func cases(full, few int) int {
	if testing.Short() {
		return (few + 4) / 5
	}
	return numtest.Cases(full, few)
}

// casesOf are those of cases, and a fifth of them for the generic kernel, whose fused multiply-adds are emulated.
func casesOf(set simd.Set, full, few int) int {
	if set == simd.Generic {
		full, few = (full+4)/5, (few+4)/5
	}
	return cases(full, few)
}

// chain is the definition of an element to the last bit: one fused multiply-add after the other.
func chain[T float](p product[T], fma func(x, y, z T) T) {
	at := func(x []T, stride int, trans bool, i, j int) T {
		if trans {
			i, j = j, i
		}
		return x[i*stride+j]
	}
	for i := range p.m {
		for j := range p.n {
			var sum T
			if p.beta != 0 {
				sum = p.beta * p.c[i*p.ldc+j]
			}
			for l := range p.k {
				sum = fma(p.alpha*at(p.a, p.lda, p.transA, i, l), at(p.b, p.ldb, p.transB, l, j), sum)
			}
			p.c[i*p.ldc+j] = sum
		}
	}
}

// fma32 rounds x y + z once. The product is exact in float64, the sum is rounded to odd there, and that to float32
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", IEEE Trans. Computers 57 (2008), 462).
func fma32(x, y, z float32) float32 {
	product, addend := float64(x)*float64(y), float64(z)
	sum := product + addend
	bb := sum - product
	lost := (product - (sum - bb)) + (addend - bb)
	if lost != 0 && math.Float64bits(sum)&1 == 0 {
		sum = math.Nextafter(sum, math.Inf(int(math.Copysign(1, lost))))
	}
	return float32(sum)
}

// gaussian returns a product of standard normal numbers with strides of its own.
func gaussian[T float](r *rand.Rand, m, n, k int, alpha, beta T) product[T] {
	p := randomProduct(r, m, n, k, alpha, beta)
	for _, x := range [][]T{p.a, p.b, p.c} {
		for i, v := range x {
			if v == v {
				x[i] = T(r.NormFloat64())
			}
		}
	}
	return p
}

// The promise of the built-in kernels: the same bits for all sets of instructions, any number of workers and any blocking, those of the
// chain over k.
func TestBitsAreThoseOfTheChain(t *testing.T) {
	eachKernel(t, func(t *testing.T, set simd.Set) {
		r := seed.New(5, "bits", numtest.Rotation(t))
		for range casesOf(set, 200, 15) {
			workers := 1 + r.IntN(4)
			m, n, k := 1+r.IntN(150), 1+r.IntN(150), 1+r.IntN(150)
			testBits(t, set, workers, gaussian[float32](r, m, n, k, scalar32(r), scalar32(r)), fma32)
			testBits(t, set, workers, gaussian[float64](r, m, n, k, 0.3, -1.7), math.FMA)
		}
		// Several blocks in every dimension.
		blocks := [][3]int{{260, 50, 513}, {1, 1, 2000}, {5, 3100, 520}, {300, 70, 1100}}
		for _, s := range blocks[:casesOf(set, 4, 2)] {
			testBits(t, set, 3, gaussian[float32](r, s[0], s[1], s[2], 0.7, 0.3), fma32)
			testBits(t, set, 2, gaussian[float64](r, s[0], s[1], s[2], 1, 1), math.FMA)
		}
		// The same for rows of A that are read in place, and next to them what is packed although alpha is 1.
		for seen := map[[2]bool]bool{}; len(seen) < cases(4, 1); {
			p := gaussian[float32](r, 103, 203, 515, 1, scalar32(r))
			if trans := [2]bool{p.transA, p.transB && numtest.Full()}; !seen[trans] {
				seen[trans] = true
				testBits(t, set, 2, p, fma32)
			}
		}
	})
}

func scalar32(r *rand.Rand) float32 { return []float32{0, 1, 1, -0.37, 2.5}[r.IntN(5)] }

func testBits[T float](t *testing.T, set simd.Set, workers int, p product[T], fma func(x, y, z T) T) {
	t.Helper()
	b := newBuiltin(set, workers)
	want, got := clone(p), clone(p)
	if p.alpha == 0 {
		want.k = 0
	}
	chain(want, fma)
	switch got := any(got).(type) {
	case product[float32]:
		multiply(got, b.sgemm)
	case product[float64]:
		multiply(got, b.dgemm)
	}
	if err := firstDifference(got.c, want.c); err != nil {
		t.Fatalf("%v, %d workers: %v", p, workers, err)
	}
}

// A symmetric product has the bits of the general one, on both sides of the diagonal.
func TestSquareHasTheBitsOfTheProduct(t *testing.T) {
	eachKernel(t, func(t *testing.T, set simd.Set) {
		r := seed.New(6, "square")
		for range casesOf(set, 60, 15) {
			b := newBuiltin(set, 1+r.IntN(4))
			n, k := 1+r.IntN(300), 1+r.IntN(700)
			p := gaussian[float32](r, n, n, k, 1, 0)
			p.transA = false
			p.a, p.lda = ramp(n*k), k
			for i := range p.a {
				p.a[i] = float32(r.NormFloat64())
			}
			g := gram[float32]{n: n, k: k, a: p.a, lda: k, c: make([]float32, n*n), ldc: n}
			square(g, b.ssyrk, b.workers)
			p = g.product()
			p.c = make([]float32, n*n)
			multiply(p, b.sgemm)
			if err := firstDifference(g.c, p.c); err != nil {
				t.Fatalf("n %d, k %d, %s: %v", n, k, b.name, err)
			}
		}
	})
}

// A wrong chain must be seen: two roundings where there should be one.
func TestBitsCheckCanFail(t *testing.T) {
	p := gaussian[float32](seed.New(7, "fail"), 20, 20, 20, 1, 0)
	fused, rounded := clone(p), clone(p)
	chain(fused, fma32)
	chain(rounded, func(x, y, z float32) float32 { return float32(x*y) + z })
	if firstDifference(fused.c, rounded.c) == nil {
		t.Error("two roundings a step pass for one")
	}
}

func FuzzSgemm(f *testing.F) {
	f.Add(uint8(8), uint8(48), uint8(16), uint8(0), uint64(1))
	f.Add(uint8(9), uint8(49), uint8(17), uint8(3), uint64(2))
	f.Add(uint8(0), uint8(1), uint8(255), uint8(6), uint64(3))
	f.Fuzz(func(t *testing.T, m, n, k, flags uint8, root uint64) {
		r := seed.New(root, "fuzz")
		alpha, beta := float32(int(flags>>2&3)-1), float32(int(flags>>4&3)-1)
		p := randomProduct(r, int(m), int(n), int(k), alpha, beta)
		for _, name := range []string{"builtin", "gonum"} {
			open, err := find(name)
			if err != nil {
				t.Skip(err)
			}
			checkExact(t, p, func(p product[float32]) { multiply(p, open(1+int(flags>>6)).sgemm) })
		}
	})
}

func BenchmarkKernel(b *testing.B) {
	for _, set := range []simd.Set{simd.AVX512, simd.AVX2, simd.Generic} {
		if best, _ := simd.Choose(); !simd.Has(best, set) {
			continue
		}
		for _, k := range []int{100, 500} {
			b.Run(fmt.Sprintf("float32-%s-k=%d", set, k), func(b *testing.B) { benchKernel(b, singleKernel(set), k) })
			b.Run(fmt.Sprintf("float64-%s-k=%d", set, k), func(b *testing.B) { benchKernel(b, doubleKernel(set), k) })
		}
	}
}

// benchKernel times a kernel on one tile, whose operands stay in the cache: the most that a product can reach on one core.
func benchKernel[T float](b *testing.B, e kernel[T], k int) {
	strip, panel, c := make([]T, stripRows*k), make([]T, e.panelCols*k), make([]T, stripRows*e.panelCols)
	next := new(ahead[T])
	for b.Loop() {
		e.multiply(k, strip, panel, c, e.panelCols, stripRows, e.panelCols, false, next)
	}
	reportRate(b, 2*stripRows*e.panelCols*k)
}
