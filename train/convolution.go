package train

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/probe"
	G "gorgonia.org/gorgonia"
)

// Convolution is a convolution to Out channels with a kernel of Kernel[0] rows and Kernel[1] columns and zero padding of kind 'same'. It
// has no bias, since the normalisation that follows it has a shift. It is a cross-correlation, as in all frameworks. Kernels of 3×3
// with stride 1 and at least 8 input channels are computed by Winograd's minimal filtering, others as a matrix product with the
// patches of the images.
type Convolution struct {
	Out    int
	Kernel [2]int
	Stride int

	name     string
	geometry probe.Geometry
	outputs  []int
	weight   *Param
	products convolver
	prepared int // Model.call when the weights were last prepared
}

// convolver computes a convolution and its derivatives. Images are [rows, height, width, channels].
type convolver interface {
	// prepare is called with new weights [out, in, kh, kw].
	prepare(weight []float32)
	// forward writes y.
	forward(m *Model, y, x []float32, rows int)
	// backward writes the derivatives of a loss with respect to the weights and, unless dx is nil, to x, given that with respect to y.
	backward(m *Model, dx, dw, x, dy []float32, rows int)
}

// Kind, Fit and Apply make it a [Layer].
func (l *Convolution) Kind() string { return "conv" }

func (l *Convolution) Fit(name string, in []int) ([]int, []*Param, error) {
	if !isImage(in) {
		return nil, nil, fmt.Errorf("%s: convolutions need images, not samples of shape %v", name, in)
	}
	l.name = name
	l.geometry = probe.SamePadding(in[0], in[1], in[2], l.Kernel, l.Stride)
	h, w := l.geometry.Output()
	l.outputs = []int{h, w, l.Out}
	area := l.Kernel[0] * l.Kernel[1]
	l.weight = &Param{Name: name + ".weight", Shape: []int{l.Out, in[2], l.Kernel[0], l.Kernel[1]}, Initial: glorot(area*in[2], area*l.Out)}
	l.products = newConvolver(l.geometry, l.Out)
	return l.outputs, []*Param{l.weight}, nil
}

func newConvolver(g probe.Geometry, out int) convolver {
	if g.Kernel == [2]int{3, 3} && g.Stride == [2]int{1, 1} && g.Channels >= minimalChannels {
		return &minimalFilter{geometry: g, out: out}
	}
	return &patchProduct{geometry: g, out: out}
}

// Form is image and delta of a sample, or its dense gradient where that is smaller.
func (l *Convolution) Form(samples int) probe.LayerForm {
	dense := probe.LayerForm{Name: l.name, Parameters: l.weight.Size()}
	if samples != 1 {
		return dense
	}
	return probe.Smaller(dense, probe.LayerForm{
		Name: l.name, Parameters: dense.Parameters, In: l.geometry.Channels, Out: l.Out, Positions: 1, Geometry: &l.geometry,
	})
}

// Apply adds the op and its derivatives to the graph.
func (l *Convolution) Apply(g *Graph, x *G.Node) (*G.Node, error) {
	y := g.activation(g.Rows * sizeOf(l.outputs))
	return (&Op{
		Name: l.name, Inputs: []*G.Node{x, g.Param(l.weight)}, Shape: []int{g.Rows, sizeOf(l.outputs)}, Out: y,
		WRT: []bool{!g.Constant(x), true},
		Kernel: func(in []G.Value) {
			if l.prepared != g.model.call {
				l.products.prepare(l.weight.Value)
				l.prepared = g.model.call
			}
			l.products.forward(g.model, y, Floats(in[0]), g.Rows)
		},
		Diff: func(_, grad *G.Node) (G.Nodes, error) { return l.derive(g, x, grad) },
	}).Apply(g)
}

// derive adds one op for both derivatives: they share most of their work, and nothing reads grad after this op, when its memory is used
// again.
func (l *Convolution) derive(g *Graph, x, grad *G.Node) (G.Nodes, error) {
	var image, delta []float32
	size := g.Rows * sizeOf([]int{l.geometry.Height, l.geometry.Width, l.geometry.Channels})
	o := &Op{Name: l.name + " backward", Inputs: []*G.Node{grad, x}, Layer: l}
	var dx []float32
	if g.Constant(x) {
		o.Shape, o.Out = l.weight.Shape, l.weight.Grad
	} else {
		dx = g.derivative(size)
		o.Shape, o.Out = []int{g.Rows, size / g.Rows}, dx
	}
	o.Kernel = func(in []G.Value) {
		delta, image = Floats(in[0]), Floats(in[1])
		l.products.backward(g.model, dx, l.weight.Grad, image, delta, g.Rows)
	}
	o.Rule = l.rule(&image, &delta)
	node, err := o.Apply(g)
	if err != nil || dx == nil {
		return G.Nodes{nil, node}, err
	}
	dw, err := g.GradientOf(l.weight, node)
	return G.Nodes{node, dw}, err
}

// rule gives image and delta of a sample, or the gradient computed from them.
func (l *Convolution) rule(images, deltas *[]float32) Rule {
	in, out := l.geometry.Height*l.geometry.Width*l.geometry.Channels, sizeOf(l.outputs)
	factors := func(i int) ([]float32, []float32) {
		return (*images)[i*in : (i+1)*in], (*deltas)[i*out : (i+1)*out]
	}
	if l.Form(1).Geometry != nil {
		return Rule{Factors: factors}
	}
	var matrices pads
	return Rule{Row: func(i int, dst []float32) {
		image, delta := factors(i)
		p := &patchProduct{geometry: l.geometry, out: l.Out}
		matrix := matrices.borrow(l.geometry.Positions() * l.geometry.PatchSize())
		defer matrices.giveBack(matrix)
		l.geometry.GatherTo(matrix, image)
		p.byWeights(dst, matrix, delta, l.geometry.Positions())
	}}
}

// patchProduct computes a convolution as the matrix product of the patches of all images with the weights.
type patchProduct struct {
	geometry probe.Geometry
	out      int
	weight   []float32 // [out, kh, kw, in]
}

func (p *patchProduct) prepare(weight []float32) {
	if p.weight == nil {
		p.weight = make([]float32, len(weight))
	}
	transposeEach(p.out, p.weight, weight, p.geometry.Channels, p.geometry.PatchSize()/p.geometry.Channels)
}

func (p *patchProduct) forward(m *Model, y, x []float32, rows int) {
	matrix := p.gather(m, x, rows)
	n, k := rows*p.geometry.Positions(), p.geometry.PatchSize()
	gemm.Sgemm(false, true, n, p.out, k, 1, matrix, k, p.weight, k, 0, y, p.out)
}

// gather writes the patches of all images into memory that convolutions share.
func (p *patchProduct) gather(m *Model, x []float32, rows int) []float32 {
	matrix := m.shared(0, rows*p.geometry.Positions()*p.geometry.PatchSize())
	eachImage(rows, func(i int) { p.geometry.GatherTo(part(matrix, rows, i, i+1), part(x, rows, i, i+1)) })
	return matrix
}

func (p *patchProduct) backward(m *Model, dx, dw, x, dy []float32, rows int) {
	matrix := p.gather(m, x, rows)
	n, k := rows*p.geometry.Positions(), p.geometry.PatchSize()
	p.byWeights(dw, matrix, dy, n)
	if dx == nil {
		return
	}
	gemm.Sgemm(false, false, n, k, p.out, 1, dy, p.out, p.weight, k, 0, matrix, k)
	eachImage(rows, func(i int) {
		to := part(dx, rows, i, i+1)
		clear(to)
		p.geometry.ScatterAdd(to, part(matrix, rows, i, i+1))
	})
}

// byWeights writes the derivative with respect to the weights [out, in, kh, kw], the product of the deltas with the patches at n
// positions.
func (p *patchProduct) byWeights(dw, matrix, dy []float32, n int) {
	k := p.geometry.PatchSize()
	product := make([]float32, p.out*k)
	gemm.Sgemm(true, false, p.out, k, n, 1, dy, p.out, matrix, k, 0, product, k)
	transposeEach(p.out, dw, product, k/p.geometry.Channels, p.geometry.Channels)
}
