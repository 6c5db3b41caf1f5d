package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Options of [Open].
type Options struct {
	Want string // name of the set that the model is made for
	Seed uint64 // of the synthetic images
}

// Open opens the data set that name, the value of the flag -data, stands for:
//
//	auto                        Want, where Locate finds it; if not, for Fashion-MNIST the embedded subset, with a Notice
//	synthetic                   images of Want's shape and classes from a generator
//	embedded                    the embedded subset of Fashion-MNIST
//	fashion-mnist, cifar-10,    that set, whatever Want is, where Locate finds it
//	cifar-100
//	anything else               a directory with Want's files, or with the subfolder that they are usually in
//
// A directory that has the name of a set is written "./cifar-10". If a set is not on this machine the error is a [*NotFoundError];
// files that exist but are damaged are always an error, and so is a $NOISEPROBE_DATA that is no directory, where it is looked in.
func Open(name string, opts Options) (*Dataset, error) {
	want, err := lookup(opts.Want)
	if err != nil {
		return nil, err
	}
	switch name {
	case Auto:
		return openAuto(want)
	case Synthetic:
		return syntheticOnce(want, opts.Seed), nil
	case Embedded:
		if want.Name != embeddedSet {
			return nil, fmt.Errorf("the embedded images are a subset of %s, the model wants %s", embeddedSet, want.Name)
		}
		return openEmbedded()
	}
	if named, err := lookup(name); err == nil {
		return openLocated(named)
	}
	return openDir(name, want)
}

func openLocated(s SetInfo) (*Dataset, error) {
	if err := CheckEnv(); err != nil {
		return nil, err
	}
	dir, found, searched := Locate(s.Name)
	if !found {
		missing := &NotFoundError{Set: s, Searched: searched}
		for _, dir := range searched {
			missing.Python = cmp.Or(missing.Python, s.pythonIn(dir))
		}
		return nil, missing
	}
	_, paths := s.folder(dir)
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	return s.load(dir, paths)
}

func openAuto(s SetInfo) (*Dataset, error) {
	d, err := openLocated(s)
	if missing := new(NotFoundError); !errors.As(err, &missing) || s.Name != embeddedSet {
		return d, err
	}
	if d, err = openEmbedded(); err != nil {
		return nil, err
	}
	d.Notice = fmt.Sprintf("using the embedded subset of %s, %d of %d training and %d of %d test images; "+
		"for the rest run 'noiseprobe data fetch %s'", s.Name, d.Train.N(), s.Train, d.Test.N(), s.Test, s.Name)
	return d, nil
}

func openDir(dir string, want SetInfo) (*Dataset, error) {
	st, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a data set (auto, synthetic, embedded, fashion-mnist, cifar-10, cifar-100) nor a directory", dir)
	}
	if !st.IsDir() {
		return nil, fmt.Errorf("%s: not a directory", dir)
	}
	folder, paths := want.folder(dir)
	if _, n := want.paths(folder); n == 0 {
		if python := want.pythonIn(dir); python != "" {
			return nil, &NotFoundError{Set: want, Searched: []string{dir}, Python: python}
		}
		return nil, fmt.Errorf("%s: no files of %s, such as %s.gz%s", dir, want.Name, want.Files[0].Name, otherSet(dir))
	}
	// A run that is resumed from another directory must find the files again.
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, err
	}
	return want.load(folder, paths)
}

// otherSet names another set whose files the directory has, if there is one.
func otherSet(dir string) string {
	for _, s := range Sets() {
		if _, paths := s.folder(dir); s.missing(paths) == "" {
			return fmt.Sprintf(", but those of %s: for these set $%s to it and use -data %s", s.Name, EnvDir, s.Name)
		}
		if python := s.pythonIn(dir); python != "" {
			return fmt.Sprintf(", but %s of the Python version of %s: get the binary version, which is read, with 'noiseprobe data fetch %s'", python,
				s.Name, s.Name)
		}
	}
	return ""
}
