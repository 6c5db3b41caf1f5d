package probe

import "fmt"

// LayerForm says how the gradients of a layer are recorded, for every unit in float32:
//
//	rows          In = 0                           the gradient itself                 NAME.gradient [n, P]
//	factors       In, Out and Positions T          dL_i/dW = sum_t delta_it a_it'      NAME.a [n, T, in], NAME.delta [n, T, out]
//	              of a dense layer                 dL_i/db = sum_t delta_it            without the axis T where T is 1
//	convolution   Geometry, In and Out channels    dL_i/dW[o, c, ki, kj] = sum over positions of the output
//	                                               delta_i[position, o] patch_i[position, (ki, kj, c)]
//	                                                                                   NAME.a [n, H, W, in], NAME.delta [n, oH, oW, out]
//
// Parameters says whether there is a bias b. Images are channels last, and parameters are flattened as W [out, in] or [out, in, kh, kw],
// then b.
type LayerForm struct {
	Name string
	// Parameters is the layer's share of P.
	Parameters int
	In, Out    int
	// Positions is T, the number of samples in a unit; 0 means 1. It is ignored where there is a Geometry.
	Positions int
	// Geometry is nil for everything but a convolution.
	Geometry *Geometry
}

// Smaller returns the form that takes less space. Where both take the same, it returns rows, which need no products when they are read.
func Smaller(rows, factored LayerForm) LayerForm {
	if factored.UnitBytes() < rows.UnitBytes() {
		return factored
	}
	return rows
}

// UnitBytes is the space that one unit takes, in memory or in a file.
func (f LayerForm) UnitBytes() int {
	bytes := 0
	for _, p := range f.parts() {
		bytes += 4 * p.size()
	}
	return bytes
}

// part is one of the tensors that a layer is recorded in: what follows the layer's name in its name, and its shape for one unit.
type part struct {
	suffix string
	shape  []int
}

func (p part) size() int { return product(p.shape) }

func (f LayerForm) parts() []part {
	switch {
	case f.Geometry != nil:
		height, width := f.Geometry.Output()
		return []part{{".a", []int{f.Geometry.Height, f.Geometry.Width, f.In}}, {".delta", []int{height, width, f.Out}}}
	case f.In == 0:
		return []part{{".gradient", []int{f.Parameters}}}
	case f.positions() == 1:
		return []part{{".a", []int{f.In}}, {".delta", []int{f.Out}}}
	}
	return []part{{".a", []int{f.Positions, f.In}}, {".delta", []int{f.Positions, f.Out}}}
}

// positions is the number of outer products in a unit's gradient.
func (f LayerForm) positions() int {
	if f.Geometry != nil {
		return f.Geometry.Positions()
	}
	return max(1, f.Positions)
}

// rowLength is the number of weights that belong to one output.
func (f LayerForm) rowLength() int {
	if f.Geometry != nil {
		return f.Geometry.PatchSize()
	}
	return f.In
}

// weights is the number of weights of a layer with these factors, and biases how many biases it has besides.
func (f LayerForm) weights() int { return f.Out * f.rowLength() }
func (f LayerForm) biases() int  { return f.Parameters - f.weights() }

// check panics for a form that no layer can have.
func (f LayerForm) check() {
	switch {
	case f.Name == "" || f.Parameters < 1 || f.In < 0 || f.Positions < 0:
		panic(fmt.Sprintf("probe: no layer has the form %+v", f))
	case f.Geometry != nil && f.In != f.Geometry.Channels:
		panic(fmt.Sprintf("probe: layer %s: %d inputs for images of %d channels", f.Name, f.In, f.Geometry.Channels))
	case f.In > 0 && f.biases() != 0 && f.biases() != f.Out:
		panic(fmt.Sprintf("probe: layer %s: %d parameters, but its factors make %d, or with a bias %d", f.Name, f.Parameters, f.weights(), f.weights()+f.Out))
	}
}

// layer makes a layer of n units from its parts in memory.
func (f LayerForm) layer(n int, parts [][]float32) Layer {
	switch {
	case f.In == 0:
		return NewStreamed(f.Name, &float32Rows{p: f.Parameters, values: parts[0]})
	case f.positions() == 1 && f.Geometry == nil:
		return f.factored(n, parts[0], parts[1])
	}
	size := []int{len(parts[0]) / n, len(parts[1]) / n}
	return NewStreamed(f.Name, &products{form: f, n: n, unit: func(_, _ []float32, i int) (a, delta []float32, err error) {
		return parts[0][i*size[0]:][:size[0]], parts[1][i*size[1]:][:size[1]], nil
	}})
}

// factored makes a layer with one position from its factors.
func (f LayerForm) factored(n int, a, delta []float32) *Factored {
	l := NewFactored(f.Name, n, f.In, f.Out, a, delta)
	l.NoBias = f.biases() == 0
	return l
}
