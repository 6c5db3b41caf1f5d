package gemm

import "math"

// workspace is the memory of one worker: packed blocks of A and B, a tile for the edges of C, and the memory to prefetch.
type workspace[T float] struct {
	a, b  []T
	edge  [stripRows * maxPanelCols]T
	ahead ahead[T]
}

// reserve makes room for blocks that are packed whole, in strips and panels.
func (w *workspace[T]) reserve(a, b int) {
	if len(w.a) < a {
		w.a = make([]T, a)
	}
	if len(w.b) < b {
		w.b = make([]T, b)
	}
}

func (e *blocked[T]) borrow() *workspace[T] {
	e.mu.Lock()
	defer e.mu.Unlock()
	last := len(e.idle) - 1
	if last < 0 {
		return new(workspace[T])
	}
	w := e.idle[last]
	e.idle = e.idle[:last]
	return w
}

func (e *blocked[T]) giveBack(w *workspace[T]) {
	w.ahead = ahead[T]{} // so that the caller's matrices are not kept in memory
	e.mu.Lock()
	defer e.mu.Unlock()
	e.idle = append(e.idle, w)
}

// block is a part of op(B): k rows from row l on of n columns from column j on.
type block struct{ l, k, j, n int }

// run computes a product on the caller's goroutine. With lower it may leave out the elements (i, j) of C with j > i + diagonal.
func (e *blocked[T]) run(p product[T], lower bool, diagonal int) {
	w := e.borrow()
	defer e.giveBack(w)
	top, widest := 0, blockCols
	if !lower && e.inPlace(p) {
		top, widest = p.m-p.m%e.kernel.rows, inPlaceCols
	}
	depth, cols := evenly(p.k, blockDepth), min(widest, roundUp(p.n, e.kernel.panelCols))
	w.reserve(min(blockRows, roundUp(p.m-top, stripRows))*depth, cols*depth)
	load := p.beta != 0
	if load && p.beta != 1 {
		p.scale()
	}
	for l := 0; l < p.k; l += depth {
		for j := 0; j < p.n; j += cols {
			b := block{l, min(depth, p.k-l), j, min(cols, p.n-j)}
			e.packB(w.b, p, b)
			e.rowsInPlace(w, p, top, b, load || l > 0)
			for i := top; i < p.m; i += blockRows {
				m := min(blockRows, p.m-i)
				if lower && j > i+m-1+diagonal {
					continue
				}
				e.packA(w.a, p, i, m, l, b.k)
				w.ahead = p.after(i, m, b)
				limit := math.MaxInt32
				if lower {
					limit = i + diagonal - j
				}
				e.tiles(w, b.k, p.c[i*p.ldc+j:], m, b.n, p.ldc, load || l > 0, limit)
			}
		}
	}
}

// tiles adds the packed blocks' product to an m×n block of C, strip after strip along each panel. A tile is left out if
// all of it has j > i + limit.
func (e *blocked[T]) tiles(w *workspace[T], k int, c []T, m, n, ldc int, load bool, limit int) {
	panel := w.b
	for j, width := 0, 0; j < n; j += width {
		width = e.kernel.nextPanel(n - j)
		for i := 0; i < m; i += stripRows {
			height := min(stripRows, m-i)
			if j > i+height-1+limit {
				continue
			}
			strip := w.a[i*k:]
			if e.kernel.whole(height, width) {
				e.kernel.multiply(k, strip, panel, c[i*ldc+j:], ldc, height, width, load, &w.ahead)
				continue
			}
			e.edge(w, c[i*ldc+j:], height, width, ldc, load, func(tile []T, ld int) {
				e.kernel.multiply(k, strip, panel, tile, ld, height, width, load, &w.ahead)
			})
		}
		panel = panel[e.kernel.panelCols*k:]
	}
}

// edge computes a tile of which only a part is in C, by way of a whole tile.
func (e *blocked[T]) edge(w *workspace[T], c []T, height, width, ldc int, load bool, multiply func(tile []T, ld int)) {
	cols := e.kernel.panelCols
	tile := w.edge[:]
	if load {
		for i := range height {
			copy(tile[i*cols:][:width], c[i*ldc:])
		}
	}
	multiply(tile, cols)
	for i := range height {
		copy(c[i*ldc:][:width], tile[i*cols:])
	}
}

// evenly cuts n into the smallest number of blocks of at most the given size, nearly equal ones, and returns their size.
func evenly(n, most int) int { return blocks(n, blocks(n, most)) }

// blocks returns how many blocks of a size cover n elements.
func blocks(n, size int) int { return (n + size - 1) / size }

func roundUp(n, unit int) int { return blocks(n, unit) * unit }

// triangleShare returns the row where a piece of a lower triangle of n rows begins, for pieces of about the same area.
func triangleShare(n, piece, pieces int) int {
	if piece == pieces {
		return n
	}
	return int(float64(n)*math.Sqrt(float64(piece)/float64(pieces))) / stripRows * stripRows
}
