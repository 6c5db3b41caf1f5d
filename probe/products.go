package probe

import (
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// products is a matrix of gradients that are computed from their factors when they are read, in float32: sums of outer products
// over the positions of a unit ([LayerForm]).
type products struct {
	form LayerForm
	n    int
	// unit returns the factors of unit i, in the slices that it is given or in memory of its own.
	unit func(a, delta []float32, i int) ([]float32, []float32, error)
}

var _ Blocks = (*products)(nil)

func (p *products) Units() int      { return p.n }
func (p *products) Parameters() int { return p.form.Parameters }

// granule is the number of weights of one output, which are computed together.
func (p *products) granule() int { return p.form.rowLength() }

// ReadBlock gathers the patches of a convolution once for every row of the block.
func (p *products) ReadBlock(dst []float64, top, bottom, left, right int) error {
	failed := make([]error, bottom-top)
	parallel.For(bottom-top, 1, func(lo, hi int) {
		m := p.newMultiplier(left, right)
		for i := lo; i < hi; i++ {
			a, delta, err := p.unit(m.a, m.delta, top+i)
			if failed[i] = err; err != nil {
				return
			}
			m.multiply(dst[i*(right-left):(i+1)*(right-left)], a, delta)
		}
	})
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// multiplier computes the same columns of one unit after another.
type multiplier struct {
	form        LayerForm
	left, right int // columns
	first, end  int // outputs whose weights are among these columns
	a, delta    []float32
	patches     []float32
	product     []float32
}

func (p *products) newMultiplier(left, right int) *multiplier {
	f, length, parts := p.form, p.form.rowLength(), p.form.parts()
	m := &multiplier{form: f, left: left, right: right, a: make([]float32, parts[0].size()), delta: make([]float32, parts[1].size())}
	m.first = min(left/length, f.Out)
	m.end = max(m.first, min((right+length-1)/length, f.Out))
	m.product = make([]float32, (m.end-m.first)*length)
	if f.Geometry != nil {
		m.patches = make([]float32, f.positions()*length)
	}
	return m
}

// multiply writes the columns of the unit that has these factors.
func (m *multiplier) multiply(dst []float64, a, delta []float32) {
	f, length := m.form, m.form.rowLength()
	if f.Geometry != nil {
		f.Geometry.GatherTo(m.patches, a)
		a = m.patches
	}
	gemm.Sgemm(true, false, m.end-m.first, length, f.positions(), 1, delta[min(m.first, f.Out-1):], f.Out, a, length, 0, m.product, length)
	for o := m.first; o < m.end; o++ {
		lo, hi := max(m.left, o*length), min(m.right, (o+1)*length)
		m.widen(dst[lo-m.left:hi-m.left], m.product[(o-m.first)*length:][:length], lo-o*length)
	}
	for j := max(m.left, f.Out*length); j < m.right; j++ {
		sum := 0.0
		for t := j - f.Out*length; t < len(delta); t += f.Out {
			sum += float64(delta[t])
		}
		dst[j-m.left] = sum
	}
}

// widen copies the weights of an output, from the given one on, in the order of the parameters: channels come last in a patch, but
// before rows and columns in the weights.
func (m *multiplier) widen(dst []float64, row []float32, from int) {
	if m.form.Geometry == nil {
		for j := range dst {
			dst[j] = float64(row[from+j])
		}
		return
	}
	channels := m.form.In
	pixels := len(row) / channels
	c, pixel := from/pixels, from%pixels
	for j := range dst {
		dst[j] = float64(row[pixel*channels+c])
		if pixel++; pixel == pixels {
			c, pixel = c+1, 0
		}
	}
}
