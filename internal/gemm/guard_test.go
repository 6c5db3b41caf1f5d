//go:build linux

package gemm

import (
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/simd"
)

// guarded returns a copy of x that ends where a page begins that must not be touched, or starts where one ends.
func guarded[T float](t *testing.T, x []T, atEnd bool) []T {
	page := syscall.Getpagesize()
	bytes := len(x) * int(unsafe.Sizeof(T(0)))
	room := (bytes + page - 1) / page * page
	memory, err := syscall.Mmap(-1, 0, room+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(memory) })
	for _, guard := range [][]byte{memory[:page], memory[page+room:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	if len(x) == 0 {
		return nil
	}
	at := page
	if atEnd {
		at += room - bytes
	}
	copied := unsafe.Slice((*T)(unsafe.Pointer(&memory[at])), len(x))
	copy(copied, x)
	return copied
}

// Nothing outside the operands is read or written, not even by vectors that reach beyond an edge.
func TestNothingBeyondTheOperands(t *testing.T) {
	eachKernel(t, func(t *testing.T, set simd.Set) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		b := newBuiltin(set, 1)
		r := seed.New(8, "guard")
		for range cases(300, 60) {
			m, n, k := 1+r.IntN(60), 1+r.IntN(110), 1+r.IntN(40)
			testGuarded(t, randomProduct[float32](r, m, n, k, 1, 0), b.sgemm)
			testGuarded(t, randomProduct[float64](r, m, n, k, 1, 1), b.dgemm)
		}
	})
}

func testGuarded[T float](t *testing.T, p product[T], run func(product[T])) {
	for _, atEnd := range []bool{false, true} {
		t.Run("", func(t *testing.T) {
			defer func() {
				if fault := recover(); fault != nil {
					t.Fatalf("%v, at the end: %v: %v", p, atEnd, fault)
				}
			}()
			q := trimmed(p)
			q.a, q.b, q.c = guarded(t, q.a, atEnd), guarded(t, q.b, atEnd), guarded(t, q.c, atEnd)
			checkExact(t, q, func(inner product[T]) {
				q.c = guarded(t, inner.c, atEnd)
				multiply(q, run)
				copy(inner.c, q.c)
			})
		})
	}
}

// trimmed cuts the padding behind the last row off.
func trimmed[T float](p product[T]) product[T] {
	cut := func(x []T, stride, rows, cols int) []T { return x[:(rows-1)*stride+cols] }
	p.a = cut(p.a, p.lda, side(p.transA, p.k, p.m), side(p.transA, p.m, p.k))
	p.b = cut(p.b, p.ldb, side(p.transB, p.n, p.k), side(p.transB, p.k, p.n))
	p.c = cut(p.c, p.ldc, p.m, p.n)
	return p
}
