package train

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// op adapts one fused kernel to a Gorgonia operator. Its kernel reads the inputs' elements and writes the elements of a
// buffer that the op owns for as long as the graph lives, so executing it allocates nothing.
type op struct {
	name   string
	inputs []*G.Node
	shape  tensor.Shape
	kernel func(in []G.Value)
	out    *tensor.Dense // nil for a scalar
	scalar func() float32
	// inPlace is the number of the input whose memory the output takes, counting from 0; 0 itself stands for none.
	inPlace int
	// diff returns the symbolic derivative by every input (nil where wrt is false); without it the op has none.
	diff func(output, grad *G.Node) (G.Nodes, error)
	wrt  []bool
}

// apply adds the op to the graph of its inputs.
func (o *op) apply() (*G.Node, error) {
	node, err := G.ApplyOp(o, o.inputs...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	return node, nil
}

// buffer returns a float32 tensor over data.
func buffer(data []float32, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

// floats returns the elements of an input; Data would box a slice every time.
func floats(v G.Value) []float32 {
	if dense, ok := v.(*tensor.Dense); ok {
		return dense.Float32s()
	}
	return v.Data().([]float32)
}

// Do runs the kernel. It is safe to call it many times; every call returns the same buffer.
func (o *op) Do(in ...G.Value) (G.Value, error) {
	if len(in) != len(o.inputs) {
		return nil, fmt.Errorf("%s: got %d inputs, want %d", o.name, len(in), len(o.inputs))
	}
	o.kernel(in)
	if o.inPlace > 0 {
		return in[o.inPlace], nil
	}
	if o.out == nil {
		// Gorgonia may keep or overwrite a scalar, so each run returns a fresh one.
		return G.NewF32(o.scalar()), nil
	}
	return o.out, nil
}

// UsePreallocDo ignores the register: the op has its own memory.
func (o *op) UsePreallocDo(_ G.Value, in ...G.Value) (G.Value, error) { return o.Do(in...) }

func (o *op) DiffWRT(int) []bool {
	if o.wrt == nil {
		return make([]bool, len(o.inputs))
	}
	return o.wrt
}

func (o *op) SymDiff(_ G.Nodes, output, grad *G.Node) (G.Nodes, error) {
	if o.diff == nil {
		return nil, fmt.Errorf("%s: has no derivative", o.name)
	}
	return o.diff(output, grad)
}

// Type is exact rather than generic: an op belongs to the nodes that it was made for.
func (o *op) Type() hm.Type {
	types := make([]hm.Type, 0, len(o.inputs)+1)
	for _, in := range o.inputs {
		types = append(types, in.Type())
	}
	if o.scalar != nil {
		return hm.NewFnType(append(types, tensor.Float32)...)
	}
	return hm.NewFnType(append(types, G.TensorType{Dims: o.shape.Dims(), Of: tensor.Float32})...)
}

func (o *op) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.shape, nil }
func (o *op) Arity() int                                     { return len(o.inputs) }
func (o *op) ReturnsPtr() bool                               { return true }
func (o *op) CallsExtern() bool                              { return false }
func (o *op) OverwritesInput() int                           { return -1 }
func (o *op) String() string                                 { return o.name }
func (o *op) WriteHash(h hash.Hash)                          { fmt.Fprintf(h, "%s %p", o.name, o) }

func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}
