package train

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	G "gorgonia.org/gorgonia"
)

// dense is a layer y = x W^T + b, followed by a ReLU unless it is the output layer. Its derivative is 0 at 0.
type dense struct {
	name    string
	in, out int
	relu    bool
	first   bool // no derivative by its input is needed
	weight  *Param
	bias    *Param
}

// grain is the smallest number of elements worth a goroutine of its own.
const grain = 1 << 15

// initialise draws Glorot-uniform weights, U(-r, r) with r = sqrt(6/(in+out)); biases are zero.
func (l *dense) initialise(rng *rand.Rand) {
	r := math.Sqrt(6 / float64(l.in+l.out))
	for i := range l.weight.Value {
		l.weight.Value[i] = float32(r * (2*rng.Float64() - 1))
	}
	clear(l.bias.Value)
}

// apply adds the fused op y = relu(x W^T + b) and its derivatives to the graph.
func (l *dense) apply(g *graph, x *G.Node) (*G.Node, error) {
	w, b := g.param(l.weight), g.param(l.bias)
	y := make([]float32, g.rows*l.out)
	o := &op{
		name: l.name, inputs: []*G.Node{x, w, b}, shape: []int{g.rows, l.out}, out: buffer(y, g.rows, l.out),
		wrt: []bool{!l.first, true, true},
		kernel: func(in []G.Value) {
			gemm.Sgemm(false, true, g.rows, l.out, l.in, 1, floats(in[0]), l.in, floats(in[1]), l.in, 0, y, l.out)
			addBias(y, floats(in[2]), l.relu)
		},
		diff: func(output, grad *G.Node) (G.Nodes, error) { return l.derive(g, x, output, grad) },
	}
	return o.apply()
}

// derive adds the derivatives of a loss by x, W and b, given that by y:
//
//	delta = grad o 1[y > 0],  dx = delta W,  dW = delta^T x,  db = sum of delta's rows
//
// and leaves x and delta to be read off as the factors of the per-sample gradients.
func (l *dense) derive(g *graph, x, y, grad *G.Node) (G.Nodes, error) {
	delta := grad
	if l.relu {
		var err error
		if delta, err = l.maskOp(g, y, grad); err != nil {
			return nil, err
		}
	}
	g.taps = append(g.taps, tap{layer: l, input: x, delta: delta})
	dw, err := l.weightOp(g, x, delta)
	if err != nil {
		return nil, err
	}
	db, err := l.biasOp(g, delta)
	if err != nil || l.first {
		return G.Nodes{nil, dw, db}, err
	}
	dx, err := l.inputOp(g, delta)
	return G.Nodes{dx, dw, db}, err
}

// maskOp works in place: nothing else reads the derivative by y, and a buffer less is a buffer less in the cache.
func (l *dense) maskOp(g *graph, y, grad *G.Node) (*G.Node, error) {
	o := &op{name: l.name + " delta", inputs: []*G.Node{y, grad}, shape: []int{g.rows, l.out}, inPlace: 1}
	o.kernel = func(in []G.Value) { maskTo(floats(in[1]), floats(in[0]), floats(in[1])) }
	return o.apply()
}

func (l *dense) inputOp(g *graph, delta *G.Node) (*G.Node, error) {
	dx := make([]float32, g.rows*l.in)
	return (&op{
		name: l.name + " dx", inputs: []*G.Node{delta, g.param(l.weight)}, shape: []int{g.rows, l.in}, out: buffer(dx, g.rows, l.in),
		kernel: func(in []G.Value) {
			gemm.Sgemm(false, false, g.rows, l.in, l.out, 1, floats(in[0]), l.out, floats(in[1]), l.in, 0, dx, l.in)
		},
	}).apply()
}

func (l *dense) weightOp(g *graph, x, delta *G.Node) (*G.Node, error) {
	dw := l.weight.Grad
	return (&op{
		name: l.name + " dW", inputs: []*G.Node{delta, x}, shape: []int{l.out, l.in}, out: buffer(dw, l.out, l.in),
		kernel: func(in []G.Value) {
			gemm.Sgemm(true, false, l.out, l.in, g.rows, 1, floats(in[0]), l.out, floats(in[1]), l.in, 0, dw, l.in)
		},
	}).apply()
}

func (l *dense) biasOp(g *graph, delta *G.Node) (*G.Node, error) {
	db := l.bias.Grad
	return (&op{
		name: l.name + " db", inputs: []*G.Node{delta}, shape: []int{l.out}, out: buffer(db, l.out),
		kernel: func(in []G.Value) { columnSumsTo(db, floats(in[0])) },
	}).apply()
}

// addBias adds b to every row of y and applies the ReLU where asked.
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

// columnSumsTo writes the sums over the rows of x. Workers split the columns, so that each sum has one order.
func columnSumsTo(dst, x []float32) {
	cols := len(dst)
	rows := len(x) / cols
	parallel.For(cols, 1+grain/max(rows, 1), func(lo, hi int) {
		sum := dst[lo:hi]
		clear(sum)
		for i := range rows {
			vector.Add(sum, x[i*cols+lo:i*cols+hi])
		}
	})
}
