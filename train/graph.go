package train

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// graph is a model's expression graph for one number of rows, compiled. Gorgonia's shapes are static, so a model keeps one
// for each batch shape; all of them share the parameter values and gradients.
type graph struct {
	rows int
	g    *G.ExprGraph
	vm   G.VM

	// What a run reads: the samples that x shows, their labels and their weights in the loss.
	own    *samples
	Labels []int32
	Weight []float32
	// What it leaves: every sample's own loss and predicted class, and behind the taps the factors of its gradient.
	Loss      []float64
	Predicted []int

	x, labels, weights, loss *G.Node
	params                   map[*Param]*G.Node
	taps                     []tap
}

// tap marks the nodes whose values make up a layer's per-sample gradients.
type tap struct {
	layer        *dense
	input, delta *G.Node
}

// newGraph builds the forward graph for rows samples, and the backward one if the gradient is wanted.
func newGraph(m *Model, rows int, backward bool) (*graph, error) {
	g := &graph{
		rows: rows, g: G.NewGraph(), params: map[*Param]*G.Node{},
		own: newSamples(rows, m.Inputs), Labels: make([]int32, rows), Weight: make([]float32, rows),
		Loss: make([]float64, rows), Predicted: make([]int, rows),
	}
	g.x = G.NewMatrix(g.g, G.Float32, G.WithShape(rows, m.Inputs), G.WithName("x"), G.WithValue(g.own.x))
	g.labels = G.NewVector(g.g, G.Int32, G.WithShape(rows), G.WithName("labels"),
		G.WithValue(tensor.New(tensor.WithShape(rows), tensor.WithBacking(g.Labels))))
	g.weights = G.NewVector(g.g, G.Float32, G.WithShape(rows), G.WithName("weights"), G.WithValue(buffer(g.Weight, rows)))
	if err := g.build(m, backward); err != nil {
		return nil, fmt.Errorf("train: building the graph for %d rows: %w", rows, err)
	}
	g.vm = G.NewTapeMachine(g.g)
	return g, nil
}

func (g *graph) build(m *Model, backward bool) (err error) {
	node := g.x
	for _, l := range m.layers {
		if node, err = l.apply(g, node); err != nil {
			return err
		}
	}
	if g.loss, err = crossEntropy(g, node, m.Classes); err != nil || !backward {
		return err
	}
	var wrt []*G.Node
	for _, p := range m.Params {
		wrt = append(wrt, g.param(p))
	}
	_, err = G.Grad(g.loss, wrt...)
	return err
}

// param returns the node of a parameter, which shares the parameter's memory.
func (g *graph) param(p *Param) *G.Node {
	if node, ok := g.params[p]; ok {
		return node
	}
	node := G.NewTensor(g.g, G.Float32, len(p.Shape), G.WithShape(p.Shape...), G.WithName(p.Name),
		G.WithValue(buffer(p.Value, p.Shape...)))
	g.params[p] = node
	return node
}

// read gathers the samples with these indices for the next run.
func (g *graph) read(data Data, index []int, classes int) error {
	if err := g.own.gather(data, index, classes); err != nil {
		return err
	}
	return g.show(g.own)
}

// show makes the next run read samples that were gathered elsewhere.
func (g *graph) show(s *samples) error {
	copy(g.Labels, s.labels)
	return G.Let(g.x, s.x)
}

// run executes the graph on the samples that it was last shown, with the weights in Weight.
func (g *graph) run() error {
	g.vm.Reset()
	return g.vm.RunAll()
}
