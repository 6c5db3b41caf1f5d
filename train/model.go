package train

import (
	"fmt"
	"slices"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	G "gorgonia.org/gorgonia"
)

// Model is a network with its parameters. All parameters are in one flat vector, and so are their gradients. A Model, and a [Trainer]
// or [Source] of it, is not safe for concurrent use: passes share buffers and gradients.
type Model struct {
	Spec    Spec
	Inputs  int
	Classes int
	Params  []*Param
	// Weights and Gradient are flat: the parameters of Params one after another.
	Weights, Gradient []float32
	// Running are the running statistics of batch normalisation, which training updates and evaluation reads. They are not parameters.
	Running []*Param

	layers []*placed
	graphs map[shape]*Graph
	norms  []*GhostNorm
	// scratch is memory that all convolutions share; call counts the calls, within each of which the weights do not change.
	scratch [3][]float32
	sum     []float32 // of the gradients of pieces
	call    int
}

type shape struct {
	rows             int
	backward, frozen bool
}

var plugIn sync.Once

// NewModel builds the network of a spec for samples of the given shape, such as {784} or, channels first, {3, 32, 32}, and the given
// number of classes. Initial weights are Glorot-uniform, from the stream "init" of the root seed; biases are zero.
func NewModel(spec Spec, sample []int, classes int, root uint64) (*Model, error) {
	layers, err := spec.Layers()
	if err != nil {
		return nil, err
	}
	m, err := NewNetwork(layers, spec.takes(sample), classes, root)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", spec.Text, err)
	}
	m.Spec = spec
	return m, nil
}

// NewNetwork builds a network of layers and adds an output layer for the classes. The layers then belong to the network.
func NewNetwork(layers []Layer, sample []int, classes int, root uint64) (*Model, error) {
	plugIn.Do(func() { G.Use(gemm.Implementation()) })
	placed, err := place(withOutput(layers, classes), sample)
	if err != nil {
		return nil, err
	}
	m := &Model{Inputs: sizeOf(sample), Classes: classes, layers: placed, graphs: map[shape]*Graph{}}
	m.allocate()
	for i, l := range m.trainable() {
		rng := seed.New(root, "init", uint64(i))
		for _, p := range l.params {
			if p.Initial != nil {
				p.Initial(rng, p.Value)
			}
		}
	}
	for _, l := range m.layers {
		if norm, ok := l.Layer.(*GhostNorm); ok {
			m.norms = append(m.norms, norm)
			m.Running = append(m.Running, norm.mean, norm.variance)
		}
	}
	for _, p := range m.Running {
		if p.Value = make([]float32, p.Size()); p.Initial != nil {
			p.Initial(nil, p.Value)
		}
	}
	return m, nil
}

func withOutput(layers []Layer, classes int) []Layer {
	return append(slices.Clone(layers), &Dense{Out: classes, Linear: true})
}

// trainable returns the layers that have parameters.
func (m *Model) trainable() []*placed {
	var some []*placed
	for _, l := range m.layers {
		if len(l.params) > 0 {
			some = append(some, l)
		}
	}
	return some
}

// byLayer cuts a vector of all parameters into those of the trainable layers.
func byLayer[T any](m *Model, v []T) [][]T {
	var parts [][]T
	for _, l := range m.trainable() {
		n := l.parameters()
		parts, v = append(parts, v[:n:n]), v[n:]
	}
	return parts
}

// Params returns the names and shapes of the parameters of a network of the spec, in the order of [Model.Params], without allocating
// their values: weights from elsewhere can be compared with them before the network is made.
func (s Spec) Params(sample []int, classes int) ([]Param, error) {
	placed, err := s.place(sample, classes)
	if err != nil {
		return nil, err
	}
	var params []Param
	for _, l := range placed {
		for _, p := range l.params {
			params = append(params, *p)
		}
	}
	return params, nil
}

// place makes the layers of a network of the spec, without values.
func (s Spec) place(sample []int, classes int) ([]*placed, error) {
	layers, err := s.Layers()
	if err != nil {
		return nil, err
	}
	all, err := place(withOutput(layers, classes), s.takes(sample))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", s.Text, err)
	}
	return all, nil
}

// allocate makes the flat vectors, and the parameters parts of them.
func (m *Model) allocate() {
	total := 0
	for _, l := range m.layers {
		total += l.parameters()
	}
	m.Weights, m.Gradient = make([]float32, total), make([]float32, total)
	at := 0
	for _, l := range m.layers {
		for _, p := range l.params {
			end := at + p.Size()
			p.Value, p.Grad = m.Weights[at:end:end], m.Gradient[at:end:end]
			m.Params = append(m.Params, p)
			at = end
		}
	}
}

// Parameters is P.
func (m *Model) Parameters() int { return len(m.Weights) }

// Ghost is the size of the ghost batches that samples are normalised in, 0 for a network without batch normalisation.
func (m *Model) Ghost() int {
	if len(m.norms) == 0 {
		return 0
	}
	return m.norms[0].Size
}

// graph returns the compiled graph for a batch shape, which is built when it is first needed.
func (m *Model) graph(s shape) (*Graph, error) {
	s.frozen = s.frozen && len(m.norms) > 0
	if g, ok := m.graphs[s]; ok {
		return g, nil
	}
	g, err := newGraph(m, s)
	if err != nil {
		return nil, err
	}
	m.graphs[s] = g
	return g, nil
}

// shared returns memory that an op may use while it runs.
func (m *Model) shared(k, size int) []float32 {
	if len(m.scratch[k]) < size {
		m.scratch[k] = make([]float32, size)
	}
	return m.scratch[k][:size]
}
