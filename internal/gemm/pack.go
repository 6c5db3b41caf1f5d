package gemm

// packA copies m×k elements of alpha op(A), from row i and column l on, into strips of 8 rows: 8 elements a step of k. Rows
// that A does not have are 0.
func (e *blocked[T]) packA(dst []T, p product[T], i, m, l, k int) {
	for r := 0; r < m; r += stripRows {
		strip, rows := dst[r*k:][:stripRows*k], min(stripRows, m-r)
		if p.transA {
			gather(strip, stripRows, p.a[l*p.lda+i+r:], p.lda, k, rows, e.kernel.copyStrip)
		} else {
			e.interleave(strip, stripRows, p.a[(i+r)*p.lda+l:], p.lda, k, rows)
		}
	}
	if p.alpha != 1 {
		for x := range dst[:roundUp(m, stripRows)*k] {
			dst[x] *= p.alpha
		}
	}
}

// packB copies k×n elements of op(B), from row l and column j on, into panels: a panel's width of elements a step of k.
// Columns that B does not have are 0.
func (e *blocked[T]) packB(dst []T, p product[T], l, k, j, n int) {
	width := e.kernel.panelCols
	for c := 0; c < n; c += width {
		panel, cols := dst[c*k:][:width*k], min(width, n-c)
		if !p.transB {
			gather(panel, width, p.b[l*p.ldb+j+c:], p.ldb, k, cols, e.kernel.copyPanel)
			continue
		}
		for s := 0; s < width; s += stripRows {
			if rows := min(stripRows, cols-s); rows > 0 {
				e.interleave(panel[s:], width, p.b[(j+c+s)*p.ldb+l:], p.ldb, k, rows)
			} else {
				clearColumns(panel[s:], width, k, 0, stripRows)
			}
		}
	}
}

// gather copies k rows of src, which lie stride apart, to rows of width elements; those past the first cols are 0. whole
// does it where cols is width.
func gather[T float](dst []T, width int, src []T, stride, k, cols int, whole func(k int, src []T, stride int, dst []T)) {
	if cols == width {
		whole(k, src, stride, dst)
		return
	}
	for x := range k {
		row := dst[x*width:][:width]
		copy(row, src[x*stride:][:cols])
		clear(row[cols:])
	}
}

// interleave writes up to 8 rows of k elements of src as columns of dst, whose rows are width apart; missing rows are 0.
func (e *blocked[T]) interleave(dst []T, width int, src []T, stride, k, rows int) {
	done := 0
	if rows == stripRows {
		done = e.kernel.transpose(k, src, stride, dst, width)
	}
	for r := range rows {
		row := src[r*stride:][:k]
		for x := done; x < k; x++ {
			dst[x*width+r] = row[x]
		}
	}
	clearColumns(dst, width, k, rows, stripRows)
}

func clearColumns[T float](dst []T, width, k, from, to int) {
	if from == to {
		return
	}
	for x := range k {
		clear(dst[x*width+from : x*width+to])
	}
}
