package dataset

import "fmt"

// load reads a set from the paths of its files, as folder gives them.
func (s SetInfo) load(dir string, paths []string) (*Dataset, error) {
	if name := s.missing(paths); name != "" {
		return nil, fmt.Errorf("%s: %s is incomplete: no file %s or %s.gz", dir, s.Name, name, name)
	}
	d := s.describe(dir)
	read := s.readFashion
	if s.prefix > 0 {
		read = s.readCIFAR
	}
	var err error
	if d.Train, d.Test, err = read(paths); err != nil {
		return nil, err
	}
	if d.Train.N() < s.Train || d.Test.N() < s.Test {
		d.Notice = fmt.Sprintf("%s in %s is not the whole set: %d of %d training and %d of %d test images",
			s.Name, dir, d.Train.N(), s.Train, d.Test.N(), s.Test)
	}
	return d, nil
}

// describe is the set without images.
func (s SetInfo) describe(source string) *Dataset {
	return &Dataset{Name: s.Name, Source: source, Classes: s.Classes, Shape: s.Shape}
}

func (s SetInfo) readFashion(paths []string) (train, test Split, err error) {
	if train, err = s.readIDXPair(paths[0], paths[1]); err == nil {
		test, err = s.readIDXPair(paths[2], paths[3])
	}
	return train, test, err
}

func (s SetInfo) readIDXPair(images, labels string) (Split, error) {
	pixels, err := readIDXImages(images, s.Shape[1], s.Shape[2])
	if err != nil {
		return Split{}, err
	}
	y, err := readIDXLabels(labels)
	if err != nil {
		return Split{}, err
	}
	if n := len(pixels) / (s.Shape[1] * s.Shape[2]); n != len(y) {
		return Split{}, fmt.Errorf("%s: %d labels, but %s has %d images", labels, len(y), images, n)
	}
	for i, v := range y {
		if int(v) >= s.Classes {
			return Split{}, fmt.Errorf("%s: label %d of item %d is not between 0 and %d", labels, v, i, s.Classes-1)
		}
	}
	return Split{Pixels: pixels, Y: labelInts(y)}, nil
}
