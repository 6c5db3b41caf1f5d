package train

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Graph is the compiled expression graph of a model for one number of rows. Shapes are static in Gorgonia, so that a model has one
// graph for each batch shape; all of them share the parameter values and gradients.
type Graph struct {
	// Rows is the number of samples.
	Rows int
	// Frozen says that normalisation uses the running statistics, so that samples have gradients of their own.
	Frozen bool

	model    *Model
	backward bool
	g        *G.ExprGraph
	vm       G.VM

	// What a run reads: samples, unless show has given it others, their labels, and their weights in the loss.
	own    *samples
	Labels []int32
	Weight []float32
	// What a run writes: every sample's own loss and predicted class.
	Loss      []float64
	Predicted []int
	// Where the rules of the layers record per-sample gradients; nil if none are recorded.
	recording *recording
	// Where a training step takes norms; nil in every other pass.
	parts *parts

	x, labels, weights, loss *G.Node
	params                   map[*Param]*G.Node
	constants                map[*G.Node]bool
	// Two buffers that the ops of a chain write to in turn, and the index of the last one.
	turns [2][]float32
	turn  int
}

// newGraph builds the graph for a batch shape: the forward pass, and the backward pass if s.backward is set.
func newGraph(m *Model, s shape) (*Graph, error) {
	g := &Graph{
		Rows: s.rows, Frozen: s.frozen, model: m, backward: s.backward, g: G.NewGraph(),
		params: map[*Param]*G.Node{}, constants: map[*G.Node]bool{},
		own: newSamples(s.rows, m.Inputs), Labels: make([]int32, s.rows), Weight: make([]float32, s.rows),
		Loss: make([]float64, s.rows), Predicted: make([]int, s.rows),
	}
	for i := range g.turns {
		g.turns[i] = make([]float32, s.rows*m.widestTurn(s.backward))
	}
	g.x = G.NewMatrix(g.g, G.Float32, G.WithShape(s.rows, m.Inputs), G.WithName("x"), G.WithValue(g.own.x))
	g.constants[g.x] = true
	g.labels = G.NewVector(g.g, G.Int32, G.WithShape(s.rows), G.WithName("labels"),
		G.WithValue(tensor.New(tensor.WithShape(s.rows), tensor.WithBacking(g.Labels))))
	g.weights = G.NewVector(g.g, G.Float32, G.WithShape(s.rows), G.WithName("weights"), G.WithValue(buffer(g.Weight, s.rows)))
	if err := g.build(m); err != nil {
		return nil, fmt.Errorf("train: building the graph for %d rows: %w", s.rows, err)
	}
	g.vm = G.NewTapeMachine(g.g)
	return g, nil
}

// widestTurn is the number of elements per sample that the shared buffers must hold: the largest derivative with respect to an image
// in a backward graph, the largest output of a layer in a forward one.
func (m *Model) widestTurn(backward bool) int {
	widest := 0
	for _, l := range m.layers {
		if isImage(l.in) || !backward {
			widest = max(widest, sizeOf(l.in), sizeOf(l.out))
		}
	}
	return widest
}

func (g *Graph) build(m *Model) (err error) {
	node := g.x
	for _, l := range m.layers {
		if node, err = l.Apply(g, node); err != nil {
			return err
		}
	}
	if g.loss, err = crossEntropy(g, node, m.Classes); err != nil || !g.backward {
		return err
	}
	var wrt []*G.Node
	for _, p := range m.Params {
		wrt = append(wrt, g.Param(p))
	}
	_, err = G.Grad(g.loss, wrt...)
	return err
}

// Param returns the node of a parameter, which shares the parameter's memory.
func (g *Graph) Param(p *Param) *G.Node {
	if node, ok := g.params[p]; ok {
		return node
	}
	node := G.NewTensor(g.g, G.Float32, len(p.Shape), G.WithShape(p.Shape...), G.WithName(p.Name),
		G.WithValue(buffer(p.Value, p.Shape...)))
	g.params[p] = node
	return node
}

// Constant reports whether a node depends on no parameter, so that no derivative with respect to it is needed.
func (g *Graph) Constant(node *G.Node) bool { return g.constants[node] }

// GradientOf adds a node for the gradient with respect to a parameter, which the op of the node after writes to p.Grad.
func (g *Graph) GradientOf(p *Param, after *G.Node) (*G.Node, error) {
	return (&Op{Name: p.Name + " gradient", Inputs: []*G.Node{after}, Shape: p.Shape, Out: p.Grad, Kernel: func([]G.Value) {}}).Apply(g)
}

// activation returns memory for the output of a layer: memory of its own if the backward pass reads the output again.
func (g *Graph) activation(size int) []float32 {
	if g.backward {
		return make([]float32, size)
	}
	return g.derivative(size)
}

// derivative returns one of two buffers in turn, for ops of a chain in which each reads only what the op before it wrote.
func (g *Graph) derivative(size int) []float32 {
	g.turn = 1 - g.turn
	return g.turns[g.turn][:size:size]
}

// read gathers the samples with these indices for the next run.
func (g *Graph) read(data Data, index []int, classes int) error {
	if err := g.own.gather(data, index, classes); err != nil {
		return err
	}
	return g.show(g.own)
}

// show makes the next run read samples that were gathered elsewhere.
func (g *Graph) show(s *samples) error {
	copy(g.Labels, s.labels)
	return G.Let(g.x, s.x)
}

// run executes the graph on the samples that it was last shown, with the weights in Weight.
func (g *Graph) run() error {
	g.vm.Reset()
	return g.vm.RunAll()
}
