//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !static

package gemm

import (
	"math"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// fortran calls the Fortran interface of a BLAS, which every library has. All of its arguments are pointers, so that none is passed in
// a floating-point register and a call needs no reflection.
//
// Fortran stores matrices by columns, so that it sees every row-major matrix transposed. The product is therefore computed as
//
//	Cᵀ = alpha op(B)ᵀ op(A)ᵀ + beta Cᵀ
type fortran[T float] struct {
	mu         *sync.Mutex
	gemmSymbol uintptr
	syrkSymbol uintptr
	spare      *tiled[T] // for sizes that do not fit in 32 bits

	// The arguments of the current call, which the library reads through pointers. An int has 64 bits on the machines of this file;
	// libraries that read 32 bits find the low half first, since these machines are little-endian.
	p              product[T]
	opA, opB, uplo byte
}

// find looks the two routines up.
func (f *fortran[T]) find(handle uintptr, gemm, syrk string) error {
	var err error
	if f.gemmSymbol, err = purego.Dlsym(handle, gemm); err != nil {
		return err
	}
	f.syrkSymbol, err = purego.Dlsym(handle, syrk)
	return err
}

// gemm computes one product. The last two arguments of the call are the lengths of the two character arguments, which compiled Fortran
// expects there.
func (f *fortran[T]) gemm(p product[T]) {
	if max(p.m, p.n, p.k, p.lda, p.ldb, p.ldc) > math.MaxInt32 {
		f.spare.gemm(p)
		return
	}
	f.begin(p)
	defer f.end()
	purego.SyscallN(f.gemmSymbol,
		uintptr(unsafe.Pointer(&f.opB)), uintptr(unsafe.Pointer(&f.opA)),
		uintptr(unsafe.Pointer(&f.p.n)), uintptr(unsafe.Pointer(&f.p.m)), uintptr(unsafe.Pointer(&f.p.k)),
		uintptr(unsafe.Pointer(&f.p.alpha)),
		uintptr(unsafe.Pointer(&f.p.b[0])), uintptr(unsafe.Pointer(&f.p.ldb)),
		uintptr(unsafe.Pointer(&f.p.a[0])), uintptr(unsafe.Pointer(&f.p.lda)),
		uintptr(unsafe.Pointer(&f.p.beta)),
		uintptr(unsafe.Pointer(&f.p.c[0])), uintptr(unsafe.Pointer(&f.p.ldc)),
		1, 1)
}

// syrk fills the lower triangle of C, which is the upper one for Fortran, as (Aᵀ)ᵀ Aᵀ.
func (f *fortran[T]) syrk(g gram[T]) {
	if max(g.n, g.k, g.lda, g.ldc) > math.MaxInt32 {
		f.spare.syrk(g)
		return
	}
	f.begin(g.product())
	defer f.end()
	f.uplo, f.opA = 'U', 'T'
	purego.SyscallN(f.syrkSymbol,
		uintptr(unsafe.Pointer(&f.uplo)), uintptr(unsafe.Pointer(&f.opA)),
		uintptr(unsafe.Pointer(&f.p.n)), uintptr(unsafe.Pointer(&f.p.k)),
		uintptr(unsafe.Pointer(&f.p.alpha)),
		uintptr(unsafe.Pointer(&f.p.a[0])), uintptr(unsafe.Pointer(&f.p.lda)),
		uintptr(unsafe.Pointer(&f.p.beta)),
		uintptr(unsafe.Pointer(&f.p.c[0])), uintptr(unsafe.Pointer(&f.p.ldc)),
		1, 1)
}

func (f *fortran[T]) begin(p product[T]) {
	f.mu.Lock()
	f.p, f.opA, f.opB = p, operation(p.transA), operation(p.transB)
}

// end also clears the references to the matrices, which would otherwise stay in memory until the next product.
func (f *fortran[T]) end() {
	f.p = product[T]{}
	f.mu.Unlock()
}

func operation(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}
