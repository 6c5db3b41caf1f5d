package strided

import (
	"cmp"
	"errors"
	"io"
	"math"
	"slices"
	"sync"
)

// Matrix is an array in a file. It can be read from several goroutines.
type Matrix struct {
	// R holds the bytes of the array, from its first element on.
	R       io.ReaderAt
	Element Element
	// BigEndian says that the bytes of each element are in big-endian order.
	BigEndian bool
	// Fortran says that in the file the first index runs fastest instead of the last.
	Fortran bool
	// Shape has at least one axis, the rows; without another there is one column.
	Shape []int
}

// Units is the number of rows.
func (m *Matrix) Units() int { return m.Shape[0] }

// Parameters is the number of columns.
func (m *Matrix) Parameters() int {
	columns, _ := Elements(m.Shape[1:])
	return columns
}

// Elements returns the number of elements of an array; ok is false if a dimension is negative or the number does not fit in an int.
func Elements(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// Single reports whether every number is one of float32, which ReadSingles needs.
func (m *Matrix) Single() bool { return m.Element != Float64 }

const (
	// readers is the number of simultaneous requests: a disk serves several of them faster than one after another.
	readers = 4
	// pieceBytes is about the number of bytes of a matrix in Fortran order that are read at a time.
	pieceBytes = 1 << 18
)

// ReadBlock writes rows top to bottom-1 of columns left to right-1, row after row. dst has their number of elements.
func (m *Matrix) ReadBlock(dst []float64, top, bottom, left, right int) error {
	return readBlock(m, dst, top, bottom, left, right)
}

// ReadSingles is ReadBlock in float32. It panics where a number may need more.
func (m *Matrix) ReadSingles(dst []float32, top, bottom, left, right int) error {
	if !m.Single() {
		panic("strided: float64 read as float32")
	}
	return readBlock(m, dst, top, bottom, left, right)
}

func readBlock[T float32 | float64](m *Matrix, dst []T, top, bottom, left, right int) error {
	if top < 0 || bottom > m.Units() || left < 0 || right > m.Parameters() || len(dst) != (bottom-top)*(right-left) {
		panic("strided: block out of range, or a dst of the wrong size")
	}
	if len(dst) == 0 {
		return nil
	}
	if m.Fortran {
		return readColumns(m, dst, top, bottom, left, right)
	}
	return readRows(m, dst, top, bottom, left, right)
}

// readRows reads the part of each row with a request of its own.
func readRows[T float32 | float64](m *Matrix, dst []T, top, bottom, left, right int) error {
	width, columns := right-left, m.Parameters()
	return concurrently(bottom-top, func(lo, hi int) error {
		buffer := make([]byte, width*m.Element.Size())
		for i := lo; i < hi; i++ {
			row := dst[i*width : (i+1)*width]
			own, asStored := bytesOf(m.Element, row)
			if !asStored {
				own = buffer
			}
			if err := m.read(own, (top+i)*columns+left); err != nil {
				return err
			}
			if !asStored {
				decode(m.Element, row, own)
			}
		}
		return nil
	})
}

// readColumns reads several columns that are consecutive in the file at once, if all of their rows are wanted.
func readColumns[T float32 | float64](m *Matrix, dst []T, top, bottom, left, right int) error {
	n, height, width := m.Units(), bottom-top, right-left
	most := 1
	if height == n && len(m.Shape) <= 2 {
		most = max(1, pieceBytes/(n*m.Element.Size()))
	}
	return concurrently(width, func(lo, hi int) error {
		columns := make([]T, min(most, hi-lo)*height)
		buffer := make([]byte, len(columns)*m.Element.Size())
		for j := lo; j < hi; j += most {
			piece := columns[:min(most, hi-j)*height]
			bytes := buffer[:len(piece)*m.Element.Size()]
			if err := m.read(bytes, m.place(left+j)*n+top); err != nil {
				return err
			}
			decode(m.Element, piece, bytes)
			transpose(dst[j:], width, piece, height)
		}
		return nil
	})
}

// transpose writes columns of the given height side by side into rows that are width apart. It takes a few columns at a time, so that
// neither reading nor writing proceeds only in large strides.
func transpose[T float32 | float64](dst []T, width int, columns []T, height int) {
	const few = 16
	for j := 0; j < len(columns)/height; j += few {
		group := columns[j*height : min((j+few)*height, len(columns))]
		for i := range height {
			at := i*width + j
			for k := i; k < len(group); k += height {
				dst[at] = group[k]
				at++
			}
		}
	}
}

// place is the index of a column among the columns of a file in Fortran order.
func (m *Matrix) place(column int) int {
	at, stride := 0, m.Parameters()
	for k := len(m.Shape) - 1; k > 0; k-- {
		stride /= m.Shape[k]
		at += column % m.Shape[k] * stride
		column /= m.Shape[k]
	}
	return at
}

// read fills b with the elements from number first on, in little-endian order.
func (m *Matrix) read(b []byte, first int) error {
	size := m.Element.Size()
	if n, err := m.R.ReadAt(b, int64(first)*int64(size)); n < len(b) {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errors.New("file ends inside the data")
		}
		return err
	}
	if m.BigEndian {
		for item := range slices.Chunk(b, size) {
			slices.Reverse(item)
		}
	}
	return nil
}

// concurrently calls do for consecutive parts of 0 to n-1 at the same time, and returns the error of the first part that has one.
func concurrently(n int, do func(lo, hi int) error) error {
	parts := min(readers, n)
	failed := make([]error, parts)
	var all sync.WaitGroup
	for p := range parts {
		all.Go(func() { failed[p] = do(p*n/parts, (p+1)*n/parts) })
	}
	all.Wait()
	return cmp.Or(failed...)
}
