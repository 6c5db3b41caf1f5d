package probe_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/probe"
)

// memory is a matrix that counts how often each number is read, and fails at a column.
type memory struct {
	rows   [][]float64
	read   int
	fails  int // the first column that cannot be read, if positive
	reason error
}

func (m *memory) Units() int      { return len(m.rows) }
func (m *memory) Parameters() int { return len(m.rows[0]) }

func (m *memory) ReadBlock(dst []float64, top, bottom, left, right int) error {
	if m.fails > 0 && right > m.fails {
		return m.reason
	}
	for i := top; i < bottom; i++ {
		m.read += copy(dst[(i-top)*(right-left):], m.rows[i][left:right])
	}
	return nil
}

// inColumns is a streamed layer with so many columns in a block.
func inColumns(name string, rows [][]float64, block int) *probe.Streamed {
	s := probe.NewStreamed(name, &memory{rows: rows})
	s.SetBlock(block)
	return s
}

// wide are rows of several tiles in several blocks, the last of each cut short.
func wide(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = normals(fmt.Sprint("wide", i), 3*probe.TileColumns+17)
	}
	return rows
}

const wideBlock = probe.TileColumns + 60

func TestStreamedIsDense(t *testing.T) {
	rows := wide(9)
	p := len(rows[0])
	s, d := inColumns("l", rows, wideBlock), probe.NewDense("l", 9, p, slices.Concat(rows...))
	directions := probe.RandomDirections(3, p, 2)
	got := (&probe.Gradients{Layers: []probe.Layer{s}}).Reduce(directions)
	want := (&probe.Gradients{Layers: []probe.Layer{d}}).Reduce(directions)
	for what, pair := range map[string][2][]float64{
		"Gram matrix": {got.Centred, want.Centred}, "norms": {got.NormSq, want.NormSq}, "gbar . g": {got.MeanDot, want.MeanDot},
		"projection": {got.Projections[0].Values, want.Projections[0].Values}, "second": {got.Projections[1].Values, want.Projections[1].Values},
		"scalars": {{got.MeanNormSq, got.Layers[0].Trace}, {want.MeanNormSq, want.Layers[0].Trace}},
	} {
		if err := numtest.CloseToLargest(pair[0], pair[1], 1e-13); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestStreamedVariance(t *testing.T) {
	rows := wide(5)
	for _, first := range []bool{false, true} {
		s := inColumns("l", rows, wideBlock)
		if first {
			reduce(s)
		}
		got := dirty(len(rows[0]))
		s.VarianceTo(got)
		if err := numtest.CloseToLargest(got, varianceOf(rows), 1e-14); err != nil {
			t.Errorf("after Reduce (%v): %v", first, err)
		}
	}
}

// Everything that Reduce wants, and mean and variance after it, come from a single pass through the file.
func TestReduceReadsOnce(t *testing.T) {
	m := &memory{rows: wide(6)}
	s := probe.NewStreamed("l", m)
	s.SetBlock(wideBlock)
	told := 0
	s.Progress = func(numbers int) { told += numbers }
	p := len(m.rows[0])
	(&probe.Gradients{Layers: []probe.Layer{s}}).Reduce(probe.RandomDirections(1, p, 3))
	s.MeanTo(make([]float64, p))
	s.VarianceTo(make([]float64, p))
	if m.read != 6*p || told != 6*p {
		t.Errorf("%d numbers read, %d told, of %d", m.read, told, 6*p)
	}
}

// Coordinates are exactly the numbers of the file, for every size of blocks: a negative zero stays one, and centring in place does not change them.
func TestStreamedCoordinatesAreThoseOfDense(t *testing.T) {
	rows := wide(7)
	for i := range rows {
		rows[i][0], rows[i][wideBlock] = 1e6+rows[i][0], 0
		for j := 100 + i; j < 130; j++ { // of which some are among the coordinates
			rows[i][j] = math.Copysign(0, -1)
		}
	}
	p := len(rows[0])
	dense := probe.NewDense("l", 7, p, slices.Concat(rows...))
	want := &probe.Gradients{Layers: []probe.Layer{dense, dense}}
	for _, block := range []int{1, wideBlock, p} {
		got := &probe.Gradients{Layers: []probe.Layer{inColumns("l", rows, block), inColumns("l", rows, block)}}
		a, b := got.Reduce(nil).Coordinates, want.Reduce(nil).Coordinates
		if !slices.Equal(a.Index, b.Index) || !sameBits(a.Values, b.Values) {
			t.Errorf("blocks of %d columns: Reduce keeps other numbers", block)
		}
	}
}

func sameBits(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(v, w float64) bool { return math.Float64bits(v) == math.Float64bits(w) })
}

// Neither workers nor blocks of whole tiles change a bit of what is summed over columns.
func TestStreamedBitsForAnyWorkers(t *testing.T) {
	defer parallel.SetWorkers(0)
	rows := wide(40)
	var first *probe.Units
	for _, workers := range []int{1, 2, 5} {
		parallel.SetWorkers(workers)
		u := reduce(inColumns("l", rows, 2*probe.TileColumns))
		if first == nil {
			first = u
		} else if !slices.Equal(u.Centred, first.Centred) || !slices.Equal(u.NormSq, first.NormSq) || u.MeanNormSq != first.MeanNormSq {
			t.Errorf("%d workers give other bits", workers)
		}
	}
}

// Sums of these values are exact: a mean of 0 is exactly 0, and equal rows have a covariance of exactly 0.
func TestStreamedExactZeros(t *testing.T) {
	rows := [][]float64{{1, -2, 0.5}, {-1, 2, -0.5}, {3, 4, 0}, {-3, -4, 0}}
	if u := reduce(inColumns("l", rows, 2)); u.MeanNormSq != 0 {
		t.Errorf("|gbar|^2 = %g", u.MeanNormSq)
	}
	same := [][]float64{{0.1, 1e6, 3}, {0.1, 1e6, 3}, {0.1, 1e6, 3}}
	if u := reduce(inColumns("l", same, 2)); u.Trace() > 1e-15*3e12 {
		t.Errorf("trace %g of equal rows", u.Trace())
	}
}

func TestStreamedSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		value  float64
		reason string
	}{
		{math.NaN(), "NaN at row 2, column 400 (counting from 0)"},
		{math.Inf(-1), "infinite value at row 2, column 400 (counting from 0)"},
		{1e200, "values of row 2 are so large that their squares are infinite"},
	} {
		rows := wide(4)
		rows[2][400] = c.value
		s := inColumns("l", rows, wideBlock)
		s.Place = "w.npy"
		g := &probe.Gradients{Layers: []probe.Layer{s}}
		if g.Err() != nil {
			t.Fatal("an error before anything was read")
		}
		g.Reduce(nil)
		if err := g.Err(); err == nil || err.Error() != "w.npy: "+c.reason {
			t.Errorf("%g: %v", c.value, err)
		}
	}
}

// TestStreamedStopsAtAnError: the first one stays, nothing is read after it, and no method panics.
func TestStreamedStopsAtAnError(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, fails := range []int{1, wideBlock + 1, 2*wideBlock + 1} {
		m := &memory{rows: wide(4), fails: fails, reason: broken}
		s := probe.NewStreamed("l", m)
		s.SetBlock(wideBlock)
		p := s.Parameters()
		reduce(s)
		read := m.read
		x := dirty(p)
		s.UnitTo(x, 1)
		s.MeanTo(x)
		s.VarianceTo(x)
		s.ProjectTo(make([]float64, 4), make([]float32, p))
		if !errors.Is(s.Err(), broken) || !strings.HasPrefix(s.Err().Error(), "layer l: ") || m.read != read {
			t.Errorf("%v, and %d numbers read afterwards", s.Err(), m.read-read)
		}
	}
	m := &memory{rows: wide(4), fails: 1, reason: broken}
	s := probe.NewStreamed("l", m)
	s.UnitTo(make([]float64, s.Parameters()), 0)
	if !errors.Is(s.Err(), broken) {
		t.Errorf("a row that cannot be read: %v", s.Err())
	}
}

// BenchmarkStreamed measures the whole of Reduce against the size of the matrix, 1000 x 20000 as float64.
func BenchmarkStreamed(b *testing.B) {
	rows := make([][]float64, 1000)
	for i := range rows {
		rows[i] = normals(fmt.Sprint(i), 20000)
	}
	m := &memory{rows: rows}
	directions := probe.RandomDirections(1, 20000, 2)
	b.SetBytes(4 * 1000 * 20000) // as float32, to compare with a disk
	for b.Loop() {
		s := probe.NewStreamed("l", m)
		(&probe.Gradients{Layers: []probe.Layer{s}}).Reduce(directions)
	}
}

// Squares of 1e-170 are 0 in float64, and a variance of 0 would be wrong. Values that are 0 are accepted.
func TestStreamedRefusesVanishingValues(t *testing.T) {
	for value, refused := range map[float64]bool{1e-170: true, 1e-300: true, 5e-324: true, 0: false, 1e-120: false} {
		rows := make([][]float64, 6)
		for i := range rows {
			rows[i] = make([]float64, 10)
		}
		rows[1][7] = value
		l := inColumns("l", rows, 6)
		l.AddGram(make([]float64, 6*6))
		if err := l.Err(); (err != nil) != refused || refused && !strings.Contains(err.Error(), "so small that their squares vanish") {
			t.Errorf("%g: %v", value, err)
		}
	}
}
