package probe

import (
	"errors"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
)

// Streamed is a layer whose gradients are not in memory as float64: they stay in a file, or are computed from factors ([LayerForm]).
// Its methods read them in blocks of columns, two of which are in memory: one is read while the other is used. [Gradients.Reduce]
// reads the gradients once, for projections and coordinates as well, and keeps mean and variance of every parameter in memory.
//
// The methods of a layer return no errors: the first one is kept for Err. Besides gradients that cannot be read, those that are NaN or
// infinite are errors, and those so large that |g_i|^2 is infinite.
type Streamed struct {
	// Layer is the layer's name; Place is the beginning of an error about its gradients, such as the name of the file.
	Layer, Place string
	// Progress, if not nil, is called after every block with the number of numbers in it.
	Progress func(numbers int)

	source         Blocks
	width          int // columns in a block
	err            error
	mean, variance []float64 // nil before the first pass
}

const (
	// vanishing is the sum of squares below which squares lose digits, or are 0, in float64.
	vanishing = 0x1p-960
	// tileColumns is the number of columns in a tile, the part of a block that one worker centres at a time.
	tileColumns = 256
)

// blockBytes is the memory of a block of float64, which tests make smaller: with 1000 rows of float32 in a file, 32 kB of every row are read at a
// time. A block has at least tileColumns columns.
var blockBytes = 64 << 20

// NewStreamed makes a layer from a matrix of at least one row, which is read when the layer's methods are called.
func NewStreamed(layer string, source Blocks) *Streamed {
	most, grain := max(blockBytes/8/source.Units(), tileColumns), granuleOf(source)
	if most < grain {
		grain = tileColumns
	}
	return &Streamed{Layer: layer, Place: "layer " + layer, source: source, width: min(most/grain*grain, source.Parameters())}
}

// with is a layer of other gradients that come from the same place.
func (s *Streamed) with(source Blocks) *Streamed {
	other := NewStreamed(s.Layer, source)
	other.Place = s.Place
	return other
}

func (s *Streamed) Name() string    { return s.Layer }
func (s *Streamed) Units() int      { return s.source.Units() }
func (s *Streamed) Parameters() int { return s.source.Parameters() }
func (s *Streamed) Err() error      { return s.err }

// BlockBytes is the memory of both blocks, and KeptBytes that of what stays in memory afterwards: mean and variance.
func (s *Streamed) BlockBytes() float64 {
	return float64(2*8*s.width) * float64(s.Units())
}
func (s *Streamed) KeptBytes() float64 { return 2 * 8 * float64(s.Parameters()) }

// AddGram centres every block before it multiplies it, as [Dense] does, so that its c is gbar.
func (s *Streamed) AddGram(dst []float64) Moments { return s.addDouble(dst, wanted{}) }

// addDouble is a [multiplication] in float64.
func (s *Streamed) addDouble(dst []float64, w wanted) Moments {
	n := s.Units()
	return momentsOf(s, s.source.ReadBlock, w, func(b block[float64]) {
		gemm.Dsyrk(n, b.right-b.left, b.values, b.right-b.left, 1, dst, n)
	})
}

// momentsOf makes a pass, in which add sees every block after it is centred.
func momentsOf[T number](s *Streamed, read reading[T], w wanted, add func(b block[T])) Moments {
	n := s.Units()
	m := Moments{NormSq: make([]float64, n), MeanDot: make([]float64, n)}
	nonzero := false
	pass(s, read, w, func(b block[T], sums []tileSums) {
		for _, t := range sums {
			addTo(m.NormSq, t.normSq)
			addTo(m.MeanDot, t.meanDot)
			nonzero = nonzero || t.nonzero
			for k, values := range t.along {
				addTo(w.projections[k], values)
			}
		}
		add(b)
	})
	if nonzero && sum(m.NormSq) < vanishing {
		s.fail(errors.New("values are so small that their squares vanish"))
	}
	m.Trace = sum(s.variance)
	for _, v := range s.mean {
		m.MeanNormSq += float64(v * v)
	}
	for i := range m.MeanDot {
		m.MeanDot[i] += m.MeanNormSq
	}
	return m
}

// pass reads block after block. It copies the coordinates, which must be the numbers of the file, before it centres a block and calls do
// with the block and the sums of its tiles, of which the projections are made.
func pass[T number](s *Streamed, read reading[T], w wanted, do func(b block[T], sums []tileSums)) {
	s.mean, s.variance = make([]float64, s.Parameters()), make([]float64, s.Parameters())
	eachBlock(s, read, func(b block[T]) error {
		copyBlock(w.coordinates, b)
		sums := centre(s, b, w.vectors)
		for _, t := range sums {
			if t.err != nil {
				return t.err
			}
		}
		do(b, sums)
		return nil
	})
	if s.err != nil {
		clear(s.mean)
		clear(s.variance)
	}
}

// MeanTo writes the mean gradient, divisor n, computed as that of [Dense].
func (s *Streamed) MeanTo(dst []float64) {
	checkSize(s.Layer, len(dst), s.Parameters())
	s.needColumns()
	copy(dst, s.mean)
}

// VarianceTo writes the variance of every parameter over the units, divisor n.
func (s *Streamed) VarianceTo(dst []float64) {
	checkSize(s.Layer, len(dst), s.Parameters())
	s.needColumns()
	copy(dst, s.variance)
}

// needColumns reads the gradients for their means and variances, unless these are known already.
func (s *Streamed) needColumns() {
	if s.mean == nil {
		pass(s, s.source.ReadBlock, wanted{}, func(block[float64], []tileSums) {})
	}
}

// ProjectTo adds g_i . v to dst[i].
func (s *Streamed) ProjectTo(dst []float64, v []float32) {
	checkSize(s.Layer, len(dst), s.Units())
	checkSize(s.Layer, len(v), s.Parameters())
	along := make([]float64, len(dst))
	s.eachBlock(func(b block[float64]) error {
		for _, t := range tiles(s, b) {
			addTo(along, t.project(v[t.left:]))
		}
		return nil
	})
	if s.err == nil {
		addTo(dst, along)
	}
}

// UnitTo reads row i.
func (s *Streamed) UnitTo(dst []float64, i int) {
	checkSize(s.Layer, len(dst), s.Parameters())
	if s.err == nil {
		if err := s.source.ReadBlock(dst, i, i+1, 0, len(dst)); err != nil {
			s.fail(err)
		}
	}
	if s.err != nil {
		clear(dst)
	}
}
