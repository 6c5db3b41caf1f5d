package probe

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// sampledCoordinates is how many parameters' gradients [Gradients.Reduce] keeps whole: 1 MB at n = 512.
const sampledCoordinates = 256

// Coordinates holds the gradients of all units with respect to a few parameters.
type Coordinates struct {
	// Index names the parameters, ascending, layers side by side.
	Index []int
	// Values is n×len(Index), not centred, exact zeros as they are.
	Values []float64
}

// selection is some columns of the gradients and where they are to go.
type selection struct {
	index  []int // ascending
	dst    []float64
	stride int
}

// coordinator is a layer that can give single coordinates cheaply.
type coordinator interface {
	// coordinatesTo writes dst[i*stride+k] = (g_i)_index[k].
	coordinatesTo(dst []float64, stride int, index []int)
}

// Coordinates returns the gradients with respect to the parameters in index, ascending, as n×len(index) numbers, the very ones
// that the layers hold. Of a layer in a file it reads those columns.
func (g *Gradients) Coordinates(index []int) []float64 {
	if !slices.IsSorted(index) || len(index) > 0 && (index[0] < 0 || index[len(index)-1] >= g.Parameters()) {
		panic("probe: coordinates have to be ascending, and those of parameters")
	}
	s := selection{index: index, dst: make([]float64, g.Units()*len(index)), stride: len(index)}
	at := 0
	for _, l := range g.Layers {
		s.of(l, at).copyFrom(l)
		at += l.Parameters()
	}
	return s.dst
}

// of returns those columns that belong to a layer whose parameters begin at the given one, counted within it.
func (s selection) of(l Layer, at int) selection {
	first, _ := slices.BinarySearch(s.index, at)
	end, _ := slices.BinarySearch(s.index, at+l.Parameters())
	own := selection{index: make([]int, 0, end-first), dst: s.dst[min(first, len(s.dst)):], stride: s.stride}
	for _, j := range s.index[first:end] {
		own.index = append(own.index, j-at)
	}
	return own
}

// copyFrom goes through all of every gradient where the layer gives nothing less.
func (s selection) copyFrom(l Layer) {
	if len(s.index) == 0 {
		return
	}
	if c, ok := l.(coordinator); ok {
		c.coordinatesTo(s.dst, s.stride, s.index)
		return
	}
	row := make([]float64, l.Parameters())
	for i := range l.Units() {
		l.UnitTo(row, i)
		for k, j := range s.index {
			s.dst[i*s.stride+k] = row[j]
		}
	}
}

// copyBlock takes what a block has of the columns.
func (s selection) copyBlock(b block) {
	width := b.right - b.left
	for k, j := range s.index {
		if j < b.left || j >= b.right {
			continue
		}
		for i := range len(b.values) / width {
			s.dst[i*s.stride+k] = b.values[i*width+j-b.left]
		}
	}
}

// newSample chooses random coordinates, one from each of equally long stretches of parameters: the same for all gradients with
// as many parameters, so that checkpoints compare. Their values are still to come.
func (g *Gradients) newSample() *Coordinates {
	p := g.Parameters()
	count := min(p, sampledCoordinates)
	rng := seed.New(1, "coordinates", uint64(p))
	c := &Coordinates{Index: make([]int, count), Values: make([]float64, g.Units()*count)}
	for k := range c.Index {
		lo, hi := k*p/count, (k+1)*p/count
		c.Index[k] = lo + rng.IntN(hi-lo)
	}
	return c
}

func (f *Factored) coordinatesTo(dst []float64, stride int, index []int) {
	for i := range f.N {
		a, delta := f.A[i*f.In:(i+1)*f.In], f.Delta[i*f.Out:(i+1)*f.Out]
		for k, j := range index {
			if bias := j - f.Out*f.In; bias >= 0 {
				dst[i*stride+k] = float64(delta[bias])
			} else {
				dst[i*stride+k] = float64(delta[j/f.In]) * float64(a[j%f.In])
			}
		}
	}
}

func (d *Dense) coordinatesTo(dst []float64, stride int, index []int) {
	for i := range d.N {
		for k, j := range index {
			dst[i*stride+k] = d.G[i*d.P+j]
		}
	}
}

// coordinatesTo reads column after column.
func (s *Streamed) coordinatesTo(dst []float64, stride int, index []int) {
	column := make([]float64, s.Units())
	for k, j := range index {
		if s.err == nil {
			if err := s.source.ReadBlock(column, 0, len(column), j, j+1); err != nil {
				s.fail(err)
			}
		}
		if s.err != nil {
			clear(column)
		}
		for i, v := range column {
			dst[i*stride+k] = v
		}
	}
}
