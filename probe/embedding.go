package probe

import (
	"cmp"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
)

// Embedding holds the gradients of a table W [Rows, Width] of which unit i reads the rows with the numbers ids_i1, ..., ids_iT: for unit i
//
//	dL_i/dW[r] = sum over t with ids_it = r of delta_it
//
// which is 0 in all but at most T rows. Nothing of size n×P is formed.
type Embedding struct {
	Layer          string
	N, Rows, Width int
	entries        []embedded
	values         []float64 // [len(entries), Width]
	starts         []int     // where the entries of the next row begin, and the end
}

// embedded is one row of one unit's gradient.
type embedded struct{ row, unit int }

// NewEmbedding adds up the deltas [n, T, width] that have the same number in ids [n, T], which must be at least 0 and below rows.
func NewEmbedding(layer string, n, rows, width int, ids []int64, delta []float32) *Embedding {
	if len(ids)*width != len(delta) || n == 0 || len(ids)%n != 0 {
		panic("probe: ids and deltas of the wrong size")
	}
	e := &Embedding{Layer: layer, N: n, Rows: rows, Width: width}
	order, positions := upTo(len(ids)), len(ids)/n
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(ids[a], ids[b]), cmp.Compare(a, b)) })
	places := make([]int, len(ids)) // of the entries that the deltas go to
	for _, k := range order {
		places[k] = e.place(embedded{int(ids[k]), k / positions})
	}
	e.starts = append(e.starts, len(e.entries))
	e.values = make([]float64, len(e.entries)*width)
	for k, at := range places {
		sum := e.values[at*width : (at+1)*width]
		for j, v := range delta[k*width : (k+1)*width] {
			sum[j] += float64(v)
		}
	}
	return e
}

// place is the index of an entry, which is the last one or comes behind it.
func (e *Embedding) place(now embedded) int {
	n := len(e.entries)
	if n > 0 && e.entries[n-1] == now {
		return n - 1
	}
	if n == 0 || e.entries[n-1].row != now.row {
		e.starts = append(e.starts, n)
	}
	e.entries = append(e.entries, now)
	return n
}

func (e *Embedding) Name() string    { return e.Layer }
func (e *Embedding) Units() int      { return e.N }
func (e *Embedding) Parameters() int { return e.Rows * e.Width }
func (e *Embedding) Err() error      { return nil }

// bag is a row of the table with the gradients of the units that read it.
type bag struct {
	row     int
	entries []embedded
	values  []float64 // [len(entries), Width]
}

// bags calls do for every row that a unit reads, in order.
func (e *Embedding) bags(do func(b bag)) {
	for k, first := range e.starts[:len(e.starts)-1] {
		end := e.starts[k+1]
		do(bag{e.entries[first].row, e.entries[first:end], e.values[first*e.Width : end*e.Width]})
	}
}

func (b bag) value(k int) []float64 {
	width := len(b.values) / len(b.entries)
	return b.values[k*width : (k+1)*width]
}

// mean is the mean of the row's gradient over all n units.
func (b bag) mean(n int) []float64 {
	mean := make([]float64, len(b.values)/len(b.entries))
	for i, v := range b.values {
		mean[i%len(mean)] += v / float64(n)
	}
	return mean
}

// AddGram multiplies, row by row of the table, the gradients of the units that read it, in float64 and with c = 0.
func (e *Embedding) AddGram(dst []float64) Moments {
	m := Moments{NormSq: make([]float64, e.N)}
	product := make([]float64, e.N*e.N)
	e.bags(func(b bag) {
		k := len(b.entries)
		gemm.Dgemm(false, true, k, k, e.Width, 1, b.values, e.Width, b.values, e.Width, 0, product, k)
		for x, one := range b.entries {
			for y, other := range b.entries[:x+1] {
				dst[one.unit*e.N+other.unit] += product[x*k+y]
			}
			m.NormSq[one.unit] += product[x*k+x]
		}
		mean := b.mean(e.N)
		m.MeanNormSq += dot64(mean, mean)
		m.Trace += sum(b.variance(e.N, mean))
	})
	return m
}

// variance is that of the row's gradient over all n units, most of which may not read it.
func (b bag) variance(n int, mean []float64) []float64 {
	variance := make([]float64, len(mean))
	for i, v := range b.values {
		less := v - mean[i%len(mean)]
		variance[i%len(mean)] += less * less / float64(n)
	}
	rest := float64(n-len(b.entries)) / float64(n)
	for j, m := range mean {
		variance[j] += float64(rest * m * m)
	}
	return variance
}

// MeanTo writes the mean gradient.
func (e *Embedding) MeanTo(dst []float64) {
	checkSize(e.Layer, len(dst), e.Parameters())
	clear(dst)
	e.bags(func(b bag) { copy(dst[b.row*e.Width:], b.mean(e.N)) })
}

// VarianceTo writes the variances, 0 in rows that no unit reads.
func (e *Embedding) VarianceTo(dst []float64) {
	checkSize(e.Layer, len(dst), e.Parameters())
	clear(dst)
	e.bags(func(b bag) { copy(dst[b.row*e.Width:], b.variance(e.N, b.mean(e.N))) })
}

// ProjectTo adds g_i . v to dst[i].
func (e *Embedding) ProjectTo(dst []float64, v []float32) {
	checkSize(e.Layer, len(v), e.Parameters())
	checkSize(e.Layer, len(dst), e.N)
	e.bags(func(b bag) {
		wide := widened(v[b.row*e.Width : (b.row+1)*e.Width])
		for k, one := range b.entries {
			dst[one.unit] += dot64(b.value(k), wide)
		}
	})
}

// UnitTo writes the gradient of unit i.
func (e *Embedding) UnitTo(dst []float64, i int) {
	checkSize(e.Layer, len(dst), e.Parameters())
	clear(dst)
	e.bags(func(b bag) {
		if k, ok := b.of(i); ok {
			copy(dst[b.row*e.Width:], b.value(k))
		}
	})
}

// of is the place of a unit in the bag, if it reads the row.
func (b bag) of(unit int) (k int, ok bool) {
	return slices.BinarySearchFunc(b.entries, unit, func(e embedded, unit int) int { return cmp.Compare(e.unit, unit) })
}

func (e *Embedding) coordinatesTo(dst []float64, stride int, index []int) {
	for k, j := range index {
		for i := range e.N {
			dst[i*stride+k] = 0
		}
		e.bags(func(b bag) {
			if b.row != j/e.Width {
				return
			}
			for x, one := range b.entries {
				dst[one.unit*stride+k] = b.value(x)[j%e.Width]
			}
		})
	}
}

// addCross adds the products with the gradients of another table of the same size, row by row.
func (e *Embedding) addCross(dst []float64, o *Embedding) {
	next, bags := 0, []bag(nil)
	o.bags(func(b bag) { bags = append(bags, b) })
	e.bags(func(b bag) {
		for next < len(bags) && bags[next].row < b.row {
			next++
		}
		if next == len(bags) || bags[next].row != b.row {
			return
		}
		other := bags[next]
		for x, one := range b.entries {
			for y, two := range other.entries {
				dst[one.unit*o.N+two.unit] += dot64(b.value(x), other.value(y))
			}
		}
	})
}
