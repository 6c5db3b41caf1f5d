package probe_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/probe"
)

func opened(t *testing.T, paths ...string) *probe.Files {
	t.Helper()
	f, err := probe.Open(paths, math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func layerList(g *probe.Gradients) (names []string) {
	for _, l := range g.Layers {
		names = append(names, fmt.Sprintf("%s %T %d", l.Name(), l, l.Parameters()))
	}
	return names
}

// The file of a checkpoint gives the gradients that were stored, with step, unit, indices and losses.
func TestOpenCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gradients.safetensors")
	g, _ := twoLayers(9)
	g.Meta = probe.Meta{Step: 7, Unit: probe.UnitGhostBatch, UnitSize: 10, Population: 50, Index: []int{8, 7, 6, 5, 4, 3, 2, 1, 0}, Loss: normals("loss", 9)}
	if err := probe.WriteGradients(path, g); err != nil {
		t.Fatal(err)
	}
	f := opened(t, path)
	if f.Step != 7 || f.Meta.Unit != probe.UnitGhostBatch || f.UnitSize != 10 || f.Population != 50 ||
		!slices.Equal(f.Index, g.Index) || !slices.Equal(f.Loss, g.Loss) {
		t.Errorf("got %+v", f.Meta)
	}
	got, want := f.Reduce(nil), g.Reduce(nil)
	if err := numtest.CloseToLargest(got.Centred, want.Centred, 1e-13); err != nil {
		t.Error(err)
	}
	for i, l := range got.Layers {
		if l.Name != want.Layers[i].Name || l.Parameters != want.Layers[i].Parameters {
			t.Errorf("layer %+v, want %+v", l, want.Layers[i])
		}
	}
	if f.LoadedBytes <= 0 {
		t.Error("the factors are in memory, but not accounted for")
	}
}

// A file from elsewhere: a pair of factors, a gradient, arrays whose names only look like factors, and losses.
func TestOpenTensorsOfOthers(t *testing.T) {
	f := opened(t, written(t, nil,
		values32("fc.a", 4, 3), values32("fc.delta", 4, 2), values32("conv.gradient", 4, 2, 3, 3), values32("half.a", 4, 5), values32("other.delta", 4, 6),
		values32("bias", 4), values32("loss", 4, 1), safetensors.I64("index", []int{4, 1}, []int64{3, 1, 4, 5}), values32("Loss.gradient", 4), values32("sub/loss", 4, 2)))
	want := []string{"fc *probe.Factored 8", "conv *probe.Streamed 18", "half.a *probe.Streamed 5", "other.delta *probe.Streamed 6", "bias *probe.Streamed 1",
		"Loss *probe.Streamed 1", "sub/loss *probe.Streamed 2"}
	if got := layerList(&f.Gradients); !slices.Equal(got, want) {
		t.Errorf("layers %v, want %v", got, want)
	}
	if len(f.Loss) != 4 || !slices.Equal(f.Index, []int{3, 1, 4, 5}) {
		t.Errorf("loss %v, index %v", f.Loss, f.Index)
	}
}

func TestOpenSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	var paths []string
	for i, d := range []string{a, b} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{fmt.Sprint("own", i, ".npy"), "w.npy"} {
			paths = append(paths, filepath.Join(d, name))
			if err := npy.Write(paths[len(paths)-1], []int{3, 2}, normals(name, 6)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var names []string
	for _, l := range opened(t, paths[:3]...).Layers {
		names = append(names, l.Name())
	}
	if want := []string{"own0", "w", "own1"}; !slices.Equal(names, want) {
		t.Errorf("layers %v, want %v", names, want)
	}
	if _, err := probe.Open(paths, math.Inf(1)); err == nil || !strings.HasPrefix(err.Error(), paths[3]+": there is a layer w in "+paths[1]+" already") {
		t.Errorf("two layers of one name: %v", err)
	}
	link := filepath.Join(dir, "link.npy")
	if err := os.Symlink(paths[0], link); err != nil {
		t.Fatal(err)
	}
	if _, err := probe.Open([]string{paths[0], link}, math.Inf(1)); err == nil || err.Error() != link+": is the same file as "+paths[0] {
		t.Errorf("%v", err)
	}
}

// TestFactorsInFilesOfTheirOwn are no two layers; a name that says that they are gradients is believed.
func TestFactorsInFilesOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	name := func(of string) string { return filepath.Join(dir, of) }
	for _, of := range []string{"w.a.npy", "w.delta.npy", "w.delta.gradient.npy"} {
		if err := npy.Write(name(of), []int{3, 2}, normals(of, 6)); err != nil {
			t.Fatal(err)
		}
	}
	for _, pair := range [][]string{{"w.a.npy", "w.delta.npy"}, {"w.delta.npy", "w.a.npy"}} {
		_, err := probe.Open([]string{name(pair[0]), name(pair[1])}, math.Inf(1))
		if err == nil || !strings.HasPrefix(err.Error(), name(pair[1])+": is a factor of the gradients of which "+name(pair[0])+" is the other?") {
			t.Errorf("%v: %v", pair, err)
		}
	}
	if err := os.Remove(name("w.delta.npy")); err != nil {
		t.Fatal(err)
	}
	if _, err := probe.Open([]string{name("w.a.npy"), name("w.delta.npy")}, math.Inf(1)); !os.IsNotExist(err) {
		t.Errorf("no such file: %v", err)
	}
	if n := len(opened(t, name("w.a.npy"), name("w.delta.gradient.npy")).Layers); n != 2 {
		t.Errorf("%d layers", n)
	}
}

// A name from a file must not act on a terminal.
func TestNamesAreEscaped(t *testing.T) {
	var names []string
	for _, l := range opened(t, written(t, nil, values32("\x1b[2J", 2, 2), values32("größe \"w\"", 2, 2))).Layers {
		names = append(names, l.Name())
	}
	if want := []string{`\x1b[2J`, `größe "w"`}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// TestOpenRefuses: each error is one line that begins with the file.
func TestOpenRefuses(t *testing.T) {
	nan := float32(math.NaN())
	two := func(name string) safetensors.Tensor { return safetensors.F32(name, []int{2, 2}, make([]float32, 4)) }
	for reason, tensors := range map[string][]safetensors.Tensor{
		"fc.a is NaN at row 1, column 0":              {safetensors.F32("fc.a", []int{2, 2}, []float32{1, 2, nan, 3}), two("fc.delta")},
		"fc.a has 3 samples, but fc.delta has 2":      {safetensors.F32("fc.a", []int{3, 1}, make([]float32, 3)), two("fc.delta")},
		"fc.delta has shape [2], want 2 axes":         {two("fc.a"), safetensors.F32("fc.delta", []int{2}, make([]float32, 2))},
		"the loss of row 1 is NaN":                    {two("w"), safetensors.F32("loss", []int{2}, []float32{1, nan})},
		"loss has shape [2 2], want [n]":              {two("w"), two("loss")},
		`"Loss" may be the loss of the samples`:       {two("w"), safetensors.F32("Loss", []int{2}, make([]float32, 2))},
		`"sub/loss" may be the loss of the samples`:   {two("w"), safetensors.F32("sub/loss", []int{2, 1}, make([]float32, 2))},
		`"sub/Index" may be the index of the samples`: {two("w"), safetensors.I64("sub/Index", []int{2}, make([]int64, 2))},
		"3 losses for 2 samples":                      {two("w"), safetensors.F32("loss", []int{3}, make([]float32, 3))},
		"2 samples":                                   {two("w"), safetensors.I64("index", []int{1}, []int64{1})},
		`tensor "w": dtype I64 holds no floating`:     {safetensors.I64("w", []int{2}, []int64{1, 2})},
		"holds no gradients":                          {safetensors.F32("loss", []int{2}, make([]float32, 2))},
		"layer w: there are two layers of this name":  {two("w"), two("w.gradient")},
		`dtype F32 does not convert to int64`:         {two("w"), safetensors.F32("index", []int{2}, make([]float32, 2))},
		"layer fc: one sample: a covariance needs at": {safetensors.F32("fc.a", []int{1, 2}, make([]float32, 2)), safetensors.F32("fc.delta", []int{1, 1}, make([]float32, 1))},
	} {
		path := written(t, nil, tensors...)
		_, err := probe.Open([]string{path}, math.Inf(1))
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, reason)
		}
	}
	if _, err := probe.Open([]string{analyze + "data/layers_n25_compressed.npz"}, 100); err == nil || !strings.Contains(err.Error(), "a budget of 100") {
		t.Errorf("more than the budget: %v", err)
	}
}

// What WriteRows writes, Open reads, layer by layer or side by side.
func TestRowsComeBack(t *testing.T) {
	g, rows := twoLayers(7)
	dir := t.TempDir()
	var calls int
	for _, name := range []string{"g.npy", "g.safetensors"} {
		path := filepath.Join(dir, name)
		if err := probe.WriteRows[float64](path, g, func(done, total int) error {
			if calls++; done > total {
				t.Errorf("%d of %d rows", done, total)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		f := opened(t, path)
		for i, row := range rows {
			if !slices.Equal(f.Gradients.Unit(i), row) {
				t.Errorf("%s: row %d differs", name, i)
			}
		}
		if want := map[string]int{"g.npy": 1, "g.safetensors": len(g.Layers)}[name]; len(f.Layers) != want {
			t.Errorf("%s: %d layers", name, len(f.Layers))
		}
	}
	if want := 7 + 2*7*len(g.Layers); calls != want {
		t.Errorf("told of %d rows, want %d", calls, want)
	}
}

func TestRowsThatDoNotFit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "g.npy")
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("l", 2, 1, []float64{1, 1e300})}}
	err := probe.WriteRows[float32](path, g, nil)
	if err == nil || !strings.Contains(err.Error(), "unit 1 has the value 1e+300, beyond the range of float32") {
		t.Errorf("%v", err)
	}
	stop := errors.New("enough")
	if err := probe.WriteRows[float64](path, g, func(done, total int) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped with %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("files were left: %v (%v)", left, err)
	}
}
