package probe

import (
	"cmp"
	"fmt"
)

// ReadCrossGram is [CrossGram] for the gradients in two files. Of each file no more than one layer, or two blocks of it, is in memory at a
// time. The result is nil where a file holds second moments only. Checksums are not verified; [ReadUnits] does that.
func ReadCrossGram(pathA, pathB string) ([]float64, error) {
	a, err := openLayers(pathA)
	if err != nil {
		return nil, err
	}
	defer a.file.Close()
	b, err := openLayers(pathB)
	if err != nil {
		return nil, err
	}
	defer b.file.Close()
	if a.arrays == nil || b.arrays == nil {
		return nil, nil
	}
	if len(a.arrays) != len(b.arrays) {
		return nil, fmt.Errorf("%s: has %d layers, but %s has %d", pathB, len(b.arrays), pathA, len(a.arrays))
	}
	dst := make([]float64, len(a.meta.Index)*len(b.meta.Index))
	for _, array := range a.arrays {
		if err := addCrossOf(dst, a, b, array.name); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// addCrossOf adds the share of a layer.
func addCrossOf(dst []float64, a, b layerFile, name string) error {
	x, err := a.layer(name)
	if err != nil {
		return err
	}
	y, err := b.layer(name)
	if err != nil {
		return err
	}
	if x.Parameters() != y.Parameters() {
		return fmt.Errorf("%s: layer %s has %d parameters, %d in %s", b.path, name, y.Parameters(), x.Parameters(), a.path)
	}
	addCross(dst, x, y)
	return cmp.Or(x.Err(), y.Err())
}

// layerFile is an open file of gradients; arrays is nil where it holds second moments only.
type layerFile struct {
	stored
	arrays []array
}

func openLayers(path string) (layerFile, error) {
	s, err := openStored(path)
	if err != nil || s.about.Record == RecordGram {
		return layerFile{stored: s}, err
	}
	files, arrays, err := s.layers()
	if err == nil {
		err = files.check(arrays)
	}
	if err != nil {
		s.file.Close()
	}
	return layerFile{s, arrays}, err
}

// layer opens the layer of that name.
func (l layerFile) layer(name string) (Layer, error) {
	for _, a := range l.arrays {
		if a.name == name {
			return a.open(name)
		}
	}
	return nil, fmt.Errorf("%s: has no layer %s", l.path, name)
}
