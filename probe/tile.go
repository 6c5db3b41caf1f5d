package probe

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// tile is a part of a block with so few columns that all of its rows fit in a processor's cache.
type tile[T number] struct {
	n           int
	left, right int // its columns of the matrix
	stride      int // between the starts of rows
	values      []T // of the block, from the tile's first row and column on
}

// tileSums are sums over the columns of a tile, one for each unit: |g_i|^2, gbar . (g_i - gbar), and g_i . v for every
// direction v; or the error that prevented them.
type tileSums struct {
	normSq, meanDot []float64
	along           [][]float64
	nonzero         bool
	err             error
}

// tiles cuts a block into tiles, which do not depend on the number of workers, so that the sums over tiles do not either.
func tiles[T number](s *Streamed, b block[T]) []tile[T] {
	var all []tile[T]
	for left := b.left; left < b.right; left += tileColumns {
		t := tile[T]{n: s.Units(), left: left, right: min(left+tileColumns, b.right), stride: b.right - b.left, values: b.values[left-b.left:]}
		all = append(all, t)
	}
	return all
}

// centre subtracts the mean from every row of a block, after computing the sums that need the rows as they are.
func centre[T number](s *Streamed, b block[T], directions [][]float32) []tileSums {
	tiles := tiles(s, b)
	sums := make([]tileSums, len(tiles))
	parallel.For(len(tiles), 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			t := tiles[k]
			sums[k] = t.centre(s.mean[t.left:t.right], s.variance[t.left:t.right], directions)
		}
	})
	return sums
}

func (t tile[T]) row(i int) []T { return t.values[i*t.stride:][:t.right-t.left] }

// centre subtracts the mean from every row, and writes mean and variance of the columns, divisor n.
func (t tile[T]) centre(mean, variance []float64, directions [][]float32) tileSums {
	s := tileSums{normSq: make([]float64, t.n), meanDot: make([]float64, t.n)}
	for i := range s.normSq {
		row := t.row(i)
		s.normSq[i] = normSq(row)
		if s.err = t.check(i, s.normSq[i]); s.err != nil {
			return s
		}
		s.nonzero = s.nonzero || s.normSq[i] > 0 || slices.ContainsFunc(row, func(v T) bool { return v != 0 })
	}
	for _, v := range directions {
		s.along = append(s.along, t.project(v[t.left:]))
	}
	t.meanTo(mean)
	for i := range t.n {
		s.meanDot[i] = centreRow(t.row(i), mean, variance)
	}
	for j := range variance {
		variance[j] /= float64(t.n)
	}
	return s
}

// check returns an error if the squared norm of row i is not finite, which says where the row has a NaN or an infinite value.
func (t tile[T]) check(i int, normSq float64) error {
	if finite(normSq) {
		return nil
	}
	for j, v := range t.row(i) {
		if finite(v) {
			continue
		}
		what := "infinite value"
		if math.IsNaN(float64(v)) {
			what = "NaN"
		}
		return fmt.Errorf("%s at row %d, column %d (counting from 0)", what, i, t.left+j)
	}
	return fmt.Errorf("values of row %d are so large that their squares are infinite", i)
}

// project returns g_i . v over the columns of the tile, the first of which belongs to the first element of v.
func (t tile[T]) project(v []float32) []float64 {
	along, own := make([]float64, t.n), v[:t.right-t.left]
	wide := widened(own)
	for i := range along {
		switch row := any(t.row(i)).(type) {
		case []float32:
			along[i] = vector.Dot(row, own)
		case []float64:
			along[i] = dot64(row, wide)
		}
	}
	return along
}

// meanTo writes the mean of the rows. A second pass, over the deviations, makes it accurate where the mean is large; of float32, whose sums in
// float64 are exact there, it would change nothing.
func (t tile[T]) meanTo(mean []float64) {
	n := float64(t.n)
	clear(mean)
	for i := range t.n {
		switch row := any(t.row(i)).(type) {
		case []float32:
			vector.AddWide(mean, row)
		case []float64:
			addTo(mean, row)
		}
	}
	for j := range mean {
		mean[j] /= n
	}
	rows, wide := any(t).(tile[float64])
	if !wide {
		return
	}
	rest := make([]float64, len(mean))
	for i := range t.n {
		for j, v := range rows.row(i) {
			rest[j] += v - mean[j]
		}
	}
	for j := range mean {
		mean[j] += rest[j] / n
	}
}

// normSq is the squared norm of a row, in float64.
func normSq[T number](row []T) float64 {
	switch row := any(row).(type) {
	case []float32:
		return vector.Dot(row, row)
	case []float64:
		return dot64(row, row)
	}
	panic("probe: no such number")
}

// centreRow subtracts the mean from a row, adds the squares of the deviations to squares, and returns the product of deviations and mean.
func centreRow[T number](row []T, mean, squares []float64) float64 {
	switch row := any(row).(type) {
	case []float32:
		return vector.Centre(row, mean, squares)
	case []float64:
		for j, m := range mean {
			row[j] -= m
			squares[j] += float64(row[j] * row[j])
		}
		return dot64(row, mean)
	}
	panic("probe: no such number")
}

// dot64 is the dot product of two vectors, in four independent sums that a processor can add up at the same time.
func dot64(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a += float64(x[i] * y[i])
		b += float64(x[i+1] * y[i+1])
		c += float64(x[i+2] * y[i+2])
		d += float64(x[i+3] * y[i+3])
	}
	for ; i < len(x); i++ {
		a += float64(x[i] * y[i])
	}
	return (a + b) + (c + d)
}
