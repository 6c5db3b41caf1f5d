package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train/dataset"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// newImageModel makes a network for images of a shape, with ghost batches of a size, whose shifts and gains are not 0 and 1.
func newImageModel(t testing.TB, text string, sample []int, classes, ghost int) *Model {
	t.Helper()
	spec, err := ParseSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	spec.Ghost = ghost
	m, err := NewModel(spec, sample, classes, 1)
	if err != nil {
		t.Fatal(err)
	}
	rng := seed.New(2, "test shifts")
	for _, p := range m.Params {
		if len(p.Shape) == 1 {
			for i := range p.Value {
				p.Value[i] += float32(0.2 * rng.NormFloat64())
			}
		}
	}
	for _, p := range m.Running {
		for i := range p.Value {
			p.Value[i] = float32(math.Exp(0.3*rng.NormFloat64())) * (1 - 0.5*float32(i%2)*p.Value[i])
		}
	}
	return m
}

// slowNetwork computes the losses of all samples from the definition of the network, in float64 with plain loops. Images are
// [channel][row][column].
type slowNetwork struct {
	m      *Model
	frozen bool
	groups [][]int // positions of samples that are normalised together
}

type slowImage [][][]float64

func newSlowImage(c, h, w int) slowImage {
	x := make(slowImage, c)
	for i := range x {
		x[i] = make([][]float64, h)
		for j := range x[i] {
			x[i][j] = make([]float64, w)
		}
	}
	return x
}

func (s slowNetwork) losses(pixels [][]float64, labels []int, shape []int) []float64 {
	images := make([]slowImage, len(pixels))
	for n, p := range pixels {
		images[n] = newSlowImage(shape[0], shape[1], shape[2])
		for i, v := range p {
			images[n][i/(shape[1]*shape[2])][i/shape[2]%shape[1]][i%shape[2]] = v
		}
	}
	flat := make([][]float64, len(images))
	for _, l := range s.m.layers {
		switch layer := l.Layer.(type) {
		case *Convolution:
			for n := range images {
				images[n] = slowConvolution(layer, images[n])
			}
		case *GhostNorm:
			s.normalise(layer, images)
		case *MaxPool:
			for n := range images {
				images[n] = slowPool(images[n])
			}
		case *Flatten:
			for n, x := range images {
				for _, plane := range x {
					for _, row := range plane {
						flat[n] = append(flat[n], row...)
					}
				}
			}
		case *Dense:
			for n := range flat {
				flat[n] = slowDense(layer, flat[n])
			}
		}
	}
	losses := make([]float64, len(flat))
	for n, z := range flat {
		sum := 0.0
		for _, v := range z {
			sum += math.Exp(v)
		}
		losses[n] = math.Log(sum) - z[labels[n]]
	}
	return losses
}

func slowConvolution(l *Convolution, x slowImage) slowImage {
	h, w := len(x[0]), len(x[0][0])
	oh, ow := (h+l.Stride-1)/l.Stride, (w+l.Stride-1)/l.Stride
	top, left := max(0, (oh-1)*l.Stride+l.Kernel[0]-h)/2, max(0, (ow-1)*l.Stride+l.Kernel[1]-w)/2
	y := newSlowImage(l.Out, oh, ow)
	for o := range l.Out {
		for i := range oh {
			for j := range ow {
				for c := range x {
					for ki := range l.Kernel[0] {
						for kj := range l.Kernel[1] {
							a, b := i*l.Stride+ki-top, j*l.Stride+kj-left
							if a >= 0 && a < h && b >= 0 && b < w {
								y[o][i][j] += float64(l.weight.Value[((o*len(x)+c)*l.Kernel[0]+ki)*l.Kernel[1]+kj]) * x[c][a][b]
							}
						}
					}
				}
			}
		}
	}
	return y
}

func (s slowNetwork) normalise(l *GhostNorm, images []slowImage) {
	for c := range l.channels {
		for _, group := range s.groups {
			var all []float64
			for _, n := range group {
				for _, row := range images[n][c] {
					all = append(all, row...)
				}
			}
			center, variance := mean(all), 0.0
			for _, v := range all {
				variance += (v - center) * (v - center) / float64(len(all))
			}
			if s.frozen {
				center, variance = float64(l.mean.Value[c]), float64(l.variance.Value[c])
			}
			for _, n := range group {
				for _, row := range images[n][c] {
					for j := range row {
						row[j] = max(0, (row[j]-center)/math.Sqrt(variance+1e-5)*float64(l.gain.Value[c])+float64(l.shift.Value[c]))
					}
				}
			}
		}
	}
}

func slowPool(x slowImage) slowImage {
	y := newSlowImage(len(x), len(x[0])/2, len(x[0][0])/2)
	for c := range y {
		for i := range y[c] {
			for j := range y[c][i] {
				y[c][i][j] = max(x[c][2*i][2*j], x[c][2*i][2*j+1], x[c][2*i+1][2*j], x[c][2*i+1][2*j+1])
			}
		}
	}
	return y
}

func slowDense(l *Dense, x []float64) []float64 {
	y := make([]float64, l.Out)
	for o := range y {
		y[o] = float64(l.bias.Value[o])
		for j, v := range x {
			y[o] += float64(l.weight.Value[o*l.in+j]) * v
		}
		if !l.Linear {
			y[o] = max(y[o], 0)
		}
	}
	return y
}

// slowInputs returns samples in the form that slowNetwork takes.
func slowInputs(data dataset.Split, index []int) (pixels [][]float64, labels []int) {
	size := len(data.Pixels) / data.N()
	for _, i := range index {
		x := make([]float64, size)
		for j := range x {
			x[j] = float64(data.Pixels[i*size+j]) / 255
		}
		pixels, labels = append(pixels, x), append(labels, data.Y[i])
	}
	return pixels, labels
}

// consecutive cuts the positions lo to hi-1 into groups of size.
func consecutive(lo, hi, size int) (groups [][]int) {
	for at := lo; at < hi; at += size {
		var group []int
		for i := at; i < min(at+size, hi); i++ {
			group = append(group, i)
		}
		groups = append(groups, group)
	}
	return groups
}

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
	for _, c := range imageModels {
		t.Run(c.text, func(t *testing.T) {
			m := newImageModel(t, c.text, c.sample, 3, 4)
			data := images(14, sizeOf(c.sample), 3, 1)
			index := upTo(14)
			alpha, b, bPrime := 1.7, index[:7], index[7:] // groups of 4 and 3, twice
			if _, err := m.EnhancedGradient(data, alpha, b, bPrime); err != nil {
				t.Fatal(err)
			}
			got := widen(m.Gradient)
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
					want := differenceBy(&m.Weights[i], objective)
					if math.Abs(got[i]-want) > 1e-3*largest {
						t.Errorf("%s: %v by parameter %d, differences give %v", p.Name, got[i], i-at, want)
					}
				}
				at += p.Size()
			}
		})
	}
}

func differenceBy(w *float32, f func() float64) float64 {
	kept := *w
	up, down := kept+1e-4, kept-1e-4
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
			if err := numtest.CloseToLargest(widen(pair[0]), widen(pair[1]), 1e-5); err != nil {
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
		if err := numtest.CloseToLargest(widen(c.got), widen(c.want.Data().([]float32)), 1e-5); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func channelsFirst(x []float32, rows, channels int) []float32 {
	y := make([]float32, len(x))
	transposeEach(rows, y, x, len(x)/rows/channels, channels)
	return y
}

// The output of a normalised network does not depend on the scale of a convolution's weights; gradients are inversely proportional to it.
func TestScaleLaw(t *testing.T) {
	m := newImageModel(t, "2x[8,3,3,1]", []int{3, 8, 8}, 3, 4)
	data := images(8, 192, 3, 1)
	loss, err := m.EnhancedGradient(data, 1, upTo(8), nil)
	if err != nil {
		t.Fatal(err)
	}
	w, before := m.Params[0], slices.Clone(m.Gradient)
	for i := range w.Value {
		w.Value[i] *= 64
	}
	scaled, err := m.EnhancedGradient(data, 1, upTo(8), nil)
	if err != nil {
		t.Fatal(err)
	}
	// Equal but for the 1e-5 that is added to the variance, which is 4096 times smaller in comparison.
	if err := numtest.Close(scaled, loss, numtest.Tol{Rel: 1e-3}); err != nil {
		t.Error("loss:", err)
	}
	for i, v := range w.Grad {
		before[i] /= 64
		if math.Abs(float64(v-before[i])) > 1e-5 {
			t.Fatalf("element %d: gradient %v, want %v", i, v, before[i])
		}
	}
}

// The order of samples within a ghost batch makes no difference, and neither does that of whole ghost batches; which samples share a
// ghost batch does.
func TestPermutationLaw(t *testing.T) {
	m := newImageModel(t, "2x[8,3,3,1]", []int{3, 8, 8}, 3, 4)
	data := images(8, 192, 3, 1)
	gradient := func(index ...int) []float64 {
		if _, err := m.EnhancedGradient(data, 1, index, nil); err != nil {
			t.Fatal(err)
		}
		return widen(m.Gradient)
	}
	want := gradient(0, 1, 2, 3, 4, 5, 6, 7)
	for name, same := range map[string][]int{"within": {3, 1, 0, 2, 4, 7, 6, 5}, "groups": {4, 5, 6, 7, 0, 1, 2, 3}} {
		if err := numtest.CloseToLargest(gradient(same...), want, 1e-5); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if numtest.CloseToLargest(gradient(4, 1, 2, 3, 0, 5, 6, 7), want, 1e-3) == nil {
		t.Error("groups of other samples have the same gradient: nothing depends on who is normalised together")
	}
}

// A pass in pieces is the pass over all groups at once, and no piece has samples of both minibatches.
func TestPieces(t *testing.T) {
	m := newImageModel(t, "[8,3,3,1]", []int{1, 4, 4}, 3, 50)
	if got, want := fmt.Sprint(m.pieces(460, 230)), "[{0 100} {100 200} {200 230} {230 330} {330 430} {430 460}]"; got != want {
		t.Errorf("pieces %s, want %s", got, want)
	}
	data := images(460, 16, 3, 1)
	if _, err := m.EnhancedGradient(data, 1.5, upTo(460)[:230], upTo(460)[230:]); err != nil {
		t.Fatal(err)
	}
	got := widen(m.Gradient)
	want := make([]float64, len(got))
	for half := range 2 {
		for _, group := range consecutive(230*half, 230*(half+1), 50) {
			if _, err := m.EnhancedGradient(data, 1, group, nil); err != nil {
				t.Fatal(err)
			}
			w := []float64{1.5, -0.5}[half] * float64(len(group)) / 230
			for i, v := range m.Gradient {
				want[i] += w * float64(v)
			}
		}
	}
	if err := numtest.CloseToLargest(got, want, 1e-5); err != nil {
		t.Error(err)
	}
}

// Running statistics by their definition, group after group; only training steps move them.
func TestRunningStatistics(t *testing.T) {
	m := newImageModel(t, "[8,3,3,1]", []int{1, 4, 4}, 3, 4)
	data := images(24, 16, 3, 1)
	for _, p := range m.Running {
		for i := range p.Value {
			p.Value[i] = 1
		}
	}
	trainer, err := NewTrainer(m, data, Settings{Alpha: 2, Batch: 6, Pairing: noise.Disjoint, Optimizer: "sgd", LearningRate: 0.1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, bPrime := make([]int, 6), make([]int, 6)
	trainer.Order.At(0, b, bPrime)
	pixels, _ := slowInputs(data, append(slices.Clone(b), bPrime...))
	conv := m.layers[1].Layer.(*Convolution)
	running, variance := 1.0, 1.0
	for _, group := range append(consecutive(0, 6, 4), consecutive(6, 12, 4)...) {
		var all []float64
		for _, n := range group {
			x := newSlowImage(1, 4, 4)
			for i, v := range pixels[n] {
				x[0][i/4][i%4] = v
			}
			for _, row := range slowConvolution(conv, x)[3] {
				all = append(all, row...)
			}
		}
		squares := 0.0
		for _, v := range all {
			squares += (v - mean(all)) * (v - mean(all))
		}
		running += 0.1 * (mean(all) - running)
		variance += 0.1 * (squares/float64(len(all)-1) - variance)
	}
	if err := trainer.Step(); err != nil {
		t.Fatal(err)
	}
	// Channel 3 of the first normalisation.
	for i, want := range []float64{running, variance} {
		if err := numtest.Close(float64(m.Running[i].Value[3]), want, numtest.Tol{Rel: 1e-5}); err != nil {
			t.Errorf("%s: %v", m.Running[i].Name, err)
		}
	}
	kept := slices.Clone(m.Running[1].Value)
	if _, err := m.EnhancedGradient(data, 1, upTo(8), nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Evaluate(data, 0); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kept, m.Running[1].Value) {
		t.Error("a gradient or an evaluation has moved the running statistics")
	}
}

// The recorded gradient of a frozen sample is that of a pass over it alone; of a ghost batch, that of a pass over it.
func TestRecordsOfImages(t *testing.T) {
	for _, c := range imageModels {
		m := newImageModel(t, c.text, c.sample, 3, 4)
		data := images(12, sizeOf(c.sample), 3, 1)
		samples, err := m.Record(data, upTo(12), probe.Meta{})
		if err != nil {
			t.Fatal(err)
		}
		pixels, labels := slowInputs(data, upTo(12))
		slow := slowNetwork{m: m, frozen: true, groups: consecutive(0, 12, 4)}
		if err := numtest.AllClose(samples.Loss, slow.losses(pixels, labels, c.sample), numtest.Tol{Rel: 1e-4, Abs: 1e-5}); err != nil {
			t.Errorf("%s: losses: %v", c.text, err)
		}
		g, err := m.graph(shape{rows: 1, backward: true, frozen: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 11} {
			if err := g.own.gather(data, []int{i}, 3); err != nil {
				t.Fatal(err)
			}
			if err := m.backward(g, g.own, func(int) float64 { return 1 }); err != nil {
				t.Fatal(err)
			}
			if err := numtest.CloseToLargest(samples.Unit(i), widen(m.Gradient), 1e-5); err != nil {
				t.Errorf("%s: sample %d: %v", c.text, i, err)
			}
		}
		units := consecutive(0, 12, 4)
		record := probe.NewRecord(probe.Meta{Unit: probe.UnitGhostBatch, UnitSize: 4, Index: upTo(3)}, 3, m.Forms(4))
		if err := m.RecordGhostBatches(record, data, units); err != nil {
			t.Fatal(err)
		}
		ghosts, err := record.Finish()
		if err != nil {
			t.Fatal(err)
		}
		for u, group := range units {
			loss, err := m.EnhancedGradient(data, 1, group, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := numtest.CloseToLargest(ghosts.Unit(u), widen(m.Gradient), 1e-6); err != nil || ghosts.Loss[u] != loss {
				t.Errorf("%s: ghost batch %d: %v, loss %v and %v", c.text, u, err, ghosts.Loss[u], loss)
			}
		}
	}
}

// The forms that are recorded are the smaller ones: in C1 the late layers' images are smaller than their gradients.
func TestFormsOfC1(t *testing.T) {
	m := newImageModel(t, "c1", []int{3, 32, 32}, 10, 100)
	var factored []string
	for _, f := range m.Forms(1) {
		if f.In > 0 {
			factored = append(factored, f.Name)
		}
	}
	// conv4: 16·16·(64+128) = 49152 < 9·64·128 = 73728; conv3: 32·32·128 = 131072 > 9·64·64 = 36864.
	want := []string{"conv4", "conv5", "conv6", "conv7", "conv8", "conv9", "output"}
	if !slices.Equal(factored, want) {
		t.Errorf("samples: factors of %v, want %v", factored, want)
	}
	for _, f := range m.Forms(100) {
		if f.In > 0 {
			t.Errorf("ghost batches: factors of %s", f.Name)
		}
	}
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
