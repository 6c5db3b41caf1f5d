package dataset

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// load reads a set from the paths of its files, as folder gives them.
func (s SetInfo) load(dir string, paths []string) (*Dataset, error) {
	if name := s.missing(paths); name != "" {
		return nil, fmt.Errorf("%s: %s is incomplete: no file %s or %s.gz", dir, s.Name, name, name)
	}
	d := s.describe(dir)
	l := &loader{SetInfo: s}
	read := l.readFashion
	if s.prefix > 0 {
		read = l.readCIFAR
	}
	var err error
	if d.Train, d.Test, err = read(paths); err != nil {
		return nil, err
	}
	d.Unofficial = l.unofficial
	d.Notice = s.notice(d)
	return d, nil
}

// notice says what of a set is missing or different.
func (s SetInfo) notice(d *Dataset) string {
	var what []string
	if d.Train.N() < s.Train || d.Test.N() < s.Test {
		what = append(what, fmt.Sprintf(" is not the whole set: %d of %d training and %d of %d test images",
			d.Train.N(), s.Train, d.Test.N(), s.Test))
	}
	if len(d.Unofficial) > 0 {
		what = append(what, ": not the official files, other contents in "+strings.Join(d.Unofficial, ", "))
	}
	if what == nil {
		return ""
	}
	return fmt.Sprintf("%s in %s%s", s.Name, d.Source, strings.Join(what, ""))
}

// loader reads the files of a set, and finds out which are as large as the official ones but have other contents.
type loader struct {
	SetInfo
	unofficial []string
}

// read has decode read the contents of a file, and hashes them meanwhile. A file that has fewer bytes than the known one is only a part of it,
// perhaps. Errors name the file.
func (l *loader) read(path string, known FileInfo, decode func(f *rawFile) error) error {
	f, err := openRaw(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h, _, want := known.digest()
	f.r = io.TeeReader(f.r, h)
	if err := decode(f); err != nil {
		return f.failed(err)
	}
	if want != "" && f.read == known.Bytes && hex.EncodeToString(h.Sum(nil)) != want {
		l.unofficial = append(l.unofficial, known.Name)
	}
	return nil
}

// describe is the set without images.
func (s SetInfo) describe(source string) *Dataset {
	return &Dataset{Name: s.Name, Source: source, Classes: s.Classes, Shape: s.Shape}
}

func (l *loader) readFashion(paths []string) (train, test Split, err error) {
	if train, err = l.readIDXPair(paths, 0); err == nil {
		test, err = l.readIDXPair(paths, 2)
	}
	return train, test, err
}

// readIDXPair reads images and labels, which follow them in the list of files.
func (l *loader) readIDXPair(paths []string, first int) (Split, error) {
	images, labels := paths[first], paths[first+1]
	pixels, err := l.readIDX(images, l.Files[first], imageMagic, l.Shape[1], l.Shape[2])
	if err != nil {
		return Split{}, err
	}
	y, err := l.readIDX(labels, l.Files[first+1], labelMagic)
	if err != nil {
		return Split{}, err
	}
	if n := len(pixels) / (l.Shape[1] * l.Shape[2]); n != len(y) {
		return Split{}, fmt.Errorf("%s: %d labels, but %s has %d images", labels, len(y), images, n)
	}
	for i, v := range y {
		if int(v) >= l.Classes {
			return Split{}, fmt.Errorf("%s: label %d of item %d is not between 0 and %d", labels, v, i, l.Classes-1)
		}
	}
	return Split{Pixels: pixels, Y: labelInts(y)}, nil
}
