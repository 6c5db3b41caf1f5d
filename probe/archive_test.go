package probe_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
)

// In an archive loss and index are those of the units, whatever type the index has.
func TestLossAndIndexInArchives(t *testing.T) {
	dir := t.TempDir()
	header := "{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }"
	index := "\x93NUMPY\x01\x00\x76\x00" + header + strings.Repeat(" ", 117-len(header)) + "\n\x03\x01\x04\x05"
	path := filepath.Join(dir, "X.NPZ")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(out)
	add := func(name, contents string) {
		t.Helper()
		w, err := archive.Create(name)
		if err == nil {
			_, err = w.Write([]byte(contents))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, shape := range map[string][]int{"w.npy": {4, 3}, "loss.npy": {4}} {
		one := filepath.Join(dir, name)
		if err := npy.Write(one, shape, normals(name, 4*append(shape, 1)[1])); err != nil {
			t.Fatal(err)
		}
		contents, err := os.ReadFile(one)
		if err != nil {
			t.Fatal(err)
		}
		add(name, string(contents))
	}
	add("index.npy", index)
	add("__MACOSX/._w.npy", "no array")
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	f := opened(t, path)
	if len(f.Layers) != 1 || f.Layers[0].Name() != "w" || !slices.Equal(f.Index, []int{3, 1, 4, 5}) || !slices.Equal(f.Loss, normals("loss.npy", 4)) {
		t.Errorf("layers %v, index %v, loss %v", layerList(&f.Gradients), f.Index, f.Loss)
	}
}
