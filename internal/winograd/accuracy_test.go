package winograd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// single is a transform of a square of numbers, in rows, in float32.
type single func(x []float32) []float32

// rounded is the transform by a matrix with every operation rounded, in the order of the terms.
func (m matrix) rounded() single {
	from, to := len(m[0]), len(m)
	return func(x []float32) []float32 {
		half, y := make([]float32, to*from), make([]float32, to*to)
		for i, row := range m {
			for k, v := range row {
				for j := range from {
					half[i*from+j] += float32(float32(v) * x[k*from+j])
				}
			}
		}
		for j, row := range m {
			for k, v := range row {
				for i := range to {
					y[i*to+j] += float32(float32(v) * half[i*from+k])
				}
			}
		}
		return y
	}
}

// single is the function of the package, for a channel.
func (m *mapping) single() single {
	return func(x []float32) []float32 {
		y := make([]float32, m.to()*m.to())
		m.run(1, square{y, m.to(), 1}, square{x, m.from(), 1})
		return y
	}
}

// transforms are those of a patch d, a kernel g and a tile y to planes, and back from planes.
type transforms struct{ d, g, y, fromD, fromG, fromY single }

func (s *scheme) transforms() transforms {
	return transforms{
		d: s.b.rounded(), g: s.g.rounded(), y: s.at.transposed().rounded(),
		fromD: s.b.transposed().rounded(), fromG: s.g.transposed().rounded(), fromY: s.at.rounded(),
	}
}

func ofPackage() transforms {
	m := mappings()
	return transforms{
		d: m[0].single(), fromD: m[1].single(),
		fromY: m[2].single(), y: m[3].single(),
		g: m[4].single(), fromG: m[5].single(),
	}
}

// product is one of the three of a layer: a sum over channels.
type product struct {
	name    string
	size    int
	float32 func(t triple[float32], dst []float32)
	float64 func(t triple[float64], dst []float64)
	planes  func(f *transforms, t triple[float32]) []float32
	last    func(f *transforms) single
}

var products = []product{
	{"output", Tile * Tile, triple[float32].addByY, triple[float64].addByY,
		func(f *transforms, t triple[float32]) []float32 { return times(f.d(t.d), f.g(t.g)) },
		func(f *transforms) single { return f.fromY }},
	{"gradient by input", Planes, triple[float32].addByD, triple[float64].addByD,
		func(f *transforms, t triple[float32]) []float32 { return times(f.g(t.g), f.y(t.y)) },
		func(f *transforms) single { return f.fromD }},
	{"gradient by kernel", side * side, triple[float32].addByG, triple[float64].addByG,
		func(f *transforms, t triple[float32]) []float32 { return times(f.d(t.d), f.y(t.y)) },
		func(f *transforms) single { return f.fromG }},
}

// rounding is the error of float32, summed and at most, and the numbers that it is relative to.
type rounding struct{ squares, largest, exact, n float64 }

func (r *rounding) add(got []float32, want []float64) {
	for i, w := range want {
		e := float64(got[i]) - w
		r.squares += e * e
		r.largest = max(r.largest, math.Abs(e))
		r.exact += w * w
		r.n++
	}
}

// Both are in units of the root mean square of the exact numbers.
func (r *rounding) rms() float64 { return math.Sqrt(r.squares / r.exact) }
func (r *rounding) max() float64 { return r.largest / math.Sqrt(r.exact/r.n) }

// measure returns the errors of a product of normal numbers, summed over channels one after the other: of direct summation
// and by transforms.
func (p *product) measure(r *rand.Rand, channels, trials int, list []transforms) (direct rounding, by []rounding) {
	by = make([]rounding, len(list))
	for range trials {
		plain, exact := make([]float32, p.size), make([]float64, p.size)
		planes := make([][Planes]float32, len(list))
		for range channels {
			t := newTriple(func() float32 { return float32(r.NormFloat64()) })
			p.float32(t, plain)
			p.float64(triple[float64]{numtest.Widen(t.d), numtest.Widen(t.g), numtest.Widen(t.y)}, exact)
			for k := range list {
				for i, v := range p.planes(&list[k], t) {
					planes[k][i] += v
				}
			}
		}
		direct.add(plain, exact)
		for k := range list {
			by[k].add(p.last(&list[k])(planes[k][:]), exact)
		}
	}
	return direct, by
}

// The comparison in the comment of the package: -v shows it.
func TestAccuracy(t *testing.T) {
	sizes := []int{64, 256, 512}[:numtest.Cases(3, 1)]
	names, list := []string{"the package"}, []transforms{ofPackage()}
	for _, p := range [][2]float64{{1, 2}, {0.5, 2}, {0.5, 1.5}, {0.75, 1.5}, {0.625, 1.5}, {math.Sqrt2 / 2, math.Sqrt2}} {
		s := symmetric(p[0], p[1])
		names, list = append(names, fmt.Sprintf("%.3g, %.3g", p[0], p[1])), append(list, s.transforms())
	}
	for i, p := range products {
		for _, channels := range sizes {
			direct, by := p.measure(seed.New(8, "accuracy", uint64(i), uint64(channels)), channels, 60, list)
			t.Logf("%s, %d channels: direct: rms %.2e, max %.1e", p.name, channels, direct.rms(), direct.max())
			for k, name := range names {
				t.Logf("    %s: rms %.2e, max %.1e", name, by[k].rms(), by[k].max())
				if best := by[0].rms(); best > 1.1*by[k].rms() {
					t.Errorf("%s, %d channels: %.2e, but with %s %.2e", p.name, channels, best, name, by[k].rms())
				}
			}
			root := math.Sqrt(float64(channels))
			if rms, most := by[0].rms(), by[0].max(); !(rms < 1.1e-7*root && most < 1e-6*root) {
				t.Errorf("%s, %d channels: rms %.2e, max %.1e", p.name, channels, rms, most)
			}
		}
	}
}

func TestRounding(t *testing.T) {
	var r rounding
	r.add([]float32{1.5, 2}, []float64{1, 2})
	// an error of 0.5 beside squares of 1 and 4
	want := []float64{math.Sqrt(0.25 / 5), 0.5 / math.Sqrt(5./2)}
	if err := numtest.AllClose([]float64{r.rms(), r.max()}, want, numtest.Tol{Rel: 1e-15}); err != nil {
		t.Error(err)
	}
}
