package train

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/probe"
	G "gorgonia.org/gorgonia"
)

// Layer is what networks are made of. The built-in ones are [Dense], [Convolution], [GhostNorm], [MaxPool], [ChannelsLast] and
// [Flatten]; a type of your own with these methods works as they do (see the example of [NewNetwork]).
//
// Layers form a chain, in which each one's output is the next one's input and nothing else's: the built-in ones share memory on that
// ground, and cannot be parts of other layers.
//
// Between layers, data are a matrix with one row a sample. A sample of shape {n} is n numbers, one of shape {height, width,
// channels} an image whose channels come last.
type Layer interface {
	// Kind is what names are made of: "dense" gives dense1, dense2, ... through the network.
	Kind() string
	// Fit fixes the layer for samples of a shape, under its name, and returns the shape that it turns them into and its
	// parameters, whose names begin with its own. It is called once, before any other method but Kind.
	Fit(name string, in []int) (out []int, params []*Param, err error)
	// Apply adds the layer to a graph, and to the backward graph the derivatives and the [Rule] of per-sample gradients.
	Apply(g *Graph, x *G.Node) (*G.Node, error)
}

// Former is a layer whose per-sample gradients have a smaller form than dense rows.
type Former interface {
	// Form is what a record keeps of a unit that is the mean over so many samples.
	Form(samples int) probe.LayerForm
}

// Param is one named parameter tensor: views of its values and of its gradient.
type Param struct {
	Name        string
	Shape       []int
	Value, Grad []float32
	// Initial fills in the values of a new network; nil leaves zeros.
	Initial func(rng *rand.Rand, value []float32)
}

// Size is the number of its elements.
func (p *Param) Size() int { return sizeOf(p.Shape) }

func sizeOf(shape []int) int {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return size
}

// glorot draws from U(-r, r) with r = sqrt(6/(in+out)), the numbers of connections into and out of one unit (Glorot and Bengio,
// AISTATS 2010, Eq. 16).
func glorot(in, out int) func(rng *rand.Rand, value []float32) {
	r := math.Sqrt(6 / float64(in+out))
	return func(rng *rand.Rand, value []float32) {
		for i := range value {
			value[i] = float32(r * (2*rng.Float64() - 1))
		}
	}
}

// constant fills with a value.
func constant(v float32) func(*rand.Rand, []float32) {
	return func(_ *rand.Rand, value []float32) {
		for i := range value {
			value[i] = v
		}
	}
}

// placed is a layer in its network.
type placed struct {
	Layer
	name   string
	in     []int // shape of its inputs
	out    []int
	params []*Param
}

// parameters is the layer's share of P.
func (l *placed) parameters() int {
	total := 0
	for _, p := range l.params {
		total += p.Size()
	}
	return total
}

// place fits layers one after another to samples of a shape; the last one is the output layer.
func place(layers []Layer, sample []int) ([]*placed, error) {
	var all []*placed
	count := map[string]int{}
	shape := sample
	for i, layer := range layers {
		kind := layer.Kind()
		count[kind]++
		name := fmt.Sprintf("%s%d", kind, count[kind])
		if i == len(layers)-1 {
			name = "output"
		}
		out, params, err := layer.Fit(name, shape)
		if err != nil {
			return nil, err
		}
		all = append(all, &placed{Layer: layer, name: name, in: shape, out: out, params: params})
		shape = out
	}
	return all, nil
}

// isImage reports whether samples of a shape have rows, columns and channels.
func isImage(shape []int) bool { return len(shape) == 3 }

// flatSize is the number of elements of a flat shape.
func flatSize(name string, shape []int) (int, error) {
	if len(shape) != 1 {
		return 0, fmt.Errorf("%s: takes flat samples, not images of shape %v: a layer that flattens them has to come before it", name, shape)
	}
	return shape[0], nil
}
