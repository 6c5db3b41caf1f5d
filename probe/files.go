package probe

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/npy"
)

// Files are gradients in open files, which are read from them until they are closed.
type Files struct {
	Gradients
	// LoadedBytes is the memory of the arrays that are read when the files are opened.
	LoadedBytes float64
	budget      float64
}

// Open opens files of gradients of the same units: .npy [n, ...], .npz and .safetensors, in which every array is a layer. Arrays are
// of float16, bfloat16, float32 or float64, in row- or column-major order; their first axis runs over the units, the others are
// flattened. index [n] and loss [n] are those of the units. In a .safetensors
//
//   - NAME.a [n, in] and NAME.delta [n, out] together are the factors of the layer NAME, and may have more axes ([LayerForm]);
//     those of convolutions are read only from files of [Record] and [WriteGradients], which name the kernels,
//   - NAME.gradient is the layer NAME.
//
// Factors with two axes ([Factored]) and deflated members of an .npz are read into memory, and must fit the budget in bytes together;
// all other arrays stay in their files ([Streamed]). Reading these later may fail, which [Gradients.Err] says. A layer name that occurs
// more than once is preceded by the path of its file. Files that this module wrote have their checksums verified.
func Open(paths []string, budget float64) (*Files, error) {
	f := &Files{Gradients: Gradients{Meta: Meta{Unit: UnitSample, UnitSize: 1}}, budget: budget}
	var all []array
	for i, path := range paths {
		err := checkDistinct(paths[:i], path)
		var arrays []array
		if err == nil {
			arrays, err = f.open(path)
		}
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

// array is an array in a file that is to become a layer.
type array struct {
	path, name string
	// place is the beginning of an error about the array.
	place string
	shape []int
	// open makes the layer. It is called when everything has been checked, since it may read the whole array.
	open func(layer string) (Layer, error)
}

func (f *Files) open(path string) ([]array, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".npy", ".npz":
		return f.openNumPy(path)
	case ".safetensors":
		return f.openSafetensors(path)
	}
	file, _, err := filekind.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return nil, fmt.Errorf("%s: %s", path, filekind.At(file).Instead("the name must end in .npy, .npz or .safetensors"))
}

func (f *Files) openNumPy(path string) ([]array, error) {
	file, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, file)
	var arrays []array
	for i := range file.Arrays {
		stored := &file.Arrays[i]
		a := array{path: path, name: stored.Name, place: fmt.Sprintf("%s: layer %s", path, printable(stored.Name)), shape: stored.Shape}
		if a.name == "" {
			base := filepath.Base(path)
			a.name, a.place = strings.TrimSuffix(base, filepath.Ext(base)), path
		}
		if a.name == "index" || a.name == "loss" {
			if err := f.readNumPyUnits(path, a.name, stored); err != nil {
				return nil, err
			}
			continue
		}
		if err := stored.CheckFloat(); err != nil {
			return nil, err
		}
		a.open = func(layer string) (Layer, error) {
			if err := f.load(a.place, float64(stored.Packed)); err != nil {
				return nil, err
			}
			m, err := stored.Matrix()
			if err != nil {
				return nil, err
			}
			return a.stream(layer, m), nil
		}
		arrays = append(arrays, a)
	}
	return arrays, nil
}

// readNumPyUnits reads index [n] or loss [n].
func (f *Files) readNumPyUnits(path, name string, stored *npy.Stored) error {
	if len(stored.Shape) != 1 {
		return fmt.Errorf("%s: %s has shape %v, want [n]", path, name, stored.Shape)
	}
	if err := f.load(path+": "+name, 8*float64(stored.Shape[0])); err != nil {
		return err
	}
	if name == "index" {
		index, err := npy.Load[int64](stored)
		if err == nil {
			f.setIndex(index.Data)
		}
		return err
	}
	loss, err := npy.Load[float64](stored)
	if err != nil {
		return err
	}
	return f.setLoss(path, loss.Data)
}

func (f *Files) setIndex(index []int64) {
	f.Index = nil
	for _, v := range index {
		f.Index = append(f.Index, int(v))
	}
}

func (f *Files) setLoss(path string, loss []float64) error {
	for i, v := range loss {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: the loss of row %d is %v", path, i, v)
		}
	}
	f.Loss = loss
	return nil
}

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
	return f.checkUnits(arrays[0])
}

// addLayers checks that the arrays belong together, and makes them layers.
func (f *Files) addLayers(arrays []array) error {
	if len(arrays) == 0 {
		return errors.New("no gradients in the files: loss and index are numbers about the samples")
	}
	if err := f.check(arrays); err != nil {
		return err
	}
	names, err := layerNames(arrays)
	if err != nil {
		return err
	}
	for i, a := range arrays {
		layer, err := a.open(printable(names[i]))
		if err != nil {
			return err
		}
		f.Layers = append(f.Layers, layer)
	}
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
		return fmt.Errorf("%s: has %d samples, but %s has %d", a.place, a.shape[0], first.place, first.shape[0])
	}
	for _, d := range a.shape {
		if d == 0 {
			return fmt.Errorf("%s: no parameters (shape %v)", a.place, a.shape)
		}
	}
	return nil
}

// layerNames are the names of the arrays; those that occur more than once are preceded by the path.
func layerNames(arrays []array) ([]string, error) {
	count := map[string]int{}
	for _, a := range arrays {
		count[a.name]++
	}
	names, taken := make([]string, len(arrays)), map[string]bool{}
	for i, a := range arrays {
		names[i] = a.name
		if count[a.name] > 1 {
			names[i] = a.path + ":" + a.name
		}
		if taken[names[i]] {
			return nil, fmt.Errorf("%s: there are two layers of this name", a.place)
		}
		taken[names[i]] = true
	}
	return names, nil
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
