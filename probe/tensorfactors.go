package probe

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// factored is the layer whose inputs are the tensor NAME.a. Factors with one position are read into memory when the layer is opened,
// others when they are needed.
func (t tensors) factored(name string, a safetensors.Tensor) (*array, error) {
	delta, err := t.Tensor(name + ".delta")
	if err != nil {
		return nil, err
	}
	form, err := t.form(name, a, delta)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(t.CheckFloat(a.Name), t.CheckFloat(delta.Name)); err != nil {
		return nil, err
	}
	n := a.Shape[0]
	whole := t.newArray(name, n, form.Parameters)
	if err := t.checkParameters(whole, form.Parameters); err != nil {
		return nil, err
	}
	whole.open = func(layer string) (Layer, error) {
		if len(a.Shape) > 2 {
			return t.openProducts(layer, whole, form, a, delta)
		}
		if err := t.files.load(whole.place, float64(n)*float64(form.UnitBytes())); err != nil {
			return nil, err
		}
		left, err := t.factor(a)
		if err != nil {
			return nil, err
		}
		right, err := t.factor(delta)
		if err != nil {
			return nil, err
		}
		form.Name = layer
		return form.factored(n, left, right), nil
	}
	return whole, nil
}

// openProducts opens a layer whose factors are read when they are needed, except from a deflated archive.
func (t tensors) openProducts(layer string, whole *array, form LayerForm, a, delta safetensors.Tensor) (Layer, error) {
	if err := t.files.load(whole.place, t.Packed(a.Name)+t.Packed(delta.Name)); err != nil {
		return nil, err
	}
	for _, factor := range []string{a.Name, delta.Name} {
		if _, err := t.Matrix(factor); err != nil { // verifies, and inflates, what is in an archive
			return nil, err
		}
	}
	return whole.stream(layer, &products{form: form, n: a.Shape[0], unit: t.unit(a.Name, delta.Name)}), nil
}

// form is the form of a layer with this pair of factors.
func (t tensors) form(name string, a, delta safetensors.Tensor) (LayerForm, error) {
	f := LayerForm{Name: name}
	if err := t.checkAxes(name, a, delta); err != nil {
		return f, err
	}
	f.In, f.Out = a.Shape[len(a.Shape)-1], delta.Shape[len(delta.Shape)-1]
	switch len(a.Shape) {
	case 3:
		if f.Positions = a.Shape[1]; delta.Shape[1] != f.Positions {
			return f, t.wrongShape(delta, fmt.Sprintf("%d positions", f.Positions))
		}
	case 4:
		g, err := t.about.geometry(name, a.Shape[1], a.Shape[2], f.In)
		if err != nil {
			return f, fmt.Errorf("%s: layer %s: %w", t.path, name, err)
		}
		f.Geometry = g
		if height, width := g.Output(); delta.Shape[1] != height || delta.Shape[2] != width {
			return f, t.wrongShape(delta, fmt.Sprintf("an output of %d by %d", height, width))
		}
	}
	f.Parameters = f.weights() + t.about.biases(f)
	return f, nil
}

// checkAxes returns an error if the numbers of axes or of units show that the tensors are not the factors of a layer.
func (t tensors) checkAxes(name string, a, delta safetensors.Tensor) error {
	axes := len(a.Shape)
	convolution := t.about.convolution(name)
	switch {
	case convolution && axes != 4:
		return t.wrongShape(a, "[n, height, width, in] of a convolution")
	case axes == 4 && !convolution:
		return fmt.Errorf("%s: %s has shape %v, but the metadata name no kernel of a convolution", t.path, a.Name, a.Shape)
	case axes < 2 || axes > 4:
		return t.wrongShape(a, "two or three axes")
	case len(delta.Shape) != axes:
		return t.wrongShape(delta, fmt.Sprintf("%d axes", axes))
	case a.Shape[0] != delta.Shape[0]:
		return fmt.Errorf("%s: %s has %d samples, but %s has %d", t.path, a.Name, a.Shape[0], delta.Name, delta.Shape[0])
	case slices.Contains(a.Shape[1:], 0):
		return t.wrongShape(a, "no axis of length 0")
	case slices.Contains(delta.Shape[1:], 0):
		return t.wrongShape(delta, "no axis of length 0")
	}
	return nil
}

func (t tensors) wrongShape(factor safetensors.Tensor, want string) error {
	return fmt.Errorf("%s: %s has shape %v, want %s", t.path, factor.Name, factor.Shape, want)
}

// unit returns a function that reads the factors of one unit.
func (t tensors) unit(nameA, nameDelta string) func(a, delta []float32, i int) ([]float32, []float32, error) {
	return func(a, delta []float32, i int) ([]float32, []float32, error) {
		_, err := t.Float32Rows(a, nameA, i, i+1)
		if err == nil {
			_, err = t.Float32Rows(delta, nameDelta, i, i+1)
		}
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // the layer's place names the file
		}
		return a, delta, err
	}
}

// factor reads a tensor, and refuses NaN and infinite values.
func (t tensors) factor(tensor safetensors.Tensor) ([]float32, error) {
	values, err := t.Float32Rows(nil, tensor.Name, 0, tensor.Shape[0])
	if err != nil || t.trusted {
		return values, err
	}
	for i, v := range values {
		if !finite(v) {
			columns := len(values) / tensor.Shape[0]
			return nil, fmt.Errorf("%s: %s is %v at row %d, column %d (counting from 0)", t.path, tensor.Name, v, i/columns, i%columns)
		}
	}
	return values, nil
}
