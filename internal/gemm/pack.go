package gemm

import "unsafe"

// packA copies m×k elements of alpha op(A), from row i and column l on, into strips of 8 rows, with 8 elements for every step of k. Rows
// after the last one of A are 0.
func (e *blocked[T]) packA(dst []T, p product[T], i, m, l, k int) {
	if p.transA {
		src, whole := p.a[l*p.lda+i:], m/stripRows
		e.cut(dst, stripRows, src, p.lda, k, whole)
		if done := whole * stripRows; done < m {
			e.gather(dst[done*k:], stripRows, src[done:], p.lda, k, m-done)
		}
	} else {
		for r := 0; r < m; r += stripRows {
			e.interleave(dst[r*k:], stripRows, p.a[(i+r)*p.lda+l:], p.lda, k, min(stripRows, m-r))
		}
	}
	if p.alpha != 1 {
		for x := range dst[:roundUp(m, stripRows)*k] {
			dst[x] *= p.alpha
		}
	}
}

// packB copies a block of op(B) into panels, with the panel's width of elements for every step of k. Columns after the last one of B
// are 0 as far as the tiles reach.
func (e *blocked[T]) packB(dst []T, p product[T], b block) {
	src, width, done := p.partB(b).x, e.kernel.panelCols, 0
	if !p.transB {
		whole := e.kernel.wholePanels(b.n)
		e.cut(dst, width, src, p.ldb, b.k, whole)
		dst, done = dst[whole*width*b.k:], whole*width
	}
	for cols := 0; done < b.n; done += cols {
		cols = e.kernel.nextPanel(b.n - done)
		if p.transB {
			e.packTransposed(dst, src[done*p.ldb:], p.ldb, b.k, cols)
		} else {
			e.gather(dst, width, src[done:], p.ldb, b.k, cols)
		}
		dst = dst[width*b.k:]
	}
}

// packTransposed fills a panel with columns that are stored as rows.
func (e *blocked[T]) packTransposed(dst, src []T, stride, k, cols int) {
	width := e.kernel.panelCols
	for s := 0; s < roundUp(cols, e.kernel.vector); s += stripRows {
		if rows := min(stripRows, cols-s); rows > 0 {
			e.interleave(dst[s:], width, src[s*stride:], stride, k, rows)
		} else {
			clearColumns(dst[s:], width, k, 0, stripRows)
		}
	}
}

// cut copies k rows, stride apart in src, of a whole number of strips or panels to one strip or panel after the other.
func (e *blocked[T]) cut(dst []T, width int, src []T, stride, k, pieces int) {
	if pieces > 0 {
		e.kernel.copy(k, pieces, width, src, stride, dst, width, k*width)
	}
}

// gather copies k rows of an incomplete strip or panel. The missing columns are set to 0 as far as the tiles reach.
func (e *blocked[T]) gather(dst []T, width int, src []T, stride, k, cols int) {
	if unit := 32 / int(unsafe.Sizeof(dst[0])); cols%unit == 0 && cols%e.kernel.vector == 0 {
		e.kernel.copy(k, cols/unit, unit, src, stride, dst, width, unit)
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
