package train

import (
	"fmt"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	G "gorgonia.org/gorgonia"
)

// Model is a network with its parameters. All parameters lie in one flat vector, and so do their gradients.
// A Model, and a [Trainer] or [Source] on it, is not safe for concurrent use: passes share buffers and gradients.
type Model struct {
	Spec    Spec
	Inputs  int
	Classes int
	Params  []*Param
	// Weights and Gradient are flat: the parameters of Params one after another.
	Weights, Gradient []float32

	layers []*dense
	graphs map[shape]*graph
}

// Param is one named parameter tensor: views of its values and of its gradient.
type Param struct {
	Name        string
	Shape       []int
	Value, Grad []float32
}

type shape struct {
	rows     int
	backward bool
}

var plugIn sync.Once

// NewModel builds a network for samples of the given number of inputs and classes. Initial weights are Glorot-uniform from
// the stream "init" of the seed, biases zero.
func NewModel(spec Spec, inputs, classes int, root uint64) (*Model, error) {
	plugIn.Do(func() { G.Use(gemm.Implementation()) })
	layers, err := spec.layers(inputs, classes)
	if err != nil {
		return nil, err
	}
	m := &Model{Spec: spec, Inputs: inputs, Classes: classes, layers: layers, graphs: map[shape]*graph{}}
	m.allocate()
	for i, l := range m.layers {
		l.initialise(seed.New(root, "init", uint64(i)))
	}
	return m, nil
}

// layers are those of the spec, without parameters.
func (s Spec) layers(inputs, classes int) ([]*dense, error) {
	if err := s.CheckSupported(); err != nil {
		return nil, err
	}
	var layers []*dense
	in := inputs
	for _, stack := range s.Stacks {
		for range stack.Count {
			layers = append(layers, &dense{name: fmt.Sprintf("dense%d", len(layers)+1), in: in, out: stack.Out, relu: true})
			in = stack.Out
		}
	}
	layers = append(layers, &dense{name: "output", in: in, out: classes})
	layers[0].first = true
	return layers, nil
}

// Params are the names and shapes of the parameters that a network of the spec has, in the order of [Model.Params]. Nothing of
// their size is made: weights from elsewhere can be compared with them before the network is.
func (s Spec) Params(inputs, classes int) ([]Param, error) {
	layers, err := s.layers(inputs, classes)
	if err != nil {
		return nil, err
	}
	var params []Param
	for _, l := range layers {
		params = append(params, Param{Name: l.name + ".weight", Shape: []int{l.out, l.in}}, Param{Name: l.name + ".bias", Shape: []int{l.out}})
	}
	return params, nil
}

// allocate lays the parameters out in the flat vectors.
func (m *Model) allocate() {
	total := 0
	for _, l := range m.layers {
		total += l.out * (l.in + 1)
	}
	m.Weights, m.Gradient = make([]float32, total), make([]float32, total)
	at := 0
	take := func(name string, shape ...int) *Param {
		size := 1
		for _, d := range shape {
			size *= d
		}
		p := &Param{Name: name, Shape: shape, Value: m.Weights[at : at+size : at+size], Grad: m.Gradient[at : at+size : at+size]}
		at += size
		m.Params = append(m.Params, p)
		return p
	}
	for _, l := range m.layers {
		l.weight = take(l.name+".weight", l.out, l.in)
		l.bias = take(l.name+".bias", l.out)
	}
}

// Parameters is P.
func (m *Model) Parameters() int { return len(m.Weights) }

// graph returns the compiled graph for a batch shape, building it at first use.
func (m *Model) graph(rows int, backward bool) (*graph, error) {
	key := shape{rows, backward}
	if g, ok := m.graphs[key]; ok {
		return g, nil
	}
	g, err := newGraph(m, rows, backward)
	if err != nil {
		return nil, err
	}
	m.graphs[key] = g
	return g, nil
}
