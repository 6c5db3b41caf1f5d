package gemm

import "unsafe"

// ahead lists the memory that will be packed next, so that kernels can prefetch it while they compute: packing is otherwise limited by
// waiting for memory. It hands out the cache lines of its two parts column of lines by column of lines.
type ahead[T float] struct {
	first, second part[T]
	row, col      int // where the next lines begin in the first part
}

// part is a part of A or B as it is stored.
type part[T float] struct {
	x                  []T
	stride, rows, cols int
}

// take returns where the next n lines begin and how far apart they are; idle when all have been taken.
func (h *ahead[T]) take(n int, idle *T) (line *T, apart int) {
	if h.first.cols == 0 {
		return idle, 0
	}
	return h.takeFirst(n)
}

func (h *ahead[T]) takeFirst(n int) (line *T, apart int) {
	line, apart = &h.first.x[h.row*h.first.stride+h.col], h.first.stride
	h.row += n
	if few := 4; h.row+few > h.first.rows { // not worth a tile
		h.row = 0
		h.col += lineBytes / int(unsafe.Sizeof(*line))
	}
	if h.col >= h.first.cols {
		*h = ahead[T]{first: h.second}
	}
	return line, apart
}

const lineBytes = 64

// after returns what is packed after the m rows of A from row i on, for a block of B. Of the next block of B it takes no more than of
// A, so that it does not replace what is in use in the cache.
func (p product[T]) after(i, m int, b block) ahead[T] {
	if i += m; i < p.m {
		return ahead[T]{first: p.partA(i, b)}
	}
	if b.j += b.n; b.j >= p.n {
		b.j, b.l = 0, b.l+b.k
	}
	if b.l >= p.k {
		return ahead[T]{}
	}
	b.k, b.n = min(b.k, p.k-b.l), min(b.n, p.n-b.j, blockRows)
	return ahead[T]{first: p.partA(0, b), second: p.partB(b)}
}

func (p product[T]) partA(i int, b block) part[T] {
	m := min(blockRows, p.m-i)
	if p.transA {
		return part[T]{p.a[b.l*p.lda+i:], p.lda, b.k, m}
	}
	return part[T]{p.a[i*p.lda+b.l:], p.lda, m, b.k}
}

func (p product[T]) partB(b block) part[T] {
	if p.transB {
		return part[T]{p.b[b.j*p.ldb+b.l:], p.ldb, b.n, b.k}
	}
	return part[T]{p.b[b.l*p.ldb+b.j:], p.ldb, b.k, b.n}
}
