package train

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/channels"
	G "gorgonia.org/gorgonia"
)

// MaxPool takes the largest of every 2×2 pixels. If several are equal, the first of them, row by row, gets the derivative.
type MaxPool struct {
	name  string
	shape []int
}

// Kind, Fit and Apply make it a [Layer].
func (l *MaxPool) Kind() string { return "pool" }

func (l *MaxPool) Fit(name string, in []int) ([]int, []*Param, error) {
	if !isImage(in) {
		return nil, nil, fmt.Errorf("%s: takes images, not samples of shape %v", name, in)
	}
	if in[0]%2 != 0 || in[1]%2 != 0 {
		return nil, nil, fmt.Errorf("the %d×%d pixels that reach %s cannot be halved: use fewer stacks or images of another size", in[0], in[1], name)
	}
	l.name, l.shape = name, in
	return []int{in[0] / 2, in[1] / 2, in[2]}, nil, nil
}

// Apply adds the op and its derivative to the graph.
func (l *MaxPool) Apply(g *Graph, x *G.Node) (*G.Node, error) {
	size := sizeOf(l.shape)
	y := g.activation(g.Rows * size / 4)
	return (&Op{
		Name: l.name, Inputs: []*G.Node{x}, Shape: []int{g.Rows, size / 4}, Out: y, WRT: []bool{!g.Constant(x)},
		Kernel: func(in []G.Value) {
			images := Floats(in[0])
			eachImage(g.Rows, func(i int) {
				channels.MaxPool(y[i*size/4:(i+1)*size/4], images[i*size:(i+1)*size], l.shape[0], l.shape[1], l.shape[2])
			})
		},
		Diff: func(_, grad *G.Node) (G.Nodes, error) {
			dx, err := l.adjoint(g, x, grad)
			return G.Nodes{dx}, err
		},
	}).Apply(g)
}

func (l *MaxPool) adjoint(g *Graph, x, grad *G.Node) (*G.Node, error) {
	size := sizeOf(l.shape)
	dx := g.derivative(g.Rows * size)
	return (&Op{
		Name: l.name + " dx", Inputs: []*G.Node{x, grad}, Shape: []int{g.Rows, size}, Out: dx,
		Kernel: func(in []G.Value) {
			images, dy := Floats(in[0]), Floats(in[1])
			eachImage(g.Rows, func(i int) {
				channels.MaxPoolAdjoint(dx[i*size:(i+1)*size], images[i*size:(i+1)*size], dy[i*size/4:(i+1)*size/4], l.shape[0], l.shape[1], l.shape[2])
			})
		},
	}).Apply(g)
}
