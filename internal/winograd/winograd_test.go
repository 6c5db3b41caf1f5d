package winograd

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// mapping is a function of the package with the matrix that it applies from both sides.
type mapping struct {
	name             string
	matrix           matrix
	toPlanes, adding bool // or from planes
	run              func(channels int, dst, src square)
}

func (m *mapping) from() int { return len(m.matrix[0]) }
func (m *mapping) to() int   { return len(m.matrix) }

// mappings come in pairs of adjoints.
func mappings() []mapping {
	s := symmetric(a, b)
	return []mapping{
		{"Input", s.b, true, false, func(n int, d, s square) { Input(n, d.data, d.col, s.data, s.row, s.col) }},
		{"InputAdjointAdd", s.b.transposed(), false, true,
			func(n int, d, s square) { InputAdjointAdd(n, d.data, d.row, d.col, s.data, s.col) }},
		{"Output", s.at, false, false, func(n int, d, s square) { Output(n, d.data, d.row, d.col, s.data, s.col) }},
		{"OutputAdjoint", s.at.transposed(), true, false,
			func(n int, d, s square) { OutputAdjoint(n, d.data, d.col, s.data, s.row, s.col) }},
		{"Kernel", s.g, true, false, func(n int, d, s square) { Kernel(n, d.data, d.col, s.data, s.row, s.col) }},
		{"KernelAdjoint", s.g.transposed(), false, false,
			func(n int, d, s square) { KernelAdjoint(n, d.data, d.row, d.col, s.data, s.col) }},
	}
}

// normal is a square of vectors of normal numbers, with odd strides and odd numbers between the vectors and after the last.
func normal(r *rand.Rand, channels, side int, planes bool) square {
	s := square{row: 7*(channels+3) + 2, col: channels + 3}
	if planes {
		s = inPlanes(nil, channels+5)
	}
	s.data = make([]float32, (side-1)*(s.row+s.col)+channels+9)
	for i := range s.data {
		s.data[i] = float32(r.NormFloat64())
	}
	return s
}

// arguments are a destination and a source for m.
func (m *mapping) arguments(root uint64, channels int) (dst, src square) {
	r := seed.New(root, m.name, uint64(channels))
	return normal(r, channels, m.to(), m.toPlanes), normal(r, channels, m.from(), !m.toPlanes)
}

func (s square) clone() square {
	s.data = append([]float32(nil), s.data...)
	return s
}

// channel is what a square of some side has of a channel.
func (s square) channel(side, c int) []float64 {
	var values []float64
	for i := range side {
		for j := range side {
			values = append(values, float64(s.data[i*s.row+j*s.col+c]))
		}
	}
	return values
}

func same(t *testing.T, name string, channels int, got, want square) {
	t.Helper()
	for i, w := range want.data {
		if math.Float32bits(got.data[i]) != math.Float32bits(w) {
			t.Fatalf("%s of %d channels: [%d] = %v, want %v", name, channels, i, got.data[i], w)
		}
	}
}

func TestAgainstDefinition(t *testing.T) {
	for _, m := range mappings() {
		for _, n := range []int{1, 3, 8, 21, 64} {
			dst, src := m.arguments(1, n)
			before := dst.clone()
			m.run(n, dst, src)
			for c := range n {
				want := m.matrix.both(src.channel(m.from(), c))
				if m.adding {
					for i, v := range before.channel(m.to(), c) {
						want[i] += v
					}
				}
				// a few roundings, of sums in which up to 36 terms cancel
				if err := numtest.CloseToLargest(dst.channel(m.to(), c), want, 1e-6); err != nil {
					t.Fatalf("%s of %d channels, channel %d: %v", m.name, n, c, err)
				}
			}
		}
	}
}

// The assembly handles whole vectors and plain Go what remains, here a channel at a time: they must be the same function.
func TestAssemblyHasTheBitsOfGo(t *testing.T) {
	for _, m := range mappings() {
		for n := 1; n <= 40; n++ {
			dst, src := m.arguments(2, n)
			want, untouched := dst.clone(), src.clone()
			for c := range n {
				m.run(1, square{want.data[c:], dst.row, dst.col}, square{src.data[c:], src.row, src.col})
			}
			m.run(n, dst, src)
			same(t, m.name, n, dst, want)
			same(t, m.name+" changed its source", n, src, untouched)
		}
	}
}

func TestWritesOnlyVectors(t *testing.T) {
	for _, m := range mappings() {
		for _, n := range []int{1, 8, 13, 40} {
			dst, src := m.arguments(3, n)
			want := dst.clone()
			m.run(n, dst, src)
			for i := range m.to() {
				for j := range m.to() {
					at := i*dst.row + j*dst.col
					copy(want.data[at:at+n], dst.data[at:])
				}
			}
			same(t, m.name+" around the vectors", n, dst, want)
		}
	}
}

// <T x, y> = <x, T' y> for the neighbours among the mappings.
func TestAdjoints(t *testing.T) {
	all := mappings()
	for i := 0; i < len(all); i += 2 {
		m, adjoint := &all[i], &all[i+1]
		for _, n := range []int{5, 16} {
			tx, x := m.arguments(4, n)
			ty, y := adjoint.arguments(5, n)
			clear(ty.data)
			m.run(n, tx, x)
			adjoint.run(n, ty, y)
			left, sizeLeft := inner(n, m.to(), tx, y)
			right, sizeRight := inner(n, m.from(), x, ty)
			// an error of rounding in each of the terms
			if err := numtest.Close(left, right, numtest.Tol{Abs: 1e-6 * max(sizeLeft, sizeRight)}); err != nil {
				t.Errorf("%s of %d channels: %v", m.name, n, err)
			}
		}
	}
}

// inner is the inner product of squares, and the root of the sum of its squared terms.
func inner(channels, side int, x, y square) (sum, size float64) {
	for c := range channels {
		for _, v := range times(x.channel(side, c), y.channel(side, c)) {
			sum += v
			size += v * v
		}
	}
	return sum, math.Sqrt(size)
}

func TestDoesNotAllocate(t *testing.T) {
	for _, m := range mappings() {
		dst, src := m.arguments(6, 19)
		if n := testing.AllocsPerRun(20, func() { m.run(19, dst, src) }); n != 0 {
			t.Errorf("%s allocates %v times", m.name, n)
		}
	}
}

func TestShortSlicesPanic(t *testing.T) {
	for _, m := range mappings() {
		for _, n := range []int{1, 8, 12} {
			dst, src := m.arguments(7, n)
			exact := func(s square, side int) square {
				s.data = s.data[:(side-1)*(s.row+s.col)+n]
				return s
			}
			dst, src = exact(dst, m.to()), exact(src, m.from())
			m.run(n, dst, src) // what is just long enough
			shorter := func(s square) square {
				s.data = s.data[:len(s.data)-1]
				return s
			}
			numtest.Panics(t, m.name+", short dst", "", func() { m.run(n, shorter(dst), src) })
			numtest.Panics(t, m.name+", short src", "", func() { m.run(n, dst, shorter(src)) })
			numtest.Panics(t, m.name+", backwards", "", func() { m.run(n, dst, square{src.data, -src.row, -src.col}) })
			numtest.Panics(t, m.name+", no channels", "", func() { m.run(0, dst, src) })
		}
	}
}
