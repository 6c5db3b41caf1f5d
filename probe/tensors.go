package probe

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// openSafetensors opens a file of tensors, and reads what it says of the units and of the layers.
func (f *Files) openSafetensors(path string) (*tensors, error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, file)
	t := &tensors{archive: tensorArchive{file}, files: f, path: path}
	schema := file.Metadata()["schema"]
	ours := schema == GradientsSchema || schema == DenseSchema
	if ours || file.Signed() {
		if err := file.Verify(); err != nil {
			return nil, err
		}
	}
	switch {
	case ours:
		return t, t.readOwn(file, schema)
	case schema == DrawsSchema:
		return nil, fmt.Errorf("%s: holds draws and no gradients: give it together with gradients of the same step", path)
	case strings.HasPrefix(schema, "noiseprobe/"):
		return nil, fmt.Errorf("%s: holds %.60q, not gradients", path, schema)
	}
	return t, t.readSaid(file.Metadata())
}

// readSaid takes over what a file from elsewhere says of its units and layers.
func (t *tensors) readSaid(metadata map[string]string) error {
	said, facts, err := readSaid(t.path, metadata)
	if err != nil {
		return err
	}
	t.about.layerFacts = facts
	if said.Total != nil {
		t.files.Total += *said.Total
	}
	return t.files.merge(t.path, said)
}

// tensors are the arrays of one file.
type tensors struct {
	archive
	files *Files
	path  string
	about header
	// own says that the tensors have the names that [WriteGradients] gives them.
	own bool
	// trusted says that index and loss have been read already, and that numbers are not checked: what a run has recorded is analysed
	// even where it is NaN.
	trusted bool
	// whole says that the file holds one array, and errors about it need not name the layer.
	whole bool
}

// readOwn reads the metadata of a file that this module wrote, and refuses one that holds no gradients.
func (t *tensors) readOwn(file *safetensors.File, schema string) error {
	t.own = schema == GradientsSchema
	if err := readAbout(file, t.path, &t.about); err != nil {
		return err
	}
	a := &t.about
	if a.Record == RecordGram {
		return fmt.Errorf("%s: holds second moments and no gradients; analyze the run directory that it belongs to", t.path)
	}
	return t.files.merge(t.path, said{Step: &a.Step, Unit: &a.Unit, UnitSize: &a.UnitSize, Population: &a.Population})
}

func (t tensors) has(name string) bool { return slices.Contains(t.Names(), name) }

// arrays returns the arrays that are to become layers, in the order of the tensors.
func (t tensors) arrays() ([]array, error) {
	var arrays []array
	var names []string
	for _, name := range t.Names() {
		a, err := t.array(name)
		if err != nil {
			return nil, err
		}
		if a != nil {
			arrays, names = append(arrays, *a), append(names, a.name)
		}
	}
	if len(arrays) == 0 {
		return nil, fmt.Errorf("%s: holds no gradients", t.path)
	}
	return arrays, t.about.checkNames(t.path, names)
}

// array returns the array that a tensor stands for; nil if it is no layer, or the second tensor of one.
func (t tensors) array(name string) (*array, error) {
	tensor, err := t.Tensor(name)
	if err != nil {
		return nil, err
	}
	switch base, suffix := splitSuffix(name); {
	case (name == "index" || name == "loss") && !t.whole:
		return nil, t.readUnits(name, tensor)
	case isNumber(tensor.Shape) && slices.Contains(unitNumbers, name) && !t.whole:
		return nil, nil
	case suffix == ".delta" && (t.has(base+".a") || t.has(base+".ids")):
		return nil, nil
	case suffix == ".delta" && t.own:
		_, err := t.Tensor(base + ".a")
		return nil, err
	case suffix == ".a" && (t.own || t.has(base+".delta")):
		return t.factored(base, tensor)
	case suffix == ".ids" && t.has(base+".delta"):
		return t.embedding(base, tensor)
	case suffix == ".gram" && base != "":
		return t.gram(base, tensor)
	case suffix == ".gradient" && base != "":
		return t.rows(base, tensor, true)
	case t.own:
		return nil, nil // written by a later version
	case !t.whole && isPerSample(tensor.Shape) && isNearlyUnits(name):
		return nil, fmt.Errorf("%s: %.80q may be the %s of the samples or the gradients of a layer: call it %[3]s, or put .gradient after the name",
			t.path, name, strings.ToLower(path.Base(name)))
	}
	return t.rows(name, tensor, false)
}

// newArray is the array of a layer.
func (t tensors) newArray(name string, shape ...int) *array {
	a := &array{path: t.path, name: name, place: t.path, shape: shape}
	if !t.whole {
		a.place = fmt.Sprintf("%s: layer %s", t.path, printable(name))
	}
	return a
}

// rows is a layer whose gradients are the rows of a tensor. sure says that its name leaves no doubt about that.
func (t tensors) rows(name string, tensor safetensors.Tensor, sure bool) (*array, error) {
	a := t.newArray(name, tensor.Shape...)
	if len(tensor.Shape) == 0 {
		return a, nil // refused later, where all shapes are checked
	}
	if err := t.checkParameters(a, product(tensor.Shape[1:])); err != nil {
		return nil, err
	}
	a.open = func(layer string) (Layer, error) {
		if err := t.files.load(a.place, t.Packed(tensor.Name)); err != nil {
			return nil, err
		}
		m, err := t.Matrix(tensor.Name)
		if err == nil && !sure && !t.own {
			err = t.askGram(a, m)
		}
		if err != nil {
			return nil, err
		}
		return a.stream(layer, m), nil
	}
	return a, t.CheckFloat(tensor.Name)
}

// checkParameters compares the number of parameters that the metadata give a layer with that of its arrays.
func (t tensors) checkParameters(a *array, parameters int) error {
	if said, ok := t.about.Parameters[a.name]; ok && said != parameters {
		return fmt.Errorf("%s: has %d parameters by the metadata, and %d by the shape of its arrays", a.place, said, parameters)
	}
	return nil
}

// splitSuffix cuts a name at its last dot.
func splitSuffix(name string) (base, suffix string) {
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		return name[:at], name[at:]
	}
	return name, ""
}

// readUnits reads index [n], in which the files of a checkpoint must agree, or loss [n], of which the last file counts.
func (t tensors) readUnits(name string, tensor safetensors.Tensor) error {
	if t.trusted {
		return nil
	}
	if !isPerSample(tensor.Shape) {
		return fmt.Errorf("%s: %s has shape %v, want [n]", t.path, name, tensor.Shape)
	}
	if name == "index" {
		return t.readIndex()
	}
	loss, err := t.Float64s(name)
	for i, v := range loss {
		if !finite(v) {
			return fmt.Errorf("%s: the loss of row %d is %v", t.path, i, v)
		}
	}
	t.files.Loss = loss
	return err
}

// isPerSample reports whether an array has one number for each sample, [n] or [n, 1].
func isPerSample(shape []int) bool { return len(shape) == 1 || len(shape) == 2 && shape[1] == 1 }

// isNearlyUnits reports whether a name is index or loss but for capitals and a folder.
func isNearlyUnits(name string) bool {
	base := strings.ToLower(path.Base(name))
	return base == "index" || base == "loss"
}

func (t tensors) readIndex() error {
	index, err := t.Int64s("index")
	if err != nil {
		return err
	}
	own := integers[int](index)
	if earlier := t.files.Index; earlier != nil && len(earlier) == len(own) && !slices.Equal(earlier, own) {
		return fmt.Errorf("%s: index names other samples than in %s: files of one checkpoint are layers of the same samples", t.path, t.files.said["index"])
	}
	t.files.Index, t.files.said["index"] = own, t.path
	return nil
}
