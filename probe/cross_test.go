package probe_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// crossed returns the gradients of two layers of n units, as factored and dense layers or as dense ones alone, and the same as rows.
func crossed(label string, n int, dense bool) (*probe.Gradients, [][]float64) {
	const in, out, p = 5, 4, 6
	a, delta, g := narrow(normals(label+"a", n*in)), narrow(normals(label+"delta", n*out)), rounded(normals(label+"g", n*p))
	rows := outerProducts(n, in, out, a, delta)
	var flat []float64
	for _, row := range rows {
		flat = append(flat, row...)
	}
	layers := []probe.Layer{probe.NewFactored("dense1", n, in, out, a, delta), probe.NewDense("conv1", n, p, g)}
	if dense {
		layers[0] = probe.NewDense("dense1", n, out*(in+1), flat)
	}
	for i := range rows {
		rows[i] = append(rows[i], g[i*p:(i+1)*p]...)
	}
	index := make([]int, n)
	return &probe.Gradients{Meta: probe.Meta{Index: index, Loss: make([]float64, n)}, Layers: layers}, rows
}

func TestCrossGram(t *testing.T) {
	for _, size := range []struct{ n, m int }{{1, 1}, {7, 20}, {150, 33}} {
		for _, dense := range [][2]bool{{false, false}, {true, true}, {false, true}, {true, false}} {
			a, rowsA := crossed("first", size.n, dense[0])
			b, rowsB := crossed("second", size.m, dense[1])
			if err := numtest.CloseToLargest(probe.CrossGram(a, b), crossOf(rowsA, rowsB), 2e-6); err != nil {
				t.Errorf("%+v, dense %v: %v", size, dense, err)
			}
		}
	}
}

// Factors of few units and of so many that their products are made in narrow bands.
func TestCrossGramOfFewAndMany(t *testing.T) {
	const few, many, in, out = 300, 4096, 2, 1
	layer := func(label string, n int) *probe.Gradients {
		return &probe.Gradients{Layers: []probe.Layer{probe.NewFactored("l", n, in, out, narrow(normals(label+"a", n*in)), narrow(normals(label+"delta", n*out)))}}
	}
	a, b := layer("few", few), layer("many", many)
	got, turned := probe.CrossGram(a, b), probe.CrossGram(b, a)
	for i := 0; i < few; i += 23 {
		x := a.Unit(i)
		for j := 0; j < many; j += 61 {
			want := product(x, b.Unit(j))
			if err := numtest.AllClose([]float64{got[i*many+j], turned[j*few+i]}, []float64{want, want}, numtest.Tol{Abs: 1e-5}); err != nil {
				t.Fatalf("%d, %d: %v", i, j, err)
			}
		}
	}
}

func TestCrossGramOfFiles(t *testing.T) {
	dir := t.TempDir()
	first, second, gram := filepath.Join(dir, "1.safetensors"), filepath.Join(dir, "2.safetensors"), filepath.Join(dir, "3.safetensors")
	a, _ := crossed("first", 9, false)
	b, _ := crossed("second", 6, false)
	other := *b
	other.Layers = []probe.Layer{probe.NewDense("dense1", 6, 3, make([]float64, 18))}
	unlike := filepath.Join(dir, "4.safetensors")
	for _, err := range []error{
		probe.WriteGradients(first, a), probe.WriteGradients(second, b), probe.WriteUnits(gram, b.Reduce(nil)), probe.WriteGradients(unlike, &other),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := probe.ReadCrossGram(first, second)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.AllClose(got, probe.CrossGram(a, b), rounding); err != nil {
		t.Error(err)
	}
	if got, err := probe.ReadCrossGram(first, gram); got != nil || err != nil {
		t.Errorf("second moments: %v, %v", got, err)
	}
	if _, err := probe.ReadCrossGram(first, unlike); err == nil || !strings.Contains(err.Error(), unlike) {
		t.Errorf("other layers: %v", err)
	}
	if _, err := probe.ReadCrossGram(first, filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}

func TestCrossGramOfDifferentLayersPanics(t *testing.T) {
	a, _ := crossed("first", 3, true)
	fewer := &probe.Gradients{Layers: a.Layers[:1]}
	swapped := &probe.Gradients{Layers: []probe.Layer{a.Layers[1], a.Layers[0]}}
	panics(t, "number", func() { probe.CrossGram(a, fewer) })
	panics(t, "size", func() { probe.CrossGram(a, swapped) })
}
