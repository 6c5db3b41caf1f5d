package safetensors

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A matrix holds what Float64s returns, for every floating-point type.
func TestMatrix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	half := Tensor{Name: "half", DType: "F16", Shape: []int{2, 3}}
	half.Data = writes(0x00, 0x3c, 0x00, 0xbc, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x00, 0x55, 0x35)
	brain := half
	brain.Name, brain.DType = "brain", "BF16"
	err := Write(path, nil, []Tensor{
		F64("double", []int{2, 3}, []float64{1, 2, 3, 4, 5, 1.0 / 3}), F32("single", []int{2, 3, 1}, []float32{1, -2, 3, 4, 5, 1.0 / 3}),
		half, brain, I64("whole", []int{2}, []int64{1, 2}), F64("scalar", nil, []float64{1}),
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"double", "single", "half", "brain"} {
		want, err := f.Float64s(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := f.Matrix(name)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, 6)
		if err := m.ReadBlock(got, 0, 2, 0, 3); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v (%v)", name, got, want, err)
		}
		if err := m.ReadBlock(got[:2], 0, 2, 1, 2); err != nil || got[0] != want[1] || got[1] != want[4] {
			t.Errorf("%s: column 1 is %v (%v)", name, got[:2], err)
		}
	}
	for name, reason := range map[string]string{"whole": "holds no floating-point numbers", "scalar": "no rows", "none": "no tensor"} {
		if _, err := f.Matrix(name); err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", name, err, reason)
		}
	}
}

func writes(b ...byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}
