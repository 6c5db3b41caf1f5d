package dataset

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenAutoFallsBack(t *testing.T) {
	isolate(t)
	d, err := Open("auto", Options{Want: "fashion-mnist"})
	if err != nil {
		t.Fatal(err)
	}
	if d.Source != "embedded" || !strings.Contains(d.Notice, "embedded subset") || !strings.Contains(d.Notice, "noiseprobe data fetch fashion-mnist") {
		t.Errorf("source %q, notice %q", d.Source, d.Notice)
	}
	if strings.Contains(d.Notice, "\n") {
		t.Errorf("notice %q has two lines", d.Notice)
	}
}

// Only Fashion-MNIST has a fallback, and only for auto.
func TestOpenNeverFallsBack(t *testing.T) {
	isolate(t)
	empty := t.TempDir()
	for _, c := range []struct{ name, want, reason string }{
		{"auto", "cifar-10", "cifar-10: not found in"},
		{"auto", "cifar-100", "noiseprobe data fetch cifar-100"},
		{"fashion-mnist", "fashion-mnist", "fashion-mnist: not found in"},
		{"cifar-10", "fashion-mnist", "https://www.cs.toronto.edu/~kriz/cifar.html"},
		{empty, "fashion-mnist", "no files of fashion-mnist, such as train-images-idx3-ubyte.gz"},
		{empty, "cifar-10", "no files of cifar-10"},
		{"embedded", "cifar-10", "the model wants cifar-10"},
		{"mnist", "fashion-mnist", `"mnist" is neither a data set`},
		{"", "fashion-mnist", `"" is neither a data set`},
		{"auto", "mnist", `"mnist" is not a known data set (fashion-mnist, cifar-10, cifar-100)`},
	} {
		_, err := Open(c.name, Options{Want: c.want})
		oneLine(t, err, c.reason)
	}
	_, err := Open("cifar-10", Options{Want: "cifar-10"})
	var missing *NotFoundError
	if !errors.As(err, &missing) || missing.Set.Name != "cifar-10" || len(missing.Searched) != 2 {
		t.Errorf("got %#v", err)
	}
}

// A directory that was named and is not there is not passed over, where data are looked for.
func TestOpenNeedsTheNamedDirectory(t *testing.T) {
	isolate(t)
	t.Setenv(EnvDir, filepath.Join(t.TempDir(), "none"))
	for _, name := range []string{"auto", "fashion-mnist", "cifar-10"} {
		_, err := Open(name, Options{Want: "fashion-mnist"})
		oneLine(t, err, "$NOISEPROBE_DATA", "none, which does not exist")
	}
	if _, err := Open("embedded", Options{Want: "fashion-mnist"}); err != nil {
		t.Error(err)
	}
}

// What is found but damaged is an error, not a reason to fall back.
func TestOpenAutoDamaged(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	tinyFashion(t, dir)
	path := filepath.Join(dir, "t10k-images-idx3-ubyte.gz")
	write(t, path, []byte("damaged"))
	t.Setenv(EnvDir, dir)
	_, err := Open("auto", Options{Want: "fashion-mnist"})
	oneLine(t, err, path)
}

func TestOpenFindsUsualPlaces(t *testing.T) {
	for _, sub := range []string{"", "fashion-mnist", "FashionMNIST/raw"} {
		isolate(t)
		root := t.TempDir()
		dir := filepath.Join(root, filepath.FromSlash(sub))
		tinyFashion(t, dir)
		open := func(name string) {
			t.Helper()
			d, err := Open(name, Options{Want: "fashion-mnist"})
			if err != nil {
				t.Fatal(err)
			}
			if d.Source != dir {
				t.Errorf("%s: read from %s, want %s", name, d.Source, dir)
			}
		}
		open(root)
		t.Setenv(EnvDir, root)
		open("auto")
		open("fashion-mnist")
	}
}

// The order of places: the environment, the cache, the system.
func TestLocateOrder(t *testing.T) {
	isolate(t)
	if _, found, searched := Locate("fashion-mnist"); found || len(searched) != 2 {
		t.Errorf("found %t after searching %v", found, searched)
	}
	expect := func(dir string) {
		t.Helper()
		tinyFashion(t, dir)
		if got, found, _ := Locate("fashion-mnist"); !found || got != dir {
			t.Errorf("located %q, want %q", got, dir)
		}
	}
	expect(filepath.Join(systemDir, "fashion-mnist"))
	cache, err := CacheDir("fashion-mnist")
	if err != nil {
		t.Fatal(err)
	}
	expect(cache)
	env := t.TempDir()
	t.Setenv(EnvDir, env)
	expect(env)
	if err := os.Remove(filepath.Join(env, "t10k-labels-idx1-ubyte.gz")); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := Locate("fashion-mnist"); got != cache {
		t.Errorf("located %q although a file is missing, want %q", got, cache)
	}
	if _, found, searched := Locate("mnist"); found || searched != nil {
		t.Error("located an unknown set")
	}
}

func TestOpenIncompleteDirectory(t *testing.T) {
	dir := t.TempDir()
	tinyFashion(t, dir)
	if err := os.Remove(filepath.Join(dir, "train-labels-idx1-ubyte.gz")); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{Want: "fashion-mnist"})
	oneLine(t, err, dir, "no file train-labels-idx1-ubyte")
	file := filepath.Join(dir, "train-images-idx3-ubyte")
	_, err = Open(file, Options{Want: "fashion-mnist"})
	oneLine(t, err, file+": not a directory")
}

// A directory with another set says which, and how to use it.
func TestOpenOtherSet(t *testing.T) {
	dir := t.TempDir()
	tinyCIFAR10(t, dir)
	_, err := Open(dir, Options{Want: "fashion-mnist"})
	oneLine(t, err, "no files of fashion-mnist", "but those of cifar-10", "$NOISEPROBE_DATA")
	isolate(t)
	t.Setenv(EnvDir, dir)
	if d, err := Open("cifar-10", Options{Want: "fashion-mnist"}); err != nil || d.Name != "cifar-10" {
		t.Errorf("a named set must not depend on Want: %v", err)
	}
}
