package gemm

// Where A is stored row by row, a kernel can read several rows side by side in place of a packed strip. For a product with few columns
// copying A takes much of the time, since the processor waits for memory; a kernel that reads A itself prefetches the rows of the
// next tile while it computes.

// inPlaceRows×blockDepth of A and blockDepth×inPlaceCols of B fit in the L2 cache of a core. inPlaceRows is a multiple of the heights of
// all tiles, 4 and 6, and inPlaceCols a multiple of the widths of all panels.
const (
	inPlaceRows = 48
	inPlaceCols = 192
)

// inPlace reports whether the kernel can read A as it is stored.
func (e *blocked[T]) inPlace(p product[T]) bool {
	return e.kernel.inPlace != nil && !p.transA && p.alpha == 1
}

// rowsInPlace adds the product of the first rows of A, a whole number of tiles, with a packed block of B.
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

// edgeInPlace computes m rows of a panel of which only a part is in C.
func (e *blocked[T]) edgeInPlace(w *workspace[T], k, m int, a []T, lda int, panel, c []T, ldc, width int, load bool) {
	rows := e.kernel.rows
	for i := 0; i < m; i += rows {
		e.edge(w, c[i*ldc:], rows, width, ldc, load, func(tile []T, ld int) {
			e.kernel.inPlace(k, rows, a[i*lda:], lda, panel, tile, ld, width, load)
		})
	}
}
