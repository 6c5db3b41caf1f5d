package npy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// readStored reads all arrays of a file by way of Open, in blocks of three columns.
func readStored(path string) (arrays []Array[float64], err error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for _, s := range f.Arrays {
		a := Array[float64]{Name: s.Name, Shape: s.Shape}
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

// What is opened is what is read whole, of every reference file, big-endian, Fortran and deflated ones among them.
func TestOpenedArraysAreThoseRead(t *testing.T) {
	paths, _ := filepath.Glob(vectors + "analyze/data/*.np[yz]")
	paths = append(paths, vectors+"analyze/bad/big_endian.npy")
	if len(paths) < 16 {
		t.Errorf("only %d files", len(paths))
	}
	for _, path := range paths {
		var want []Array[float64]
		if filepath.Ext(path) == ".npz" {
			want, _ = ReadArchive[float64](path)
		} else if a, err := Read[float64](path); err == nil {
			want = []Array[float64]{*a}
		}
		got, err := readStored(path)
		if err != nil || len(got) != len(want) || len(got) == 0 {
			t.Errorf("%s: %d arrays, want %d (%v)", path, len(got), len(want), err)
			continue
		}
		for i, a := range got {
			if a.Name != want[i].Name || !slices.Equal(a.Shape, want[i].Shape) || !slices.Equal(a.Data, want[i].Data) {
				t.Errorf("%s: array %q differs", path, a.Name)
			}
		}
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
		_, err := readStored(path)
		if slices.Contains(badOnlyInMeaning, filepath.Base(path)) {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		want := badReasons[filepath.Base(path)]
		if filepath.Base(path) == "crc.npz" {
			want = `array "w": zip: checksum error`
		}
		checkRefusal(t, err, path, want)
	}
}

func TestOpenRefusesWhatIsNoGradient(t *testing.T) {
	_, err := Open(vectors + "grad/data/mlp_784-32-16-10.y.npy")
	if err == nil || !strings.Contains(err.Error(), "dtype <i8 holds no floating-point numbers") {
		t.Errorf("labels: %v", err)
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Open(t.TempDir() + "/none.npy"); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}
