package train

import (
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"github.com/noiseprobe/noiseprobe/probe"
	G "gorgonia.org/gorgonia"
)

// Dense is a layer y = x W^T + b, followed by a ReLU unless it is Linear. The ReLU's derivative is 0 at 0.
type Dense struct {
	Out    int
	Linear bool

	name         string
	in           int
	weight, bias *Param
}

// grain is the smallest number of elements that are worth a goroutine of their own.
const grain = 1 << 15

// Kind, Fit and Apply make it a [Layer].
func (l *Dense) Kind() string { return "dense" }

func (l *Dense) Fit(name string, in []int) (out []int, params []*Param, err error) {
	l.name = name
	if l.in, err = flatSize(name, in); err != nil {
		return nil, nil, err
	}
	l.weight = &Param{Name: name + ".weight", Shape: []int{l.Out, l.in}, Initial: glorot(l.in, l.Out)}
	l.bias = &Param{Name: name + ".bias", Shape: []int{l.Out}}
	return []int{l.Out}, []*Param{l.weight, l.bias}, nil
}

// Form is a pair of factors for every sample of a unit, or the dense gradient where that is smaller.
func (l *Dense) Form(samples int) probe.LayerForm {
	factors := probe.LayerForm{Name: l.name, Parameters: l.Out * (l.in + 1), In: l.in, Out: l.Out, Positions: samples}
	if samples == 1 {
		return factors
	}
	return probe.Smaller(probe.LayerForm{Name: l.name, Parameters: factors.Parameters}, factors)
}

// Apply adds the fused op y = relu(x W^T + b) and its derivatives to the graph.
func (l *Dense) Apply(g *Graph, x *G.Node) (*G.Node, error) {
	y := g.activation(g.Rows * l.Out)
	return (&Op{
		Name: l.name, Inputs: []*G.Node{x, g.Param(l.weight), g.Param(l.bias)}, Shape: []int{g.Rows, l.Out}, Out: y,
		WRT: []bool{!g.Constant(x), true, true},
		Kernel: func(in []G.Value) {
			gemm.Sgemm(false, true, g.Rows, l.Out, l.in, 1, Floats(in[0]), l.in, Floats(in[1]), l.in, 0, y, l.Out)
			addBias(y, Floats(in[2]), !l.Linear)
		},
		Diff: func(output, grad *G.Node) (G.Nodes, error) { return l.derive(g, x, output, grad) },
	}).Apply(g)
}

// derive adds the derivatives of a loss with respect to x, W and b, given that with respect to y:
//
//	delta = grad o 1[y > 0],  dx = delta W,  dW = delta^T x,  db = sum of delta's rows
//
// x and delta are the factors of the per-sample gradients.
func (l *Dense) derive(g *Graph, x, y, grad *G.Node) (G.Nodes, error) {
	delta := grad
	if !l.Linear {
		var err error
		if delta, err = l.maskOp(g, y, grad); err != nil {
			return nil, err
		}
	}
	dw, err := l.weightOp(g, x, delta)
	if err != nil {
		return nil, err
	}
	db, err := l.biasOp(g, delta)
	if err != nil || g.Constant(x) {
		return G.Nodes{nil, dw, db}, err
	}
	dx, err := l.inputOp(g, delta)
	return G.Nodes{dx, dw, db}, err
}

// maskOp works in place, since nothing else reads the derivative with respect to y: one buffer less is in the cache.
func (l *Dense) maskOp(g *Graph, y, grad *G.Node) (*G.Node, error) {
	o := &Op{Name: l.name + " delta", Inputs: []*G.Node{y, grad}, Shape: []int{g.Rows, l.Out}, InPlace: 1}
	o.Kernel = func(in []G.Value) { maskTo(Floats(in[1]), Floats(in[0]), Floats(in[1])) }
	return o.Apply(g)
}

func (l *Dense) inputOp(g *Graph, delta *G.Node) (*G.Node, error) {
	dx := make([]float32, g.Rows*l.in)
	return (&Op{
		Name: l.name + " dx", Inputs: []*G.Node{delta, g.Param(l.weight)}, Shape: []int{g.Rows, l.in}, Out: dx,
		Kernel: func(in []G.Value) {
			gemm.Sgemm(false, false, g.Rows, l.in, l.Out, 1, Floats(in[0]), l.Out, Floats(in[1]), l.in, 0, dx, l.in)
		},
	}).Apply(g)
}

func (l *Dense) weightOp(g *Graph, x, delta *G.Node) (*G.Node, error) {
	dw := l.weight.Grad
	var a, d []float32
	return (&Op{
		Name: l.name + " dW", Inputs: []*G.Node{delta, x}, Shape: []int{l.Out, l.in}, Out: dw,
		Kernel: func(in []G.Value) {
			d, a = Floats(in[0]), Floats(in[1])
			if g.recording == nil || !g.recording.unitsAlone {
				l.weightProduct(g, dw, d, a)
			}
		},
		Layer: l,
		Rule: Rule{Factors: func(i int) ([]float32, []float32) {
			return a[i*l.in : (i+1)*l.in], d[i*l.Out : (i+1)*l.Out]
		}},
	}).Apply(g)
}

func (l *Dense) biasOp(g *Graph, delta *G.Node) (*G.Node, error) {
	db := l.bias.Grad
	return (&Op{
		Name: l.name + " db", Inputs: []*G.Node{delta}, Shape: []int{l.Out}, Out: db,
		Kernel: func(in []G.Value) { l.biasSum(g, db, Floats(in[0])) },
	}).Apply(g)
}

// addBias adds b to every row of y, and then applies the ReLU if relu is set.
func addBias(y, b []float32, relu bool) {
	cols := len(b)
	parallel.For(len(y)/cols, 1+grain/cols, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if row := y[i*cols : (i+1)*cols]; relu {
				vector.AddReLU(row, b)
			} else {
				vector.Add(row, b)
			}
		}
	})
}

// maskTo writes grad where y > 0, and 0 elsewhere.
func maskTo(dst, y, grad []float32) {
	parallel.For(len(dst), grain, func(lo, hi int) { vector.MaskTo(dst[lo:hi], y[lo:hi], grad[lo:hi]) })
}

// addColumnSums adds the sums over the rows of x. Workers split the columns, so that the order of every sum is fixed.
func addColumnSums(dst, x []float32) {
	cols := len(dst)
	rows := len(x) / cols
	parallel.For(cols, 1+grain/max(rows, 1), func(lo, hi int) {
		sum := dst[lo:hi]
		for i := range rows {
			vector.Add(sum, x[i*cols+lo:i*cols+hi])
		}
	})
}
