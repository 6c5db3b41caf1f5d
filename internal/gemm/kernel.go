package gemm

// stripRows is the height of a strip of A, and maxPanelCols the widest panel of B: that of float32, 192 bytes.
const (
	stripRows    = 8
	maxPanelCols = 48
)

// kernel is the innermost code for one type and one set of instructions. Strips and panels are the same for all sets: 8
// elements, and 192 bytes, a step of k. The functions get slices that hold all that they read and write.
type kernel[T float] struct {
	panelCols int
	// vector is the number of elements that the width of a tile is a multiple of.
	vector int
	// multiply adds a strip times a panel to a tile of C, 8 rows of width elements rounded up to whole vectors, or, unless
	// load, sets the tile to it.
	multiply func(k int, strip, panel, c []T, ldc, width int, load bool)
	// transpose writes the first columns of 8 rows of src as rows of dst, and returns how many of the k it has done.
	transpose func(k int, src []T, stride int, dst []T, width int) int
	// copyStrip and copyPanel copy k rows as wide as a strip or a panel to one after another.
	copyStrip, copyPanel func(k int, src []T, stride int, dst []T)
}

// whole reports whether a tile of that width needs no room beyond it.
func (k kernel[T]) whole(width int) bool { return width%k.vector == 0 }

// genericKernel is in plain Go. Whether it fuses multiplications and additions is up to the compiler.
func genericKernel[T float](panelCols int) kernel[T] {
	return kernel[T]{
		panelCols: panelCols, vector: 1,
		multiply: func(k int, strip, panel, c []T, ldc, width int, load bool) {
			multiplyGeneric(k, strip, panel, panelCols, c, ldc, width, load)
		},
		transpose: func(int, []T, int, []T, int) int { return 0 },
		copyStrip: func(k int, src []T, stride int, dst []T) { copyRows(k, src, stride, dst, stripRows) },
		copyPanel: func(k int, src []T, stride int, dst []T) { copyRows(k, src, stride, dst, panelCols) },
	}
}

func copyRows[T float](k int, src []T, stride int, dst []T, width int) {
	for x := range k {
		copy(dst[x*width:][:width], src[x*stride:])
	}
}

// multiplyGeneric goes over the tile in blocks of 4×2, whose sums stay in registers.
func multiplyGeneric[T float](k int, strip, panel []T, panelCols int, c []T, ldc, width int, load bool) {
	for i := 0; i < stripRows; i += 4 {
		for j := 0; j < width; j += 2 {
			var s [4][2]T
			n := min(2, width-j)
			if load {
				for r := range s {
					copy(s[r][:n], c[(i+r)*ldc+j:])
				}
			}
			for x := range k {
				a, b := (*[4]T)(strip[x*stripRows+i:]), (*[2]T)(panel[x*panelCols+j:])
				s[0][0] += a[0] * b[0]
				s[0][1] += a[0] * b[1]
				s[1][0] += a[1] * b[0]
				s[1][1] += a[1] * b[1]
				s[2][0] += a[2] * b[0]
				s[2][1] += a[2] * b[1]
				s[3][0] += a[3] * b[0]
				s[3][1] += a[3] * b[1]
			}
			for r := range s {
				copy(c[(i+r)*ldc+j:][:n], s[r][:])
			}
		}
	}
}
