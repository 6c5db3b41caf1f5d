package gemm

// Where A is stored row by row, a kernel may read some rows side by side instead of a strip. To copy A takes a good part of the
// time of a product with few columns, since the processor waits for memory meanwhile; a kernel that reads A itself asks for the
// rows of the next tile and goes on.

// inPlaceRows×blockDepth of A and blockDepth×inPlaceCols of B stay in the second cache of a core. inPlaceRows is a multiple of
// the heights of all tiles, 4 and 6, inPlaceCols one of every panel.
const (
	inPlaceRows = 48
	inPlaceCols = 192
)

// inPlace reports whether the kernel can read A as it is stored.
func (e *blocked[T]) inPlace(p product[T]) bool {
	return e.kernel.inPlace != nil && !p.transA && p.alpha == 1
}

// rowsInPlace adds the product of the first rows of A, whole tiles, with a packed block of B.
func (e *blocked[T]) rowsInPlace(w *workspace[T], p product[T], rows int, b block, load bool) {
	for i := 0; i < rows; i += inPlaceRows {
		m, a, c := min(inPlaceRows, rows-i), p.a[i*p.lda+b.l:], p.c[i*p.ldc+b.j:]
		panel := w.b
		for j, width := 0, 0; j < b.n; j += width {
			width = e.kernel.nextPanel(b.n - j)
			if e.kernel.whole(m, width) {
				e.kernel.inPlace(b.k, m, a, p.lda, panel, c[j:], p.ldc, width, load)
			} else {
				e.edgeInPlace(w, b.k, m, a, p.lda, panel, c[j:], p.ldc, width, load)
			}
			panel = panel[e.kernel.panelCols*b.k:]
		}
	}
}

// edgeInPlace computes m rows of a panel that C has only a part of.
func (e *blocked[T]) edgeInPlace(w *workspace[T], k, m int, a []T, lda int, panel, c []T, ldc, width int, load bool) {
	rows := e.kernel.rows
	for i := 0; i < m; i += rows {
		e.edge(w, c[i*ldc:], rows, width, ldc, load, func(tile []T, ld int) {
			e.kernel.inPlace(k, rows, a[i*lda:], lda, panel, tile, ld, width, load)
		})
	}
}
