package probe

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Files are gradients in open files, which are read from them until they are closed.
type Files struct {
	Gradients
	// LoadedBytes is the memory of the arrays that are read when the files are opened.
	LoadedBytes float64
	budget      float64
	// said names the first file that says something of the units, by what it is.
	said map[string]string
}

// Open opens files of gradients of the same units: .npy [n, ...], .npz and .safetensors, in which every array is a layer. Arrays are
// of float16, bfloat16, float32 or float64, in row- or column-major order; their first axis runs over the units, the others are
// flattened. Some names have a meaning, of which that of a .npy can have the last two:
//
//   - index [n] and loss [n] are those of the units,
//   - NAME.a [n, in] and NAME.delta [n, out] together are the factors of the layer NAME, and may have more axes ([LayerForm]),
//   - NAME.ids [n, T] and NAME.delta [n, T, d] are the rows of a table that a unit reads, and their deltas ([Embedding]),
//   - NAME.gram [n, n] are the inner products of the layer's gradients, not centred ([Gram]),
//   - NAME.gradient is the layer NAME.
//
// The metadata of a .safetensors may have step, population, unit and unit_size ([Meta]); parameters, the number of all or, as a JSON
// object, by layer; bias, a JSON object with false for layers with factors but without bias; and geometry, one with
// {"kernel": [kh, kw], "stride": [sh, sw], "dilation": [dh, dw]} for the factors of convolutions, whose images have their padding already.
// In an .npz, arrays without axes of the names step, population, unit_size and parameters are these numbers.
//
// Factors with two axes ([Factored]), embeddings and deflated members of an .npz are read into memory, and must fit the budget in bytes
// together; all other arrays stay in their files ([Streamed]). Reading these later may fail, which [Gradients.Err] says. Two
// layers of one name are an error. Files that this module wrote have their checksums verified.
func Open(paths []string, budget float64) (*Files, error) {
	f := &Files{Gradients: Gradients{Meta: Meta{Unit: UnitSample, UnitSize: 1}}, budget: budget, said: map[string]string{}}
	var all []array
	for i, path := range paths {
		arrays, err := f.open(paths[:i], path)
		if err != nil {
			f.Close()
			return nil, err
		}
		all = append(all, arrays...)
	}
	if err := f.addLayers(all); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// checkDistinct refuses a file that was given before: its parameters would count twice.
func checkDistinct(earlier []string, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	for _, other := range earlier {
		if before, err := os.Stat(other); err == nil && os.SameFile(before, info) {
			return fmt.Errorf("%s: is the same file as %s", path, other)
		}
	}
	return nil
}

// checkNoFactors refuses the two factors of a layer in files of their own, which would be read as the gradients of two layers.
func checkNoFactors(earlier []string, path string) error {
	base, suffix := splitSuffix(strings.TrimSuffix(path, ".npy"))
	other, ok := map[string]string{".a": ".delta", ".delta": ".a"}[suffix]
	if !ok || extension(path) != ".npy" {
		return nil
	}
	for _, before := range earlier {
		if before == base+other+".npy" {
			return fmt.Errorf("%s: is a factor of the gradients of which %s is the other? put both into one .npz or .safetensors as %s.a and %[3]s.delta, or name each NAME.gradient.npy",
				path, before, filepath.Base(base))
		}
	}
	return nil
}

// array is an array in a file that is to become a layer.
type array struct {
	path, name string
	// place is the beginning of an error about the array.
	place string
	shape []int
	// open makes the layer. It is called when everything has been checked, since it may read the whole array.
	open func(layer string) (Layer, error)
}

func (f *Files) open(earlier []string, path string) ([]array, error) {
	if err := cmp.Or(checkDistinct(earlier, path), checkNoFactors(earlier, path)); err != nil {
		return nil, err
	}
	t, err := f.openArchive(path)
	if err != nil {
		return nil, err
	}
	return t.arrays()
}

func (f *Files) openArchive(path string) (*tensors, error) {
	if err := checkKind(path); err != nil {
		return nil, err
	}
	if extension(path) == ".safetensors" {
		return f.openSafetensors(path)
	}
	file, err := openNumPy(path)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, file)
	t := &tensors{archive: file, files: f, path: path, whole: extension(path) == ".npy"}
	if t.whole {
		return t, nil
	}
	metadata, err := file.metadata()
	if err != nil {
		return nil, err
	}
	return t, t.readSaid(metadata)
}

// extension is how a name ends, in small letters.
func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }

// ErrMemory is in the error of [Open] for arrays that have to be read into memory, such as deflated ones, and exceed the budget.
var ErrMemory = errors.New("has to be read into memory and does not fit")

// load counts something that has to be in memory against the budget.
func (f *Files) load(place string, bytes float64) error {
	if f.LoadedBytes += bytes; bytes > 0 && f.LoadedBytes > f.budget {
		return fmt.Errorf("%s: %w: %.0f bytes of a budget of %.0f", place, ErrMemory, f.LoadedBytes, f.budget)
	}
	return nil
}

func (a array) stream(layer string, m Blocks) Layer {
	s := NewStreamed(layer, m)
	s.Place = a.place
	return s
}

// check returns an error if the arrays do not belong together.
func (f *Files) check(arrays []array) error {
	for _, a := range arrays {
		if err := a.check(arrays[0]); err != nil {
			return err
		}
	}
	if err := checkNames(arrays); err != nil {
		return err
	}
	return f.checkUnits(arrays[0])
}

// addLayers checks that the arrays belong together, and makes them layers.
func (f *Files) addLayers(arrays []array) error {
	if err := f.check(arrays); err != nil {
		return err
	}
	for _, a := range arrays {
		layer, err := a.open(printable(a.name))
		if err != nil {
			return err
		}
		f.Layers = append(f.Layers, layer)
	}
	if f.Total == 0 {
		return nil
	}
	if err := f.SetParameters(f.Total); err != nil {
		return fmt.Errorf("%s: metadata: %w", arrays[0].path, err)
	}
	return nil
}

// SetParameters sets P where Gram matrices do not show it; a single one that says nothing gets what the other layers leave.
func (f *Files) SetParameters(total int) error {
	known, unknown := 0, []*Gram(nil)
	for _, l := range f.Layers {
		if g, ok := l.(*Gram); ok && g.P == 0 {
			unknown = append(unknown, g)
		}
		known += l.Parameters()
	}
	switch {
	case len(unknown) == 0 && total != known, total <= known && len(unknown) > 0:
		return fmt.Errorf("parameters %d: the layers have %d", total, known)
	case len(unknown) == 1:
		unknown[0].P = total - known
	}
	f.Total = total
	return nil
}

func (a array) check(first array) error {
	switch {
	case len(a.shape) == 0:
		return fmt.Errorf("%s: no sample axis (shape [])", a.place)
	case a.shape[0] == 0:
		return fmt.Errorf("%s: no samples (shape %v)", a.place, a.shape)
	case a.shape[0] == 1:
		return fmt.Errorf("%s: one sample: a covariance needs at least 2", a.place)
	case a.shape[0] != first.shape[0]:
		return fmt.Errorf("%s: has %d samples, but %s has %d: layers of one checkpoint are of the same samples, and the metadata step tells checkpoints apart",
			a.place, a.shape[0], first.place, first.shape[0])
	}
	for _, d := range a.shape {
		if d == 0 {
			return fmt.Errorf("%s: no parameters (shape %v)", a.place, a.shape)
		}
	}
	return nil
}

// checkNames refuses two layers of one name: their gradients would count twice, or are those of different checkpoints.
func checkNames(arrays []array) error {
	first := map[string]string{}
	for _, a := range arrays {
		switch path, taken := first[a.name]; {
		case taken && path == a.path:
			return fmt.Errorf("%s: there are two layers of this name", a.place)
		case taken:
			return fmt.Errorf("%s: there is a layer %s in %s already: files of one checkpoint hold different layers, and those of several "+
				"checkpoints name their steps in the metadata", a.path, a.name, path)
		}
		first[a.name] = a.path
	}
	return nil
}

// checkUnits compares the numbers of indices and losses with the number of units.
func (f *Files) checkUnits(first array) error {
	n := first.shape[0]
	for _, l := range []struct {
		what  string
		count int
	}{{"indices", len(f.Index)}, {"losses", len(f.Loss)}} {
		if l.count > 0 && l.count != n {
			return fmt.Errorf("%s: %d %s for %d samples", first.path, l.count, l.what, n)
		}
	}
	return nil
}
