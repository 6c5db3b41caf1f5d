package gemm

// stripRows is the height of a strip of A, and maxPanelCols the widest panel of B: that of float32, 192 bytes.
const (
	stripRows    = 8
	maxPanelCols = 48
)

// kernel is the innermost code for one type and one set of instructions. A strip of A has 8 elements a step of k, a panel of
// B panelCols. The functions get slices that hold all that they read and write.
type kernel[T float] struct {
	panelCols int
	// vector and rows are what the width and the height of a tile are multiples of.
	vector, rows int
	// multiply adds a strip times a panel to a tile of C, or, unless load, sets the tile to it. height and width are rounded up
	// to whole tiles. Meanwhile it may fetch what is next.
	multiply func(k int, strip, panel, c []T, ldc, height, width int, load bool, next *ahead[T])
	// inPlace is multiply for any number of whole tiles, one below the other, and with rows of A that lie lda apart. It is nil
	// where the code for it is missing.
	inPlace func(k, height int, a []T, lda int, panel, c []T, ldc, width int, load bool)
	// transpose writes the first columns of 8 rows of src as rows of dst, and returns how many of the k it has done.
	transpose func(k int, src []T, stride int, dst []T, width int) int
	// copy cuts k rows of src into pieces as wide as a strip, a panel or 32 bytes. The rows of a piece are ldd from each other
	// in dst, and the next piece begins apart from where it does.
	copy func(k, pieces, width int, src []T, stride int, dst []T, ldd, apart int)
}

// whole reports whether a tile of that size needs no room beyond it.
func (k kernel[T]) whole(height, width int) bool { return height%k.rows == 0 && width%k.vector == 0 }

// nextPanel is the width of the next panel of B when there are so many columns left. So that none is as narrow as one vector,
// for which a tile has too few chains of additions to keep the processor busy, the last two share what they have.
func (k kernel[T]) nextPanel(left int) int {
	if left > k.panelCols && left <= k.panelCols+k.vector {
		return k.panelCols - k.vector
	}
	return min(left, k.panelCols)
}

// wholePanels is the number of panels of full width in n columns.
func (k kernel[T]) wholePanels(n int) int {
	whole := 0
	for k.nextPanel(n-whole*k.panelCols) == k.panelCols {
		whole++
	}
	return whole
}

// genericKernel is in plain Go. Whether it fuses multiplications and additions is up to the compiler.
func genericKernel[T float](panelCols int) kernel[T] {
	return kernel[T]{
		panelCols: panelCols, vector: 1, rows: 4,
		multiply: func(k int, strip, panel, c []T, ldc, height, width int, load bool, next *ahead[T]) {
			multiplyGeneric(k, strip, panel, panelCols, c, ldc, height, width, load)
		},
		transpose: func(int, []T, int, []T, int) int { return 0 },
		copy: func(k, pieces, width int, src []T, stride int, dst []T, ldd, apart int) {
			for piece := range pieces {
				for x := range k {
					copy(dst[piece*apart+x*ldd:][:width], src[x*stride+piece*width:])
				}
			}
		},
	}
}

// multiplyGeneric goes over the tile in blocks of 4×2, whose sums stay in registers.
func multiplyGeneric[T float](k int, strip, panel []T, panelCols int, c []T, ldc, height, width int, load bool) {
	for i := 0; i < height; i += 4 {
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
