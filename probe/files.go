package probe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/npy"
)

// Files are gradients in open files. They can be computed with until the files are closed.
type Files struct {
	Gradients
	// LoadedBytes is the memory of what is read when the files are opened.
	LoadedBytes float64
	budget      float64
}

// Open opens files of gradients of the same units, each array a layer: .npy [n, ...], .npz and .safetensors with one array a layer, of
// float16, bfloat16, float32 or float64, in either order. The first axis are the units, the others are flattened. Arrays stay in
// their files ([Streamed]), but for
//
//   - a pair NAME.a [n, in] and NAME.delta [n, out] in a .safetensors, the factors of a layer ([Factored]), and `index` and
//     `loss` [n] there, what [WriteGradients] writes; NAME.gradient is the layer NAME. Factors with more axes ([LayerForm]), those of
//     convolutions in files of this module alone, stay where they are,
//   - a deflated member of an .npz, which is inflated.
//
// These must fit the budget in bytes together. Names that several files share begin with the path of theirs. A file of this
// module has its checksum checked. What is read later may fail, which [Gradients.Err] says.
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

// checkDistinct refuses a file that is there already: its parameters would count twice.
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

// array is a future layer.
type array struct {
	path, name string
	// place is what an error begins with.
	place string
	shape []int
	// open makes the layer, which is called last since it may read all of the array.
	open func(layer string) (Layer, error)
}

func (f *Files) open(path string) ([]array, error) {
	switch filepath.Ext(path) {
	case ".npy", ".npz":
		return f.openNumPy(path)
	case ".safetensors":
		return f.openSafetensors(path)
	}
	return nil, fmt.Errorf("%s: the name ends in none of .npy, .npz and .safetensors", path)
}

func (f *Files) openNumPy(path string) ([]array, error) {
	file, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, file)
	var arrays []array
	for _, stored := range file.Arrays {
		a := array{path: path, name: stored.Name, place: fmt.Sprintf("%s: layer %s", path, stored.Name), shape: stored.Shape}
		if a.name == "" {
			a.name, a.place = strings.TrimSuffix(filepath.Base(path), ".npy"), path
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

// ErrMemory is why [Open] refuses arrays that cannot be read in blocks, such as deflated ones.
var ErrMemory = errors.New("has to be read into memory, which takes too much")

// load accounts for something that has to be in memory.
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

// check says why arrays do not belong together.
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
	if err := f.check(arrays); err != nil {
		return err
	}
	names, err := layerNames(arrays)
	if err != nil {
		return err
	}
	for i, a := range arrays {
		layer, err := a.open(names[i])
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

// layerNames are the names of the arrays, with the path before those that occur twice.
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

// checkUnits compares what a file says of its units with their number.
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
