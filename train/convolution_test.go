package train

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The models cover every way to convolve, images that are not whole tiles of 4×4, strides, kernels that are not square, a dense layer
// after the convolutions, and a smaller last group.
var imageModels = []struct {
	text   string
	sample []int
}{
	{"2x[8,3,3,1]", []int{3, 6, 10}},
	{"[8,3,3,1],2x[9,3,3,1]", []int{1, 8, 8}},
	{"[5,3,2,2],[6]", []int{2, 7, 8}},
	{"[4,5,1,1],[3,1,1,1],[7]", []int{2, 4, 4}},
}

func TestImageGradientByFiniteDifferences(t *testing.T) {
	numtest.NotShort(t, "finite differences of images")
	for _, c := range imageModels {
		t.Run(c.text, func(t *testing.T) {
			m := newImageModel(t, c.text, c.sample, 3, 4)
			data := images(14, sizeOf(c.sample), 3, 1)
			index := upTo(14)
			alpha, b, bPrime := 1.7, index[:7], index[7:] // groups of 4 and 3, twice
			computeGradient(t, m, data, alpha, b, bPrime)
			got := numtest.Widen(m.Gradient)
			pixels, labels := slowInputs(data, index)
			slow := slowNetwork{m: m, groups: append(consecutive(0, 7, 4), consecutive(7, 14, 4)...)}
			objective := func() float64 {
				l := slow.losses(pixels, labels, c.sample)
				return alpha*mean(l[:7]) + (1-alpha)*mean(l[7:])
			}
			// Central differences in float64 along a random direction and for a few parameters of every tensor, with a step so small
			// that almost no ReLU or maximum changes its branch.
			rng := seed.New(1, "finite differences")
			largest := 0.0
			for _, v := range got {
				largest = max(largest, math.Abs(v))
			}
			at := 0
			for _, p := range m.Params {
				for range 4 {
					i := at + rng.IntN(p.Size())
					want := differenceBy(&m.Weights[i], 1e-4, objective)
					if math.Abs(got[i]-want) > 1e-3*largest {
						t.Errorf("%s: %v by parameter %d, differences give %v", p.Name, got[i], i-at, want)
					}
				}
				at += p.Size()
			}
		})
	}
}

// differenceBy is the central difference of f at w, h to either side.
func differenceBy(w *float32, h float32, f func() float64) float64 {
	kept := *w
	up, down := kept+h, kept-h
	*w = up
	plus := f()
	*w = down
	minus := f()
	*w = kept
	return (plus - minus) / (float64(up) - float64(down))
}

func TestImageLossesAgainstDefinition(t *testing.T) {
	for _, c := range imageModels {
		for _, frozen := range []bool{false, true} {
			m := newImageModel(t, c.text, c.sample, 3, 4)
			data := images(11, sizeOf(c.sample), 3, 1)
			pixels, labels := slowInputs(data, upTo(11))
			want := slowNetwork{m: m, frozen: frozen, groups: consecutive(0, 11, 4)}.losses(pixels, labels, c.sample)
			g, err := m.graph(shape{rows: 11, frozen: frozen})
			if err != nil {
				t.Fatal(err)
			}
			m.begin()
			if err := g.read(data, upTo(11), 3); err != nil {
				t.Fatal(err)
			}
			if err := g.run(); err != nil {
				t.Fatal(err)
			}
			if err := numtest.AllClose(g.Loss, want, numtest.Tol{Rel: 1e-4, Abs: 1e-5}); err != nil {
				t.Errorf("%s, frozen %v: %v", c.text, frozen, err)
			}
		}
	}
}

// Winograd's minimal filtering and the product with patches compute the same numbers.
func TestMinimalFilterAgainstPatches(t *testing.T) {
	for _, size := range [][2]int{{8, 8}, {5, 6}, {4, 13}, {1, 1}} {
		const rows, in, out = 3, 9, 10
		l := &Convolution{Out: out, Kernel: [2]int{3, 3}, Stride: 1}
		if _, _, err := l.Fit("conv", []int{size[0], size[1], in}); err != nil {
			t.Fatal(err)
		}
		pixels := size[0] * size[1]
		x, dy, w := normals(rows*pixels*in, "x"), normals(rows*pixels*out, "dy"), normals(9*in*out, "w")
		type result struct{ y, dx, dw []float32 }
		results := map[string]result{}
		for name, products := range map[string]convolver{
			"filter": &minimalFilter{geometry: l.geometry, out: out}, "patches": &patchProduct{geometry: l.geometry, out: out},
		} {
			m := &Model{}
			r := result{make([]float32, rows*pixels*out), make([]float32, rows*pixels*in), make([]float32, 9*in*out)}
			products.prepare(w)
			products.forward(m, r.y, x, rows)
			products.backward(m, r.dx, r.dw, x, dy, rows)
			results[name] = r
		}
		a, b := results["filter"], results["patches"]
		for name, pair := range map[string][2][]float32{"y": {a.y, b.y}, "dx": {a.dx, b.dx}, "dw": {a.dw, b.dw}} {
			// Rounding of minimal filtering: package winograd states it.
			if err := numtest.CloseToLargest(numtest.Widen(pair[0]), numtest.Widen(pair[1]), 1e-5); err != nil {
				t.Errorf("%v: %s: %v", size, name, err)
			}
		}
	}
}

func normals(n int, label string) []float32 {
	rng := seed.New(3, label)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// Gorgonia's own convolution, through its own graph and derivatives, on images channels first.
func TestConvolutionAgainstGorgonia(t *testing.T) {
	const rows, in, out, side = 2, 8, 5, 8
	l := &Convolution{Out: out, Kernel: [2]int{3, 3}, Stride: 1}
	if _, _, err := l.Fit("conv", []int{side, side, in}); err != nil {
		t.Fatal(err)
	}
	x, dy, w := normals(rows*side*side*in, "x"), normals(rows*side*side*out, "dy"), normals(9*in*out, "w")
	y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
	l.products.prepare(w)
	l.products.forward(&Model{}, y, x, rows)
	l.products.backward(&Model{}, dx, dw, x, dy, rows)

	g := G.NewGraph()
	node := func(name string, v []float32, shape ...int) *G.Node {
		return G.NewTensor(g, G.Float32, 4, G.WithShape(shape...), G.WithName(name),
			G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v)))))
	}
	xs, ws := node("x", channelsFirst(x, rows, in), rows, in, side, side), node("w", w, out, in, 3, 3)
	ys := G.Must(G.Conv2d(xs, ws, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
	loss := G.Must(G.Sum(G.Must(G.HadamardProd(ys, node("dy", channelsFirst(dy, rows, out), rows, out, side, side)))))
	grads, err := G.Grad(loss, xs, ws)
	if err != nil {
		t.Fatal(err)
	}
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  []float32
		want G.Value
	}{
		{"y", channelsFirst(y, rows, out), ys.Value()}, {"dx", channelsFirst(dx, rows, in), grads[0].Value()}, {"dw", dw, grads[1].Value()},
	} {
		if err := numtest.CloseToLargest(numtest.Widen(c.got), numtest.Widen(c.want.Data().([]float32)), 1e-5); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func channelsFirst(x []float32, rows, channels int) []float32 {
	y := make([]float32, len(x))
	transposeEach(rows, y, x, len(x)/rows/channels, channels)
	return y
}

func TestImageGradientIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	data := images(40, 192, 4, 1)
	sameForAnyWorkers(t, 15, data, func() *Model { return newImageModel(t, "2x[8,3,3,1],[16,3,3,1]", []int{3, 8, 8}, 4, 10) })
}

func TestImagesThatCannotBe(t *testing.T) {
	for text, c := range map[string]struct {
		sample []int
		want   string
	}{
		"[8,3,3,1],[8,3,3,1],[8,3,3,1]": {[]int{1, 28, 28}, "model [8,3,3,1],[8,3,3,1],[8,3,3,1]: the 7×7 pixels that reach pool3 cannot be halved: use fewer stacks or images of another size"},
		"[8,3,3,1]":                     {[]int{784}, "model [8,3,3,1]: convolutions need images {channels, height, width}, but samples have the shape [784]"},
		"[8],[8,3,3,1]":                 {[]int{1, 28, 28}, "model [8],[8,3,3,1]: convolutions after a dense layer"},
	} {
		spec, err := ParseSpec(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewModel(spec, c.sample, 10, 1); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", text, err, c.want)
		}
	}
}
