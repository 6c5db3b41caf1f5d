package probe

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// sampledCoordinates is the number of parameters for which [Gradients.Reduce] keeps the gradients of all units: 1 MB at n = 512.
const sampledCoordinates = 256

// Coordinates holds the gradients of all units with respect to a few parameters.
type Coordinates struct {
	// Index lists the parameters, ascending, counted over all layers.
	Index []int
	// Values is n×len(Index), not centred, so that exact zeros stay exact.
	Values []float64
}

// selection names columns of the gradients and where to copy them.
type selection struct {
	index  []int // ascending
	dst    []float64
	stride int
}

// coordinator is a layer that can give single coordinates without computing whole gradients.
type coordinator interface {
	// coordinatesTo writes dst[i*stride+k] = (g_i)_index[k].
	coordinatesTo(dst []float64, stride int, index []int)
}

// of returns the columns that belong to a layer whose first parameter is number at of all, counted within the layer.
func (s selection) of(l Layer, at int) selection {
	first, _ := slices.BinarySearch(s.index, at)
	end, _ := slices.BinarySearch(s.index, at+l.Parameters())
	own := selection{index: make([]int, 0, end-first), dst: s.dst[min(first, len(s.dst)):], stride: s.stride}
	for _, j := range s.index[first:end] {
		own.index = append(own.index, j-at)
	}
	return own
}

// copyFrom copies the columns from a layer, out of whole gradients where the layer gives no single coordinates.
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

// copyBlock copies those of the columns that are in a block.
func copyBlock[T number](s selection, b block[T]) {
	width := b.right - b.left
	for k, j := range s.index {
		if j < b.left || j >= b.right {
			continue
		}
		for i := range len(b.values) / width {
			s.dst[i*s.stride+k] = float64(b.values[i*width+j-b.left])
		}
	}
}

// newSample chooses random coordinates, one from each of equally long stretches of parameters. They are the same for all gradients
// with the same number of parameters, so that checkpoints can be compared. The values are not filled in.
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
	parallel.For(f.N, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, delta := f.unit(i)
			for k, j := range index {
				if bias := j - f.Out*f.In; bias >= 0 {
					dst[i*stride+k] = float64(delta[bias])
				} else {
					dst[i*stride+k] = float64(delta[j/f.In]) * float64(a[j%f.In])
				}
			}
		}
	})
}

func (d *Dense) coordinatesTo(dst []float64, stride int, index []int) {
	for i := range d.N {
		for k, j := range index {
			dst[i*stride+k] = d.G[i*d.P+j]
		}
	}
}
