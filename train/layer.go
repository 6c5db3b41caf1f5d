package train

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/probe"
	G "gorgonia.org/gorgonia"
)

// Layer is a layer of a network. The built-in ones are [Dense], [Convolution], [GhostNorm], [MaxPool], [ChannelsLast] and [Flatten];
// a type of your own with these methods works in the same way (see the example of [NewNetwork]).
//
// Layers form a chain: the output of each is the input of the next and is read by nothing else. The built-in layers share memory for
// that reason, and cannot be used inside other layers.
//
// Between layers data are a matrix with one row for each sample. A sample has the shape {n}, n numbers, or {height, width, channels},
// an image with its channels last.
type Layer interface {
	// Kind is the beginning of the layer's name: layers of kind "dense" are named dense1, dense2, ... along the network.
	Kind() string
	// Fit tells the layer its name and the shape of its input samples. It returns the shape of its output samples and its parameters,
	// whose names begin with the layer's name. It is called once, before any other method but Kind.
	Fit(name string, in []int) (out []int, params []*Param, err error)
	// Apply adds the layer to a graph; in a backward graph its ops have derivatives, and the [Rule] of its per-sample gradients.
	Apply(g *Graph, x *G.Node) (*G.Node, error)
}

// Former is a layer whose per-sample gradients have a smaller form than dense rows.
type Former interface {
	// Form is the form in which a record keeps the gradient of a unit, the mean over so many samples.
	Form(samples int) probe.LayerForm
}

// Param is a named parameter tensor. Value and Grad are parts of [Model.Weights] and [Model.Gradient].
type Param struct {
	Name        string
	Shape       []int
	Value, Grad []float32
	// Initial fills in the values of a new network; nil leaves zeros.
	Initial func(rng *rand.Rand, value []float32)
}

// Size is the number of elements.
func (p *Param) Size() int { return sizeOf(p.Shape) }

func sizeOf(shape []int) int {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return size
}

// glorot draws from U(-r, r) with r = sqrt(6/(in+out)), where in and out are the numbers of connections into and out of one unit
// (Glorot and Bengio, AISTATS 2010, Eq. 16).
func glorot(in, out int) func(rng *rand.Rand, value []float32) {
	r := math.Sqrt(6 / float64(in+out))
	return func(rng *rand.Rand, value []float32) {
		for i := range value {
			value[i] = float32(r * (float64(2*rng.Float64()) - 1))
		}
	}
}

// constant sets all values to v.
func constant(v float32) func(*rand.Rand, []float32) {
	return func(_ *rand.Rand, value []float32) {
		for i := range value {
			value[i] = v
		}
	}
}

// placed is a layer at its place in a network.
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

// place calls Fit for one layer after another, beginning with the shape of the samples; the last layer is the output layer.
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

// isImage reports whether a sample of this shape has rows, columns and channels.
func isImage(shape []int) bool { return len(shape) == 3 }

// flatSize is the number of elements of a flat shape.
func flatSize(name string, shape []int) (int, error) {
	if len(shape) != 1 {
		return 0, fmt.Errorf("%s: takes flat samples, not images of shape %v: put a layer that flattens them before it", name, shape)
	}
	return shape[0], nil
}
