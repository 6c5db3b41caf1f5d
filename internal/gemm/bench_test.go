package gemm

import (
	"fmt"
	"testing"
)

// The products of one layer of F1 at batch 1000: forward, the two of the backward pass, and the first layer's weight
// gradient.
func BenchmarkSgemm(b *testing.B) {
	shapes := []struct {
		transA, transB bool
		m, n, k        int
	}{
		{false, false, 1000, 500, 500},
		{false, true, 1000, 500, 500},
		{true, false, 1000, 500, 500},
		{true, false, 500, 784, 1000},
	}
	benchBackends(b, func(b *testing.B) {
		for _, s := range shapes {
			b.Run(fmt.Sprintf("%c%c-%dx%dx%d", letter(s.transA), letter(s.transB), s.m, s.n, s.k), func(b *testing.B) {
				x, y, c := ramp(s.m*s.k), ramp(s.k*s.n), make([]float32, s.m*s.n)
				lda, ldb := s.k, s.n
				if s.transA {
					lda = s.m
				}
				if s.transB {
					ldb = s.k
				}
				b.ReportAllocs()
				for b.Loop() {
					Sgemm(s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, c, s.n)
				}
				reportRate(b, 2*s.m*s.n*s.k)
			})
		}
	})
}

// The 36 products of a Winograd convolution over that many tiles with that many channels, as many going in as coming out:
// forward, backward to the input, and backward to the kernel. "large" is what the others are measured by.
func BenchmarkSgemmBatch(b *testing.B) {
	b.Cleanup(func() { Use("auto", 0) })
	if err := Use("builtin", 0); err != nil {
		b.Skip(err)
	}
	b.Run("large", func(b *testing.B) { benchBatch(b, product[float32]{m: 2000, n: 2000, k: 2000}, 1) })
	for _, s := range [][2]int{{6400, 64}, {1600, 128}, {400, 256}, {100, 512}} {
		tiles, channels := s[0], s[1]
		for _, p := range []product[float32]{
			{m: tiles, n: channels, k: channels},
			{transB: true, m: tiles, n: channels, k: channels},
			{transA: true, m: channels, n: channels, k: tiles},
		} {
			name := fmt.Sprintf("%c%c-%dx%dx%d", letter(p.transA), letter(p.transB), p.m, p.n, p.k)
			b.Run(name, func(b *testing.B) { benchBatch(b, p, 36) })
		}
	}
}

func benchBatch(b *testing.B, p product[float32], count int) {
	x, y, c := ramp(count*p.m*p.k), ramp(count*p.k*p.n), make([]float32, count*p.m*p.n)
	lda, ldb := side(p.transA, p.m, p.k), side(p.transB, p.k, p.n)
	b.ReportAllocs()
	for b.Loop() {
		SgemmBatch(p.transA, p.transB, p.m, p.n, p.k, 1, x, lda, p.m*p.k, y, ldb, p.k*p.n, 0, c, p.n, p.m*p.n, count)
	}
	reportRate(b, 2*count*p.m*p.n*p.k)
}

// The rate counts n² k operations, those that symmetry leaves.
func BenchmarkSsyrk(b *testing.B) {
	const n, k = 1000, 500
	benchBackends(b, func(b *testing.B) {
		x, c := ramp(n*k), make([]float32, n*n)
		for b.Loop() {
			ssyrk(n, k, x, k, c, n)
		}
		reportRate(b, n*n*k)
	})
}

// What a call costs whatever its size.
func BenchmarkSgemmTiny(b *testing.B) {
	benchBackends(b, func(b *testing.B) {
		x, c := ramp(16), make([]float32, 16)
		b.ReportAllocs()
		for b.Loop() {
			Sgemm(false, false, 4, 4, 4, 1, x, 4, x, 4, 0, c, 4)
		}
	})
}

func benchBackends(b *testing.B, run func(b *testing.B)) {
	b.Cleanup(func() { Use("auto", 0) })
	for _, name := range []string{"builtin", "system", "gonum"} {
		b.Run(name, func(b *testing.B) {
			if err := Use(name, 0); err != nil {
				b.Skip(err)
			}
			run(b)
		})
	}
}

func ramp(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%7) + 0.5
	}
	return x
}

func letter(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}

func reportRate(b *testing.B, operations int) {
	b.ReportMetric(float64(operations)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
