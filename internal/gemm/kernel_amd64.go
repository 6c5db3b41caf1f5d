package gemm

import (
	"unsafe"

	"github.com/noiseprobe/noiseprobe/internal/simd"
)

//go:generate go -C ../../tools run ./kernels -name gemm -pkg gemm -out ../internal/gemm/kernels_amd64.s -stubs ../internal/gemm/kernels_amd64.go
//go:generate go -C ../../tools run ./kernels -arch arm64 -name gemm -pkg gemm -out ../internal/gemm/kernels_arm64.s -stubs ../internal/gemm/kernels_arm64.go

func singleKernel(set simd.Set) kernel[float32] {
	switch set {
	case simd.AVX512:
		return vectorKernel(48, 16, []assembly[float32]{sgemm8x16AVX512, sgemm8x32AVX512, sgemm8x48AVX512}, stripRows, transposeSingle)
	case simd.AVX2:
		// A panel for two tiles, as for float64, would take up more of the L1 cache.
		k := vectorKernel(24, 8, []assembly[float32]{sgemm4x8AVX2, sgemm4x16AVX2, sgemm4x24AVX2}, 4, transposeSingle)
		k.inPlace = inPlaceSingle
		return k
	}
	return genericKernel[float32](48)
}

func doubleKernel(set simd.Set) kernel[float64] {
	switch set {
	case simd.AVX512:
		return vectorKernel(24, 8, []assembly[float64]{dgemm8x8AVX512, dgemm8x16AVX512, dgemm8x24AVX512}, stripRows, transposeDouble)
	case simd.AVX2:
		return vectorKernel(24, 4, []assembly[float64]{dgemm4x4AVX2, dgemm4x8AVX2, dgemm4x12AVX2}, 4, transposeDouble)
	}
	return genericKernel[float64](24)
}

// inPlaceSingle uses tiles of 4 rows for three vectors or one, and of 6 rows for two where possible: with 4 rows and two vectors there
// are too few chains of additions to keep the processor busy.
func inPlaceSingle(k, height int, a []float32, lda int, panel, c []float32, ldc, width int, load bool) {
	tile, rows := sgemm4x24InPlaceAVX2, 4
	switch {
	case width <= 8:
		tile = sgemm4x8InPlaceAVX2
	case width <= 16 && height%6 == 0:
		tile, rows = sgemm6x16InPlaceAVX2, 6
	case width <= 16:
		tile = sgemm4x16InPlaceAVX2
	}
	tile(k, height/rows, &a[0], 4*lda, &panel[0], &c[0], 4*ldc, load)
}

func copyPieces[T float](k, pieces, width int, src []T, stride int, dst []T, ldd, apart int) {
	bytes := int(unsafe.Sizeof(T(0)))
	copier(width*bytes)(k, pieces, start(src), stride*bytes, start(dst), ldd*bytes, apart*bytes)
}

// copier is what copies pieces of so many bytes.
func copier(bytes int) func(rows, pieces int, src *byte, lds int, dst *byte, ldd, apart int) {
	switch bytes {
	case 32:
		return copyRows32
	case 64:
		return copyRows64
	case 96:
		return copyRows96
	}
	return copyRows192
}

func transposeSingle(k int, src []float32, stride int, dst []float32, width int) int {
	k -= k % 8
	if k > 0 {
		transpose32(k, &src[0], 4*stride, &dst[0], 4*width)
	}
	return k
}

func transposeDouble(k int, src []float64, stride int, dst []float64, width int) int {
	k -= k % 4
	if k > 0 {
		transpose64(k, &src[0], 8*stride, &dst[0], 8*width)
	}
	return k
}

func start[T float](x []T) *byte { return (*byte)(unsafe.Pointer(&x[0])) }
