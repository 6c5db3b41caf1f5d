package npy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// named is an array with its name in an archive.
type named struct {
	name string
	Array[float64]
}

// openAndRead opens a file and reads all of its arrays.
func openAndRead(path string) ([]named, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readStored(f)
}

// readStored reads all arrays of an open file in blocks of three columns.
func readStored(f *File) (arrays []named, err error) {
	for _, s := range f.Arrays {
		a := named{s.Name, Array[float64]{Shape: s.Shape}}
		if len(s.Shape) > 0 {
			m, err := s.Matrix()
			if err != nil {
				return nil, err
			}
			if a.Data, err = inBlocks(m); err != nil {
				return nil, err
			}
		}
		arrays = append(arrays, a)
	}
	return arrays, nil
}

func inBlocks(m *strided.Matrix) ([]float64, error) {
	n, p := m.Units(), m.Parameters()
	data := make([]float64, n*p)
	for left := 0; left < p; left += 3 {
		width := min(3, p-left)
		block := make([]float64, n*width)
		if err := m.ReadBlock(block, 0, n, left, left+width); err != nil {
			return nil, err
		}
		for i := range n {
			copy(data[i*p+left:], block[i*width:(i+1)*width])
		}
	}
	return data, nil
}

// What is opened is what is read whole, of every reference file, big-endian and Fortran ones among them.
func TestOpenedArraysAreThoseRead(t *testing.T) {
	paths := append(goodFiles(t, ".npy"), vectors+"analyze/bad/big_endian.npy")
	compared := 0
	for _, path := range paths {
		got, err := openAndRead(path)
		if err != nil && strings.Contains(err.Error(), "holds no floating-point numbers") {
			continue // labels
		}
		want, wantErr := Read[float64](path)
		if err != nil || wantErr != nil || len(got) != 1 {
			t.Fatalf("%s: %d arrays, %v, %v", path, len(got), err, wantErr)
		}
		if got[0].name != "" || !slices.Equal(got[0].Shape, want.Shape) || !slices.Equal(got[0].Data, want.Data) {
			t.Errorf("%s: the array differs", path)
		}
		compared++
	}
	if compared < 16 {
		t.Errorf("only %d files", compared)
	}
}

// A member that was not deflated is read where it lies.
func TestOnlyDeflatedMembersArePacked(t *testing.T) {
	for name, packed := range map[string]bool{"layers_n30.npz": false, "layers_n25_compressed.npz": true} {
		f, err := Open(vectors + "analyze/data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range f.Arrays {
			if (s.Packed > 0) != packed {
				t.Errorf("%s: %s has %d packed bytes", name, s.Name, s.Packed)
			}
		}
		f.Close()
	}
}

// TestOpenRefusesWhatIsDamaged goes over the same files as the test of Read; what is right only in form is opened.
func TestOpenRefusesWhatIsDamaged(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/bad/*.np[yz]")
	for _, path := range paths {
		_, err := openAndRead(path)
		if slices.Contains(badOnlyInMeaning, filepath.Base(path)) {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		numtest.Refused(t, err, path, badReasons[filepath.Base(path)])
	}
}

func TestOpenRefusesWhatIsNoGradient(t *testing.T) {
	path := vectors + "grad/data/mlp_784-32-16-10.y.npy"
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	labels := &f.Arrays[0]
	numtest.Refused(t, labels.CheckFloat(), path, "dtype <i8 holds no floating-point numbers")
	_, err = labels.Matrix()
	numtest.Refused(t, err, path, "dtype <i8 holds no floating-point numbers")
	want, err := Read[int64](path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Load[int64](labels); err != nil || !slices.Equal(got.Data, want.Data) {
		t.Errorf("loaded %v, %v", got, err)
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Open(t.TempDir() + "/none.npy"); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}
