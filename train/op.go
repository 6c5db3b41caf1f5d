package train

import (
	"fmt"
	"hash"
	"hash/fnv"
	"slices"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op makes a fused kernel a Gorgonia operator. The kernel reads the elements of the inputs and writes those of Out, memory that the
// op keeps as long as the graph exists, so that executing it allocates nothing.
type Op struct {
	Name   string
	Inputs []*G.Node
	// Shape is the shape of the result, [rows, size] where it has a row for each sample.
	Shape  tensor.Shape
	Kernel func(in []G.Value)
	// Out is the memory of the result.
	Out []float32
	// InPlace is the index of the input whose memory becomes that of the result. 0 means none, so that it cannot be the first.
	InPlace int
	// Diff returns the symbolic derivatives with respect to the inputs, nil where WRT is false, given that with respect to the
	// output. Without Diff the op has no derivative.
	Diff func(output, grad *G.Node) (G.Nodes, error)
	WRT  []bool
	// Rule gives the per-sample gradients of Layer, for an op of the backward graph that reads the deltas of the samples. It is
	// called right after Kernel, and only where gradients are recorded.
	Layer Layer
	Rule  Rule

	graph  *Graph
	value  *tensor.Dense
	scalar func() float32
}

// Rule gives the gradient of each sample's own loss with respect to the parameters of a layer, after a backward pass. Exactly one of
// its functions is set. They are called from several goroutines at once, for different samples.
type Rule struct {
	// Row writes the gradient for sample i, all parameters one after another.
	Row func(i int, dst []float32)
	// Factors returns the two factors of sample i in the layer's [Former.Form].
	Factors func(i int) (a, delta []float32)
}

func (r Rule) none() bool { return r.Row == nil && r.Factors == nil }

// Apply adds the op to the graph of its inputs.
func (o *Op) Apply(g *Graph) (*G.Node, error) {
	o.graph = g
	if o.Out != nil {
		o.value = buffer(o.Out, o.Shape...)
	}
	node, err := G.ApplyOp(o, o.Inputs...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	if o.WRT != nil && !slices.Contains(o.WRT, true) {
		g.constants[node] = true
	}
	return node, nil
}

// buffer returns a float32 tensor over data.
func buffer(data []float32, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

// Floats returns the elements of an input. Unlike Data it does not allocate.
func Floats(v G.Value) []float32 {
	if dense, ok := v.(*tensor.Dense); ok {
		return dense.Float32s()
	}
	return v.Data().([]float32)
}

// Do runs the kernel. It is safe to call it many times; every call returns the same memory.
func (o *Op) Do(in ...G.Value) (G.Value, error) {
	if len(in) != len(o.Inputs) {
		return nil, fmt.Errorf("%s: got %d inputs, want %d", o.Name, len(in), len(o.Inputs))
	}
	o.Kernel(in)
	if !o.Rule.none() {
		o.graph.recordRule(o.Layer, o.Rule)
	}
	switch {
	case o.InPlace > 0:
		return in[o.InPlace], nil
	case o.scalar != nil:
		// Gorgonia may keep or overwrite a scalar, so every run returns a new one.
		return G.NewF32(o.scalar()), nil
	}
	return o.value, nil
}

// UsePreallocDo ignores the memory that Gorgonia offers: the op has its own.
func (o *Op) UsePreallocDo(_ G.Value, in ...G.Value) (G.Value, error) { return o.Do(in...) }

// DiffWRT says with respect to which inputs there are derivatives.
func (o *Op) DiffWRT(int) []bool {
	if o.WRT == nil {
		return make([]bool, len(o.Inputs))
	}
	return o.WRT
}

// SymDiff returns the nodes of the derivatives.
func (o *Op) SymDiff(_ G.Nodes, output, grad *G.Node) (G.Nodes, error) {
	if o.Diff == nil {
		return nil, fmt.Errorf("%s: has no derivative", o.Name)
	}
	return o.Diff(output, grad)
}

// Type is that of the nodes that the op was made for, not a generic one.
func (o *Op) Type() hm.Type {
	types := make([]hm.Type, 0, len(o.Inputs)+1)
	for _, in := range o.Inputs {
		types = append(types, in.Type())
	}
	if o.scalar != nil {
		return hm.NewFnType(append(types, tensor.Float32)...)
	}
	return hm.NewFnType(append(types, G.TensorType{Dims: o.Shape.Dims(), Of: tensor.Float32})...)
}

// InferShape, Arity, ReturnsPtr, CallsExtern, OverwritesInput, String, WriteHash and Hashcode are required of every Gorgonia op.
func (o *Op) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.Shape, nil }
func (o *Op) Arity() int                                     { return len(o.Inputs) }
func (o *Op) ReturnsPtr() bool                               { return true }
func (o *Op) CallsExtern() bool                              { return false }
func (o *Op) OverwritesInput() int                           { return -1 }
func (o *Op) String() string                                 { return o.Name }
func (o *Op) WriteHash(h hash.Hash)                          { fmt.Fprintf(h, "%s %p", o.Name, o) }

func (o *Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}
