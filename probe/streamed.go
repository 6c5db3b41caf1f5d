package probe

import (
	"errors"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
)

// Streamed holds the gradients of a layer that are not there as float64: they stay in a file, or are multiplied out of factors
// ([LayerForm]). Its methods go through them in blocks of columns, of which two are in memory: one is read while the other is
// computed with. [Gradients.Reduce] goes through once,
// projections and coordinates included, and leaves mean and variance of every parameter in memory.
//
// The methods of a layer return no errors: the first one is kept for Err. Besides gradients that cannot be read, those that are NaN or
// infinite are errors, and those so large that |g_i|^2 is infinite.
type Streamed struct {
	// Layer is the layer's name; Place is what an error about its gradients begins with, such as the name of the file.
	Layer, Place string
	// Progress, if not nil, is told after every block how many more numbers have been read.
	Progress func(numbers int)

	source         Blocks
	width          int // columns in a block
	err            error
	mean, variance []float64 // nil before the first pass
}

const (
	// vanishing is the sum of squares below which float64 loses their digits.
	vanishing = 0x1p-960
	// tileColumns is the number of columns that one worker centres at a time.
	tileColumns = 256
	// blockBytes is the memory of a block of float64: of 1000 rows of float32 it takes 32 kB each at a time.
	blockBytes = 64 << 20
)

// NewStreamed makes a layer from a matrix of at least one row, which is read when its methods are called.
func NewStreamed(layer string, source Blocks) *Streamed {
	s := &Streamed{Layer: layer, Place: "layer " + layer, source: source}
	s.SetBlockBytes(blockBytes)
	return s
}

// SetBlockBytes chooses how much memory a block takes, 64 MiB if it is not called; there are two. A block has at least 256 columns.
func (s *Streamed) SetBlockBytes(bytes int) {
	grain := tileColumns
	if g, ok := s.source.(granular); ok {
		grain = g.granule()
	}
	most := max(bytes/8/s.Units(), tileColumns)
	if most < grain {
		grain = tileColumns
	}
	s.width = min(most/grain*grain, s.Parameters())
}

func (s *Streamed) Name() string    { return s.Layer }
func (s *Streamed) Units() int      { return s.source.Units() }
func (s *Streamed) Parameters() int { return s.source.Parameters() }
func (s *Streamed) Err() error      { return s.err }

// BlockBytes is the memory of the blocks, and KeptBytes that of what stays when they are gone.
func (s *Streamed) BlockBytes() float64 { return 2 * 8 * float64(s.width) * float64(s.Units()) }
func (s *Streamed) KeptBytes() float64  { return 2 * 8 * float64(s.Parameters()) }

// AddGram centres every block before it multiplies it, as [Dense] does its rows, so its c is gbar.
func (s *Streamed) AddGram(dst []float64) Moments { return s.addGramAlong(dst, nil, nil, selection{}) }

// addGramAlong is AddGram, ProjectTo for several directions, and coordinates, in one pass.
func (s *Streamed) addGramAlong(dst []float64, directions [][]float32, projections [][]float64, coordinates selection) Moments {
	n := s.Units()
	m := Moments{NormSq: make([]float64, n), MeanDot: make([]float64, n)}
	nonzero := false
	s.pass(directions, coordinates, func(b block, sums []tileSums) {
		for _, t := range sums {
			addTo(m.NormSq, t.normSq)
			addTo(m.MeanDot, t.meanDot)
			nonzero = nonzero || t.nonzero
			for k, values := range t.along {
				addTo(projections[k], values)
			}
		}
		width := b.right - b.left
		bands(n, func(lo, hi int) {
			gemm.Dgemm(false, true, hi-lo, hi, width, 1, b.values[lo*width:], width, b.values, width, 1, dst[lo*n:], n)
		})
	})
	if nonzero && sum(m.NormSq) < vanishing {
		s.fail(errors.New("values are so small that their squares vanish"))
	}
	m.Trace = sum(s.variance)
	for _, v := range s.mean {
		m.MeanNormSq += v * v
	}
	for i := range m.MeanDot {
		m.MeanDot[i] += m.MeanNormSq
	}
	return m
}

// pass takes coordinates out of every block, which shall have the numbers of the file, centres it and hands it on with the sums of
// its tiles.
func (s *Streamed) pass(directions [][]float32, coordinates selection, do func(b block, sums []tileSums)) {
	s.mean, s.variance = make([]float64, s.Parameters()), make([]float64, s.Parameters())
	s.eachBlock(func(b block) error {
		coordinates.copyBlock(b)
		sums := s.centre(b, directions)
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
	if len(dst) != s.Parameters() {
		panic("probe: mean of the wrong size")
	}
	s.needColumns()
	copy(dst, s.mean)
}

// VarianceTo writes the variance of every parameter over the units, divisor n.
func (s *Streamed) VarianceTo(dst []float64) {
	if len(dst) != s.Parameters() {
		panic("probe: variance of the wrong size")
	}
	s.needColumns()
	copy(dst, s.variance)
}

// needColumns goes through the gradients for means and variances if nothing has yet.
func (s *Streamed) needColumns() {
	if s.mean == nil {
		s.pass(nil, selection{}, func(block, []tileSums) {})
	}
}

// ProjectTo adds g_i . v to dst[i].
func (s *Streamed) ProjectTo(dst []float64, v []float32) {
	if len(dst) != s.Units() || len(v) != s.Parameters() {
		panic("probe: projection of the wrong size")
	}
	along := make([]float64, len(dst))
	s.eachBlock(func(b block) error {
		for _, t := range s.tiles(b) {
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
	if len(dst) != s.Parameters() {
		panic("probe: gradient of the wrong size")
	}
	if s.err == nil {
		if err := s.source.ReadBlock(dst, i, i+1, 0, len(dst)); err != nil {
			s.fail(err)
		}
	}
	if s.err != nil {
		clear(dst)
	}
}
