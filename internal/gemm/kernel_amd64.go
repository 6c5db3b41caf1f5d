package gemm

import (
	"unsafe"

	"github.com/noiseprobe/noiseprobe/internal/simd"
)

//go:generate go -C ../../tools run ./kernels -name gemm -pkg gemm -out ../internal/gemm/kernels_amd64.s -stubs ../internal/gemm/kernels_amd64.go

// assembly is a kernel for tiles of some rows, one function for each number of vectors up to a whole panel.
type assembly[T float] func(k int, a, b, c *T, ldc int, load bool)

func singleKernel(set simd.Set) kernel[float32] {
	const panelCols = 48
	switch set {
	case simd.AVX512:
		return vectorKernel(panelCols, 16, []assembly[float32]{sgemm8x16AVX512, sgemm8x32AVX512, sgemm8x48AVX512}, stripRows, transposeSingle, copyRows32)
	case simd.AVX2:
		return vectorKernel(panelCols, 8, []assembly[float32]{sgemm4x8AVX2, sgemm4x16AVX2, sgemm4x24AVX2}, 4, transposeSingle, copyRows32)
	}
	return genericKernel[float32](panelCols)
}

func doubleKernel(set simd.Set) kernel[float64] {
	const panelCols = 24
	switch set {
	case simd.AVX512:
		return vectorKernel(panelCols, 8, []assembly[float64]{dgemm8x8AVX512, dgemm8x16AVX512, dgemm8x24AVX512}, stripRows, transposeDouble, copyRows64)
	case simd.AVX2:
		return vectorKernel(panelCols, 4, []assembly[float64]{dgemm4x4AVX2, dgemm4x8AVX2, dgemm4x12AVX2}, 4, transposeDouble, copyRows64)
	}
	return genericKernel[float64](panelCols)
}

// vectorKernel makes a kernel out of assembly for tiles of some rows and one, two or three vectors: a whole tile takes one
// call, or several for sets with fewer registers.
func vectorKernel[T float](panelCols, vector int, tiles []assembly[T], rows int,
	transpose func(k int, src []T, stride int, dst []T, width int) int, copyStrip func(rows int, src *byte, lds int, dst *byte)) kernel[T] {
	bytes := int(unsafe.Sizeof(T(0)))
	most := len(tiles) * vector
	return kernel[T]{
		panelCols: panelCols, vector: vector, transpose: transpose,
		multiply: func(k int, strip, panel, c []T, ldc, width int, load bool) {
			for j := 0; j < width; j += most {
				tile := tiles[blocks(min(most, width-j), vector)-1]
				for i := 0; i < stripRows; i += rows {
					tile(k, &strip[i], &panel[j], &c[i*ldc+j], ldc*bytes, load)
				}
			}
		},
		copyStrip: func(k int, src []T, stride int, dst []T) { copyStrip(k, start(src), stride*bytes, start(dst)) },
		copyPanel: func(k int, src []T, stride int, dst []T) { copyRows192(k, start(src), stride*bytes, start(dst)) },
	}
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
