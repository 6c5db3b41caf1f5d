package probe

import (
	"fmt"
	"math"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// Blocks is a matrix of gradients, one row a unit, that is read in blocks so that it need not fit in memory.
type Blocks interface {
	// Units is n, the number of rows, and Parameters the number of columns.
	Units() int
	Parameters() int
	// ReadBlock writes rows top to bottom-1 of columns left to right-1, row after row.
	ReadBlock(dst []float64, top, bottom, left, right int) error
}

// granular is a matrix whose columns are cheapest to read in multiples of granule.
type granular interface{ granule() int }

func granuleOf(b Blocks) int {
	if g, ok := b.(granular); ok {
		return g.granule()
	}
	return tileColumns
}

// number is what gradients are computed with.
type number interface{ float32 | float64 }

func finite[T number](x T) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// block holds all rows of some columns, or the error that prevented reading them.
type block[T number] struct {
	left, right int
	values      []T
	err         error
}

// reading is [Blocks.ReadBlock], or [singles.ReadSingles].
type reading[T number] func(dst []T, top, bottom, left, right int) error

// eachBlock calls do with block after block, and reads the next one meanwhile. It stops at the first error of reading or of do.
func (s *Streamed) eachBlock(do func(b block[float64]) error) { eachBlock(s, s.source.ReadBlock, do) }

func eachBlock[T number](s *Streamed, read reading[T], do func(b block[T]) error) {
	if s.err != nil {
		return
	}
	full, empty, stop := make(chan block[T]), make(chan []T, 2), make(chan struct{})
	defer close(stop)
	for range cap(empty) {
		empty <- borrowBlock[T](s.Units() * s.width)
	}
	go readBlocks(s, read, full, empty, stop)
	for b := range full {
		err := b.err
		if err == nil {
			err = do(b)
		}
		if err != nil {
			s.fail(err)
			return
		}
		if s.Progress != nil {
			s.Progress(len(b.values))
		}
		empty <- b.values[:s.Units()*s.width]
	}
	for range cap(empty) {
		returnBlock(<-empty)
	}
}

// blockMemory keeps the memory of blocks, and of what else a Gram matrix is made from, for the next layer. As garbage it could double the memory
// of a process until it is collected, and new memory is cleared first.
var blockMemory sync.Pool

func borrowBlock[T number](length int) []T {
	if b, ok := blockMemory.Get().(*[]T); ok && cap(*b) >= length {
		return (*b)[:length]
	}
	return make([]T, length)
}

func returnBlock[T number](b []T) { blockMemory.Put(&b) }

// readBlocks fills empty memory with blocks until all have been read or stop is closed.
func readBlocks[T number](s *Streamed, read reading[T], full chan<- block[T], empty <-chan []T, stop <-chan struct{}) {
	defer close(full)
	n, p := s.Units(), s.Parameters()
	for left := 0; left < p; left += s.width {
		b := block[T]{left: left, right: min(left+s.width, p)}
		select {
		case b.values = <-empty:
		case <-stop:
			return
		}
		b.values = b.values[:n*(b.right-left)]
		b.err = read(b.values, 0, n, left, b.right)
		select {
		case full <- b:
		case <-stop:
			return
		}
	}
}

func (s *Streamed) fail(err error) {
	if s.err == nil {
		s.err = fmt.Errorf("%s: %w", s.Place, err)
	}
}

// float32Rows is a matrix of gradients in memory.
type float32Rows struct {
	p      int
	values []float32
}

func (r *float32Rows) Units() int      { return len(r.values) / r.p }
func (r *float32Rows) Parameters() int { return r.p }

func (r *float32Rows) ReadBlock(dst []float64, top, bottom, left, right int) error {
	width := right - left
	parallel.For(bottom-top, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			to := dst[i*width : (i+1)*width]
			for j, v := range r.values[(top+i)*r.p+left:][:width] {
				to[j] = float64(v)
			}
		}
	})
	return nil
}
