package probe

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// openSafetensors opens a file of tensors. It reads what it says of the units; the other tensors become layers.
func (f *Files) openSafetensors(path string) ([]array, error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, file)
	t := tensors{files: f, File: file, path: path}
	if err := t.readOwn(); err != nil {
		return nil, err
	}
	return t.arrays()
}

// tensors are the tensors of one file.
type tensors struct {
	*safetensors.File
	files *Files
	path  string
	about header
	// own says that the tensors have the names that [WriteGradients] gives them.
	own bool
	// trusted says that index and loss have been read already, and that numbers are not checked: what a run has recorded is analysed
	// even where it is NaN.
	trusted bool
}

// readOwn reads the metadata of a file that this module wrote, and refuses one that holds no gradients.
func (t *tensors) readOwn() error {
	schema := t.Metadata()["schema"]
	switch {
	case schema == GradientsSchema || schema == DenseSchema:
	case strings.HasPrefix(schema, "noiseprobe/"):
		return fmt.Errorf("%s: holds %.60q, not gradients", t.path, schema)
	default:
		return nil
	}
	if err := t.Verify(); err != nil {
		return err
	}
	t.own = schema == GradientsSchema
	if err := readAbout(t.File, t.path, &t.about); err != nil {
		return err
	}
	if t.about.Record == RecordGram {
		return fmt.Errorf("%s: holds second moments and no gradients; analyze the run directory that it belongs to", t.path)
	}
	m := &t.files.Meta
	m.Step, m.Unit, m.UnitSize, m.Population = t.about.Step, t.about.Unit, t.about.UnitSize, t.about.Population
	return nil
}

func (t tensors) has(name string) bool {
	_, err := t.Tensor(name)
	return err == nil
}

// arrays returns the arrays that are to become layers, in the order of the tensors.
func (t tensors) arrays() ([]array, error) {
	var arrays []array
	for _, name := range t.Names() {
		a, err := t.array(name)
		if err != nil {
			return nil, err
		}
		if a != nil {
			arrays = append(arrays, *a)
		}
	}
	if len(arrays) == 0 {
		return nil, fmt.Errorf("%s: holds no gradients", t.path)
	}
	return arrays, nil
}

// array returns the array that a tensor stands for; nil if it is no layer, or the second tensor of one.
func (t tensors) array(name string) (*array, error) {
	tensor, err := t.Tensor(name)
	if err != nil {
		return nil, err
	}
	switch base, suffix := splitSuffix(name); {
	case name == "index" || name == "loss":
		return nil, t.readUnits(name, tensor)
	case suffix == ".delta" && (t.own || t.has(base+".a")):
		_, err := t.Tensor(base + ".a")
		return nil, err
	case suffix == ".a" && (t.own || t.has(base+".delta")):
		return t.factored(base, tensor)
	case suffix == ".gradient" && base != "":
		name = base
	case t.own:
		return nil, nil // written by a later version
	}
	a := &array{path: t.path, name: name, place: fmt.Sprintf("%s: layer %s", t.path, printable(name)), shape: tensor.Shape}
	if len(tensor.Shape) == 0 {
		return a, nil // refused later, where all shapes are checked
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
	if t.trusted {
		return nil
	}
	if len(tensor.Shape) != 1 {
		return fmt.Errorf("%s: %s has shape %v, want [n]", t.path, name, tensor.Shape)
	}
	if name == "index" {
		index, err := t.Int64s(name)
		t.files.setIndex(index)
		return err
	}
	loss, err := t.Float64s(name)
	if err != nil {
		return err
	}
	return t.files.setLoss(t.path, loss)
}
