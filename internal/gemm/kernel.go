package gemm

// stripRows is the height of a strip of A, and maxPanelCols the width of the widest panel of B, that of float32 with 192 bytes.
const (
	stripRows    = 8
	maxPanelCols = 48
)

// kernel is the innermost code for one type and one set of instructions. For every step of k a strip of A has 8 elements and a panel of
// B has panelCols. The slices that the functions are given hold everything that they read and write.
type kernel[T float] struct {
	panelCols int
	// The width of a tile is a multiple of vector, its height a multiple of rows.
	vector, rows int
	// multiply adds the product of a strip and a panel to a tile of C, or, unless load is set, sets the tile to the product. height
	// and width are rounded up to whole tiles. Meanwhile it may prefetch next.
	multiply func(k int, strip, panel, c []T, ldc, height, width int, load bool, next *ahead[T])
	// inPlace is multiply for any number of whole tiles, one below the other, with rows of A that are lda apart. It is nil where there
	// is no code for it.
	inPlace func(k, height int, a []T, lda int, panel, c []T, ldc, width int, load bool)
	// transpose writes the first columns of 8 rows of src as rows of dst, and returns how many of the k columns it has written.
	transpose func(k int, src []T, stride int, dst []T, width int) int
	// copy cuts k rows of src into pieces as wide as a strip, a panel or 32 bytes. In dst the rows of a piece are ldd apart, and the
	// pieces are apart elements apart.
	copy func(k, pieces, width int, src []T, stride int, dst []T, ldd, apart int)
}

// whole reports whether height and width are a whole number of tiles.
func (k kernel[T]) whole(height, width int) bool { return height%k.rows == 0 && width%k.vector == 0 }

// nextPanel is the width of the next panel of B when left columns remain. The last two panels share their columns so that none is as
// narrow as one vector: its tiles would have too few chains of additions to keep the processor busy.
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

// genericKernel is in plain Go, and slow: the bits of the others where there is no assembly.
func genericKernel[T float](panelCols int) kernel[T] {
	return kernel[T]{
		panelCols: panelCols, vector: 1, rows: 4,
		multiply: func(k int, strip, panel, c []T, ldc, height, width int, load bool, next *ahead[T]) {
			multiplyGeneric(k, strip, panel, panelCols, c, ldc, height, width, load)
		},
		transpose: transposeNone[T],
		copy:      copyPlain[T],
	}
}

func transposeNone[T float](int, []T, int, []T, int) int { return 0 }

func copyPlain[T float](k, pieces, width int, src []T, stride int, dst []T, ldd, apart int) {
	for piece := range pieces {
		for x := range k {
			copy(dst[piece*apart+x*ldd:][:width], src[x*stride+piece*width:])
		}
	}
}

// multiplyGeneric computes the tile in blocks of 4×2, whose sums stay in registers.
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
				s[0][0] = fused(a[0], b[0], s[0][0])
				s[0][1] = fused(a[0], b[1], s[0][1])
				s[1][0] = fused(a[1], b[0], s[1][0])
				s[1][1] = fused(a[1], b[1], s[1][1])
				s[2][0] = fused(a[2], b[0], s[2][0])
				s[2][1] = fused(a[2], b[1], s[2][1])
				s[3][0] = fused(a[3], b[0], s[3][0])
				s[3][1] = fused(a[3], b[1], s[3][1])
			}
			for r := range s {
				copy(c[(i+r)*ldc+j:][:n], s[r][:])
			}
		}
	}
}
