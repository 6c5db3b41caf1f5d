package probe

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// gramTolerance is how much an entry of a Gram matrix may be off by rounding, relative to the two norms: products summed in float32.
const gramTolerance = 1e-5

// gram is a layer of which a tensor has the inner products.
func (t tensors) gram(name string, tensor safetensors.Tensor) (*array, error) {
	if len(tensor.Shape) != 2 || tensor.Shape[0] != tensor.Shape[1] {
		return nil, t.wrongShape(tensor, "[n, n]")
	}
	n, p := tensor.Shape[0], t.about.Parameters[name]
	a := t.newArray(name, n, n)
	if p < 0 {
		return nil, fmt.Errorf("%s: has %d parameters by the metadata", a.place, p)
	}
	a.open = func(layer string) (Layer, error) {
		if err := t.files.load(a.place, t.Packed(tensor.Name)); err != nil {
			return nil, err
		}
		return &Gram{Layer: layer, N: n, P: p, read: func() ([]float64, error) {
			g, err := t.Float64s(tensor.Name)
			if err != nil {
				return nil, err
			}
			if err := checkGram(g, n); err != nil {
				return nil, fmt.Errorf("%s: %w", a.place, err)
			}
			return g, nil
		}}, nil
	}
	return a, t.CheckFloat(tensor.Name)
}

// checkGram returns an error that says why g [n, n] holds no inner products.
func checkGram(g []float64, n int) error {
	for i := range n {
		if d := g[i*n+i]; !(d >= 0 && finite(d)) {
			return fmt.Errorf("a Gram matrix has squared norms on its diagonal, and this one has %v at %d", d, i)
		}
	}
	for i := range n {
		for j := range i {
			x, y, limit := g[i*n+j], g[j*n+i], math.Sqrt(g[i*n+i])*math.Sqrt(g[j*n+j])
			switch {
			case !(math.Abs(x-y) <= gramTolerance*limit):
				return fmt.Errorf("a Gram matrix is symmetric, and this one has %v at [%d, %d] but %v at [%d, %d]", x, i, j, y, j, i)
			case !(math.Abs(x) <= (1+gramTolerance)*limit):
				return fmt.Errorf("a Gram matrix holds inner products, and %v at [%d, %d] is more than the product of the norms, %v", x, i, j, limit)
			}
		}
	}
	return nil
}

// askGram refuses rows that look like a Gram matrix: of the gradients of at least 3 units it would be an accident.
func (t tensors) askGram(a *array, m *strided.Matrix) error {
	n := m.Units()
	if n < 3 || len(m.Shape) != 2 || m.Parameters() != n {
		return nil
	}
	g := make([]float64, n*n)
	if err := m.ReadBlock(g, 0, n, 0, n); err != nil || checkGram(g, n) != nil || sum(g) == 0 {
		return nil // an error of reading comes again where the gradients are read
	}
	ending := ""
	if t.whole {
		ending = ".npy"
	}
	return fmt.Errorf("%s: is symmetric like a Gram matrix: is it one, or %d gradients of %d parameters? name it %s.gram%s or %s.gradient%s",
		a.place, n, n, a.name, ending, a.name, ending)
}

// embedding is the layer whose rows that are read are the tensor NAME.ids. It is in memory.
func (t tensors) embedding(name string, ids safetensors.Tensor) (*array, error) {
	delta, err := t.Tensor(name + ".delta")
	if err != nil {
		return nil, err
	}
	switch {
	case len(ids.Shape) != 2:
		return nil, t.wrongShape(ids, "[n, T]")
	case ids.Shape[1] == 0:
		return nil, t.wrongShape(ids, "no axis of length 0")
	}
	if len(delta.Shape) != 3 || delta.Shape[0] != ids.Shape[0] || delta.Shape[1] != ids.Shape[1] || delta.Shape[2] == 0 {
		return nil, t.wrongShape(delta, fmt.Sprintf("[%d, %d, d]", ids.Shape[0], ids.Shape[1]))
	}
	n, width := ids.Shape[0], delta.Shape[2]
	if parameters, said := t.about.Parameters[name]; said && (parameters < width || parameters%width != 0) {
		return nil, fmt.Errorf("%s: layer %s: has %d parameters by the metadata, no multiple of the width %d", t.path, name, parameters, width)
	}
	a := t.newArray(name, n, width)
	a.open = func(layer string) (Layer, error) {
		// The numbers as they are read, and their sums in float64.
		if err := t.files.load(a.place, float64(product(delta.Shape))*(4+8)); err != nil {
			return nil, err
		}
		return t.openEmbedding(layer, name, n, width)
	}
	return a, nil
}

// largestTable is a bound of the parameters of a table that no memory holds, so that what is computed from their number does not overflow.
const largestTable = 1 << 50

func (t tensors) openEmbedding(layer, name string, n, width int) (Layer, error) {
	ids, err := t.Int64s(name + ".ids")
	if err != nil {
		return nil, err
	}
	rows := int64(t.about.Parameters[name] / width)
	if rows == 0 {
		rows = min(slices.Max(ids), math.MaxInt64-1) + 1
	}
	if rows > largestTable/int64(width) {
		return nil, fmt.Errorf("%s: %s.ids goes up to %d, and a table of so many rows of %d is not read", t.path, name, rows-1, width)
	}
	for k, id := range ids {
		if id < 0 || id >= rows {
			return nil, fmt.Errorf("%s: %s.ids is %d at sample %d, and the table has %d rows", t.path, name, id, k*n/len(ids), rows)
		}
	}
	tensor, err := t.Tensor(name + ".delta")
	if err != nil {
		return nil, err
	}
	delta, err := t.factor(tensor)
	if err != nil {
		return nil, err
	}
	return NewEmbedding(layer, n, int(rows), width, ids, delta), nil
}
