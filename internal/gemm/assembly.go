//go:build amd64 || arm64

package gemm

import "unsafe"

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
