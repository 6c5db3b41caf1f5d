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

// coordinator is a layer that can give single coordinates cheaply.
type coordinator interface {
	// coordinatesTo writes dst[i*stride+k] = (g_i)_index[k].
	coordinatesTo(dst []float64, stride int, index []int)
}

// Coordinates returns the gradients with respect to the parameters in index, ascending, as n×len(index) numbers. It is nil
// where a layer is read from a file, which would take another pass over it.
func (g *Gradients) Coordinates(index []int) []float64 {
	if !slices.IsSorted(index) || len(index) > 0 && index[0] < 0 {
		panic("probe: coordinates have to be ascending")
	}
	dst := make([]float64, g.Units()*len(index))
	at, first := 0, 0
	for _, l := range g.Layers {
		c, ok := l.(coordinator)
		if !ok {
			return nil
		}
		var own []int
		for k := first; k < len(index) && index[k] < at+l.Parameters(); k++ {
			own = append(own, index[k]-at)
		}
		if len(own) > 0 {
			c.coordinatesTo(dst[first:], len(index), own)
		}
		first += len(own)
		at += l.Parameters()
	}
	if first < len(index) {
		panic("probe: there are fewer parameters than coordinates say")
	}
	return dst
}

// sample returns random coordinates, one from each of equally long stretches of parameters: the same for all gradients with as
// many parameters, so that checkpoints compare.
func (g *Gradients) sample() *Coordinates {
	p := g.Parameters()
	count := min(p, sampledCoordinates)
	rng := seed.New(1, "coordinates", uint64(p))
	c := &Coordinates{Index: make([]int, count)}
	for k := range c.Index {
		lo, hi := k*p/count, (k+1)*p/count
		c.Index[k] = lo + rng.IntN(hi-lo)
	}
	if c.Values = g.Coordinates(c.Index); c.Values == nil {
		return nil
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
