package probe

import (
	"fmt"
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// readOwn takes over what the metadata of a file of this module say, and refuses files that hold something else.
func (f *Files) readOwn(file *safetensors.File, path string) error {
	schema := file.Metadata()["schema"]
	switch {
	case schema == GradientsSchema || schema == DenseSchema:
	case strings.HasPrefix(schema, "noiseprobe/"):
		return fmt.Errorf("%s: holds no gradients but %s", path, schema)
	default:
		return nil
	}
	if err := file.Verify(); err != nil {
		return err
	}
	var about header
	if err := readAbout(file, path, &about); err != nil {
		return err
	}
	if about.Record == "gram" {
		return fmt.Errorf("%s: holds second moments and no gradients; analyze the run directory that it belongs to", path)
	}
	f.Meta.Step, f.Meta.Unit, f.Meta.UnitSize, f.Meta.Population = about.Step, about.Unit, about.UnitSize, about.Population
	return nil
}

// tensors are those of one file.
type tensors struct {
	*safetensors.File
	files *Files
	path  string
}

func (t tensors) has(name string) bool {
	_, err := t.Tensor(name)
	return err == nil
}

// array returns the future layer that a tensor stands for, nil if it stands for none.
func (t tensors) array(name string) (*array, error) {
	tensor, err := t.Tensor(name)
	if err != nil {
		return nil, err
	}
	switch base, suffix := splitSuffix(name); {
	case name == "index" || name == "loss":
		return nil, t.readUnits(name, tensor)
	case suffix == ".delta" && t.has(base+".a"):
		return nil, nil
	case suffix == ".a" && t.has(base+".delta"):
		return t.factored(base, tensor)
	case suffix == ".gradient" && base != "":
		name = base
	}
	a := &array{path: t.path, name: name, place: fmt.Sprintf("%s: layer %s", t.path, name), shape: tensor.Shape}
	if len(tensor.Shape) == 0 {
		return a, nil // it is refused with the other shapes
	}
	m, err := t.Matrix(tensor.Name)
	a.open = func(layer string) (Layer, error) { return a.stream(layer, m), nil }
	return a, err
}

// splitSuffix cuts a name at its last dot.
func splitSuffix(name string) (base, suffix string) {
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		return name[:at], name[at:]
	}
	return name, ""
}

// readUnits reads index [n] or loss [n].
func (t tensors) readUnits(name string, tensor safetensors.Tensor) error {
	if len(tensor.Shape) != 1 {
		return fmt.Errorf("%s: %s has shape %v, want [n]", t.path, name, tensor.Shape)
	}
	if name == "index" {
		index, err := t.Int64s(name)
		t.files.Index = nil
		for _, v := range index {
			t.files.Index = append(t.files.Index, int(v))
		}
		return err
	}
	loss, err := t.Float64s(name)
	for i, v := range loss {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: the loss of row %d is %v", t.path, i, v)
		}
	}
	t.files.Loss = loss
	return err
}

// factored is the layer whose inputs are the tensor NAME.a [n, in].
func (t tensors) factored(name string, a safetensors.Tensor) (*array, error) {
	delta, err := t.Tensor(name + ".delta")
	if err != nil {
		return nil, err
	}
	for _, factor := range []safetensors.Tensor{a, delta} {
		if len(factor.Shape) != 2 {
			return nil, fmt.Errorf("%s: %s has shape %v, want two axes", t.path, factor.Name, factor.Shape)
		}
	}
	if a.Shape[0] != delta.Shape[0] {
		return nil, fmt.Errorf("%s: %s has %d samples, but %s has %d", t.path, a.Name, a.Shape[0], delta.Name, delta.Shape[0])
	}
	place := fmt.Sprintf("%s: layer %s", t.path, name)
	return &array{path: t.path, name: name, place: place, shape: []int{a.Shape[0], delta.Shape[1]}, open: func(layer string) (Layer, error) {
		if err := t.files.load(place, 4*float64(a.Shape[0])*float64(a.Shape[1]+delta.Shape[1])); err != nil {
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
		return NewFactored(layer, a.Shape[0], a.Shape[1], delta.Shape[1], left, right), nil
	}}, nil
}

// factor reads a tensor and refuses what nobody can compute with.
func (t tensors) factor(tensor safetensors.Tensor) ([]float32, error) {
	values, err := t.Float32s(tensor.Name)
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			columns := tensor.Shape[1]
			return nil, fmt.Errorf("%s: %s is %v at row %d, column %d (counting from 0)", t.path, tensor.Name, v, i/columns, i%columns)
		}
	}
	return values, nil
}
