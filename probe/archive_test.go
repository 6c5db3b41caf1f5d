package probe_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/probe"
)

// In an archive loss and index are those of the units, whatever type the index has.
func TestLossAndIndexInArchives(t *testing.T) {
	header := "{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }"
	index := "\x93NUMPY\x01\x00\x76\x00" + header + strings.Repeat(" ", 117-len(header)) + "\n\x03\x01\x04\x05"
	path := archiveOf(t, "X.NPZ", func(archive *zip.Writer, dir string) (err error) {
		for name, shape := range map[string][]int{"w.npy": {4, 3}, "loss.npy": {4}} {
			err = errors.Join(err, addArray(archive, filepath.Join(dir, name), shape, normals(name, 4*append(shape, 1)[1])))
		}
		return errors.Join(err, addMember(archive, "index.npy", []byte(index)), addMember(archive, "__MACOSX/._w.npy", []byte("no array")))
	})
	f := opened(t, path)
	if len(f.Layers) != 1 || f.Layers[0].Name() != "w" || !slices.Equal(f.Index, []int{3, 1, 4, 5}) || !slices.Equal(f.Loss, normals("loss.npy", 4)) {
		t.Errorf("layers %v, index %v, loss %v", layerList(&f.Gradients), f.Index, f.Loss)
	}
}

// Arrays of one number in an archive say what metadata do, whatever their type.
func TestNumbersInArchives(t *testing.T) {
	save := func(numbers map[string]float64, axes ...int) string {
		return archiveOf(t, "x.npz", func(archive *zip.Writer, dir string) error {
			err := addArray(archive, filepath.Join(dir, "w.npy"), []int{4, 3}, normals("w", 12))
			for name, value := range numbers {
				err = errors.Join(err, addArray(archive, filepath.Join(dir, name+".npy"), axes, []float64{value}))
			}
			return err
		})
	}
	path := save(map[string]float64{"step": 70, "population": 2e6, "unit_size": 2, "parameters": 3})
	f := opened(t, path)
	if f.Step != 70 || f.Population != 2_000_000 || f.UnitSize != 2 || f.Total != 3 || len(f.Layers) != 1 {
		t.Errorf("%+v of %v", f.Meta, layerList(&f.Gradients))
	}
	if d, err := probe.Describe(path); err != nil || d.Step == nil || *d.Step != 70 {
		t.Errorf("%+v, %v", d, err)
	}
	if f := opened(t, save(map[string]float64{"step": 80}, 1)); f.Step != 80 || len(f.Layers) != 1 {
		t.Errorf("%+v of %v", f.Meta, layerList(&f.Gradients))
	}
	path = save(map[string]float64{"step": 1.5})
	want := path + `: metadata: step is "1.5", want a whole number of at least 0`
	if _, err := probe.Open([]string{path}, math.Inf(1)); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := probe.Describe(path); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// Deflated factors are counted against the budget before they are inflated, which here would show that they are damaged.
func TestFactorsAreInflatedWithinTheBudget(t *testing.T) {
	const n, positions, width = 4, 3, 2
	path := archiveOf(t, "x.npz", func(archive *zip.Writer, dir string) (err error) {
		for _, name := range []string{"w.a.npy", "w.delta.npy"} {
			err = errors.Join(err, addArray(archive, filepath.Join(dir, name), []int{n, positions, width}, normals(name, n*positions*width)))
		}
		return err
	})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range reader.File {
		at, err := member.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		whole[at+int64(member.CompressedSize64)-9] ^= 0x40 // in the last numbers
	}
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := probe.Open([]string{path}, math.Inf(1)); err == nil || errors.Is(err, probe.ErrMemory) {
		t.Errorf("damaged: %v", err)
	}
	if _, err := probe.Open([]string{path}, 100); !errors.Is(err, probe.ErrMemory) {
		t.Errorf("more than the budget: %v", err)
	}
}

// archiveOf is an archive of this name with what add puts into it; dir is for its files.
func archiveOf(t *testing.T, name string, add func(archive *zip.Writer, dir string) error) string {
	t.Helper()
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(out)
	if err := errors.Join(add(archive, dir), archive.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}

// addArray writes an array to a file of this name and puts that into an archive.
func addArray(archive *zip.Writer, path string, shape []int, values []float64) error {
	if err := npy.Write(path, shape, values); err != nil {
		return err
	}
	contents, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return addMember(archive, filepath.Base(path), contents)
}

func addMember(archive *zip.Writer, name string, contents []byte) error {
	w, err := archive.Create(name)
	if err == nil {
		_, err = w.Write(contents)
	}
	return err
}
