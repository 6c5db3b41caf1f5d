package probe

import (
	"fmt"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// Blocks is a matrix of gradients, one row a unit, that is read in blocks because it need not fit in memory.
type Blocks interface {
	// Units is n, the number of rows, and Parameters that of columns.
	Units() int
	Parameters() int
	// ReadBlock writes rows top to bottom-1 of columns left to right-1, row after row.
	ReadBlock(dst []float64, top, bottom, left, right int) error
}

// granular is a matrix whose columns cost least to read in multiples of a number.
type granular interface{ granule() int }

// block is all rows of a few columns, in memory, or why they are not there.
type block struct {
	left, right int
	values      []float64
	err         error
}

// eachBlock reads block after block, the next one while do works on one, and stops at the first error of either.
func (s *Streamed) eachBlock(do func(b block) error) {
	if s.err != nil {
		return
	}
	full, empty, stop := make(chan block), make(chan []float64, 2), make(chan struct{})
	defer close(stop)
	for range cap(empty) {
		empty <- borrowBlock(s.Units() * s.width)
	}
	go s.readBlocks(full, empty, stop)
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

// blockMemory keeps blocks from one layer to the next: they would be most of the garbage of a process, up to as much again as it
// uses.
var blockMemory sync.Pool

func borrowBlock(length int) []float64 {
	if b, ok := blockMemory.Get().(*[]float64); ok && cap(*b) >= length {
		return (*b)[:length]
	}
	return make([]float64, length)
}

func returnBlock(b []float64) { blockMemory.Put(&b) }

// readBlocks fills empty memory with blocks until there are no more or nobody wants them.
func (s *Streamed) readBlocks(full chan<- block, empty <-chan []float64, stop <-chan struct{}) {
	defer close(full)
	n, p := s.Units(), s.Parameters()
	for left := 0; left < p; left += s.width {
		b := block{left: left, right: min(left+s.width, p)}
		select {
		case b.values = <-empty:
		case <-stop:
			return
		}
		b.values = b.values[:n*(b.right-left)]
		b.err = s.source.ReadBlock(b.values, 0, n, left, b.right)
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
