//go:build amd64 || arm64

package gemm

import "unsafe"

//go:generate go -C ../../tools run ./kernels -name gemm -pkg gemm -out ../internal/gemm/kernels_amd64.s -stubs ../internal/gemm/kernels_amd64.go
//go:generate go -C ../../tools run ./kernels -arch arm64 -name gemm -pkg gemm -out ../internal/gemm/kernels_arm64.s -stubs ../internal/gemm/kernels_arm64.go

// assembly is a function for tiles of a fixed number of rows and vectors. It prefetches a cache line every few steps of k.
type assembly[T float] func(k int, a, b, c *T, ldc int, load bool, ahead *T, apart int)

const stepsToLine = 4

// vectorKernel makes a kernel from assembly for tiles of rows rows and one, two or three vectors. A strip times a panel takes one call,
// or several for instruction sets with fewer registers.
func vectorKernel[T float](panelCols, vector int, tiles []assembly[T], rows int,
	transpose func(k int, src []T, stride int, dst []T, width int) int) kernel[T] {
	bytes := int(unsafe.Sizeof(T(0)))
	most := len(tiles) * vector
	return kernel[T]{
		panelCols: panelCols, vector: vector, rows: rows, transpose: transpose, copy: copyPieces[T],
		multiply: func(k int, strip, panel, c []T, ldc, height, width int, load bool, next *ahead[T]) {
			for j := 0; j < width; j += most {
				tile := tiles[blocks(min(most, width-j), vector)-1]
				for i := 0; i < height; i += rows {
					line, apart := next.take(k/stepsToLine, &strip[i])
					tile(k, &strip[i], &panel[j], &c[i*ldc+j], ldc*bytes, load, line, apart*bytes)
				}
			}
		},
	}
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
