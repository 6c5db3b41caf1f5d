package train

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	G "gorgonia.org/gorgonia"
)

// ChannelsLast transposes images from {channels, height, width}, as data sets have them, to {height, width, channels}.
type ChannelsLast struct{ shape []int }

// Kind, Fit and Apply make it a [Layer].
func (l *ChannelsLast) Kind() string { return "channelsLast" }

func (l *ChannelsLast) Fit(name string, in []int) ([]int, []*Param, error) {
	if !isImage(in) {
		return nil, nil, fmt.Errorf("convolutions need images {channels, height, width}, but samples have the shape %v", in)
	}
	l.shape = in
	return []int{in[1], in[2], in[0]}, nil, nil
}

func (l *ChannelsLast) Apply(g *Graph, x *G.Node) (*G.Node, error) {
	return transposeImages(g, "channels last", x, l.shape[0], l.shape[1]*l.shape[2])
}

// Flatten makes images flat samples in the order channel, row, column, which the weights of other frameworks expect.
type Flatten struct{ shape []int }

// Kind, Fit and Apply make it a [Layer].
func (l *Flatten) Kind() string { return "flatten" }

func (l *Flatten) Fit(name string, in []int) ([]int, []*Param, error) {
	if !isImage(in) {
		return nil, nil, fmt.Errorf("%s: takes images, not samples of shape %v", name, in)
	}
	l.shape = in
	return []int{sizeOf(in)}, nil, nil
}

func (l *Flatten) Apply(g *Graph, x *G.Node) (*G.Node, error) {
	return transposeImages(g, "flatten", x, l.shape[0]*l.shape[1], l.shape[2])
}

// transposeImages transposes every sample as a matrix.
func transposeImages(g *Graph, name string, x *G.Node, rows, cols int) (*G.Node, error) {
	size := rows * cols
	o := &Op{
		Name: name, Inputs: []*G.Node{x}, Shape: []int{g.Rows, size}, Out: g.activation(g.Rows * size), WRT: []bool{!g.Constant(x)},
	}
	o.Kernel = func(in []G.Value) { transposeEach(g.Rows, o.Out, Floats(in[0]), rows, cols) }
	o.Diff = func(_, grad *G.Node) (G.Nodes, error) {
		back := &Op{Name: name + " dx", Inputs: []*G.Node{grad}, Shape: []int{g.Rows, size}, Out: g.derivative(g.Rows * size)}
		back.Kernel = func(in []G.Value) { transposeEach(g.Rows, back.Out, Floats(in[0]), cols, rows) }
		dx, err := back.Apply(g)
		return G.Nodes{dx}, err
	}
	return o.Apply(g)
}

// transposeEach writes the transpose of each of n matrices [rows, cols].
func transposeEach(n int, dst, src []float32, rows, cols int) {
	size := rows * cols
	parallel.For(n, 1+grain/size, func(lo, hi int) {
		for s := lo; s < hi; s++ {
			from, to := src[s*size:][:size], dst[s*size:][:size]
			for i := range rows {
				for j, v := range from[i*cols : (i+1)*cols] {
					to[j*rows+i] = v
				}
			}
		}
	})
}
