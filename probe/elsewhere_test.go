package probe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/probe"
)

// asJSON is a value of the metadata.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// written writes a file as other programs do.
func written(t *testing.T, metadata map[string]string, tensors ...safetensors.Tensor) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := safetensors.Write(path, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	return path
}

func values32(name string, shape ...int) safetensors.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return safetensors.F32(name, shape, narrow(normals(name, n)))
}

// Layers of every kind in one file, each against its gradients written out. The numbers are those of normals, by the name of the tensor.
func TestEveryKindOfLayer(t *testing.T) {
	const n, positions = 5, 3
	ids := numbers(n*positions, 7)
	path := written(t, map[string]string{
		"step": "40", "population": "900", "unit": "ghost-batch", "unit_size": "2",
		"parameters": asJSON(t, map[string]int{"h.0.wte": 14, "conv": 4*3*2*2 + 4, "fc": 12}),
		"bias":       asJSON(t, map[string]bool{"fc": false, "seq": false, "conv": true}),
		"geometry":   asJSON(t, map[string]any{"conv": map[string][]int{"kernel": {2, 2}, "stride": {2, 1}, "dilation": {1, 2}}}),
	},
		values32("fc.a", n, 4), values32("fc.delta", n, 3), values32("seq.a", n, positions, 4), values32("seq.delta", n, positions, 2),
		values32("head.a", n, positions, 4), values32("head.delta", n, positions, 2),
		values32("conv.a", n, 6, 5, 3), values32("conv.delta", n, 3, 3, 4), values32("rows.gradient", n, 2, 3),
		safetensors.I64("h.0.wte.ids", []int{n, positions}, ids), values32("h.0.wte.delta", n, positions, 2),
		safetensors.I64("index", []int{n}, []int64{4, 3, 2, 1, 0}), values32("loss", n))
	f := opened(t, path)
	if f.Step != 40 || f.Population != 900 || f.Meta.Unit != probe.UnitGhostBatch || f.UnitSize != 2 || len(f.Loss) != n || f.Index[0] != 4 {
		t.Errorf("%+v", f.Meta)
	}
	want := []string{
		"fc *probe.Factored 12", "seq *probe.Streamed 8", "head *probe.Streamed 10", "conv *probe.Streamed 52", "rows *probe.Streamed 6",
		"h.0.wte *probe.Embedding 14",
	}
	if got := layerList(&f.Gradients); !slices.Equal(got, want) {
		t.Fatalf("layers %q, want %q", got, want)
	}
	for i := range n {
		if err := numtest.CloseToLargest(f.Gradients.Unit(i), everyKindOfUnit(i, n, positions, ids), 1e-6); err != nil {
			t.Errorf("unit %d: %v", i, err)
		}
	}
}

// everyKindOfUnit is a unit's gradient in the layers of TestEveryKindOfLayer.
func everyKindOfUnit(i, n, positions int, ids []int64) (gradient []float64) {
	part := func(name string, size int) []float32 { return narrow(normals(name, n*size))[i*size : (i+1)*size] }
	geometry := probe.Geometry{Height: 6, Width: 5, Channels: 3, Kernel: [2]int{2, 2}, Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}}
	gradient = append(gradient, sumOfProducts(part("fc.a", 4), part("fc.delta", 3), 4, 3)...)
	gradient = append(gradient, sumOfProducts(part("seq.a", positions*4), part("seq.delta", positions*2), 4, 2)...)
	gradient = append(gradient, sumOfProducts(part("head.a", positions*4), part("head.delta", positions*2), 4, 2)...)
	gradient = append(gradient, biasGradient(part("head.delta", positions*2), 2)...)
	delta := part("conv.delta", 3*3*4)
	gradient = append(gradient, convolutionGradient(geometry, 4, part("conv.a", 6*5*3), delta)...)
	gradient = append(gradient, biasGradient(delta, 4)...)
	for _, v := range part("rows.gradient", 6) {
		gradient = append(gradient, float64(v))
	}
	return append(gradient, tableRows(n, 7, 2, ids, narrow(normals("h.0.wte.delta", n*positions*2)))[i]...)
}

// sumOfProducts is the sum over positions of delta a'.
func sumOfProducts(a, delta []float32, in, out int) []float64 {
	sum := make([]float64, in*out)
	for t := range len(a) / in {
		for o := range out {
			for j := range in {
				sum[o*in+j] += float64(delta[t*out+o]) * float64(a[t*in+j])
			}
		}
	}
	return sum
}

// crossOf are the products of all rows of a with all of b.
func crossOf(a, b [][]float64) (products []float64) {
	for _, x := range a {
		for _, y := range b {
			products = append(products, product(x, y))
		}
	}
	return products
}

// A Gram matrix in place of the rows gives the same second moments, whatever stands beside it.
func TestGramAgainstRows(t *testing.T) {
	const n, p = 12, 9
	first, second := normals("first", n*p), normals("second", n*4)
	var rows [][]float64
	for i := range n {
		rows = append(rows, first[i*p:(i+1)*p])
	}
	whole := opened(t, written(t, nil, safetensors.F64("one.gradient", []int{n, p}, first), safetensors.F64("two", []int{n, 4}, second)))
	inner := opened(t, written(t, map[string]string{"parameters": "{\"one\": 9}"},
		safetensors.F64("one.gram", []int{n, n}, crossOf(rows, rows)), safetensors.F64("two", []int{n, 4}, second)))
	if !whole.Explicit() || inner.Explicit() || inner.Parameters() != 13 {
		t.Errorf("explicit %v and %v, %d parameters", whole.Explicit(), inner.Explicit(), inner.Parameters())
	}
	want, got := whole.Reduce(nil), inner.Reduce(nil)
	for name, pair := range map[string][2][]float64{
		"Centred": {got.Centred, want.Centred}, "NormSq": {got.NormSq, want.NormSq}, "MeanDot": {got.MeanDot, want.MeanDot},
		"MeanNormSq": {{got.MeanNormSq}, {want.MeanNormSq}},
		"layers":     {{got.Layers[0].Trace, got.Layers[0].MeanNormSq}, {want.Layers[0].Trace, want.Layers[0].MeanNormSq}},
	} {
		if err := numtest.CloseToLargest(pair[0], pair[1], 1e-13); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got.Coordinates != nil || got.Diagonal != nil {
		t.Error("a Gram matrix shows no coordinates")
	}
	if err := probe.WriteGradients(filepath.Join(t.TempDir(), "g.safetensors"), &inner.Gradients); err == nil {
		t.Error("written as gradients")
	}
}

// A total, or what the other layers leave of it, is the number of parameters of a Gram matrix that does not say.
func TestParametersOfAGram(t *testing.T) {
	gram := safetensors.F64("one.gram", []int{2, 2}, []float64{2, 1, 1, 2})
	f := opened(t, written(t, map[string]string{"parameters": " 100"}, gram, values32("two", 2, 4)))
	if f.Parameters() != 100 || f.Layers[0].Parameters() != 96 {
		t.Errorf("%d parameters, of which %d", f.Parameters(), f.Layers[0].Parameters())
	}
	f = opened(t, written(t, nil, gram, values32("two", 2, 4)))
	if f.Parameters() != 0 {
		t.Errorf("%d parameters, though nothing says how many", f.Parameters())
	}
	if err := f.SetParameters(4); err == nil || !strings.Contains(err.Error(), "the layers have 4") {
		t.Errorf("%v", err)
	}
	if err := f.SetParameters(5); err != nil || f.Layers[0].Parameters() != 1 {
		t.Errorf("%v", err)
	}
}

// Metadata that contradict the arrays, matrices that are none, and matrices that may be one: one line each.
func TestOpenRefusesContradictions(t *testing.T) {
	two := func(name string) safetensors.Tensor { return safetensors.F32(name, []int{2, 2}, []float32{1, 2, 3, 4}) }
	gram := func(values ...float64) safetensors.Tensor {
		return safetensors.F64("l.gram", []int{2, 2}, values)
	}
	square := safetensors.F64("w", []int{3, 3}, []float64{3, 1, 0, 1, 3, 1, 0, 1, 3})
	ids := safetensors.I64("e.ids", []int{2, 1}, []int64{0, 5})
	for _, c := range []struct {
		key, value, reason string
		tensors            []safetensors.Tensor
	}{
		{"step", "one", `step is "one", want a whole number`, []safetensors.Tensor{two("w")}},
		{"unit_size", "0", "want a whole number of at least 1", []safetensors.Tensor{two("w")}},
		{"unit", "batch", `unit is "batch", want sample or ghost-batch`, []safetensors.Tensor{two("w")}},
		{"parameters", `{"w": 3}`, "layer w: has 3 parameters by the metadata, and 2 by the shape", []safetensors.Tensor{two("w")}},
		{"parameters", "3", "metadata: parameters 3: the layers have 2", []safetensors.Tensor{two("w")}},
		{"parameters", `{"fc": 7}`, "layer fc: has 7 parameters by the metadata, and 6", []safetensors.Tensor{two("fc.a"), two("fc.delta")}},
		{"bias", `{"fd": false}`, `the metadata name a layer "fd", which the file does not hold`, []safetensors.Tensor{two("fc.a"), two("fc.delta")}},
		{"bias", "no", `bias is "no", want true or false by layer`, []safetensors.Tensor{two("w")}},
		{"geometry", `{"c": {"kernel": [3, 3]}}`, "kernel [3 3] with stride [1 1], dilation [1 1] and padding [0 0 0 0] for images of 2 by 2",
			[]safetensors.Tensor{values32("c.a", 2, 2, 2, 1), values32("c.delta", 2, 1, 1, 1)}},
		{"geometry", `{"c": {"kernel": [2, 2], "stride": [0, 1]}}`, "stride [0 1]", []safetensors.Tensor{values32("c.a", 2, 2, 2, 1), values32("c.delta", 2, 1, 1, 1)}},
		{"geometry", `{"c": {"kernel": [2, 2], "dilation": [5000, 1], "padding": [4000, 0, 4000, 0]}}`, "dilation [5000 1]",
			[]safetensors.Tensor{values32("c.a", 2, 2, 2, 1), values32("c.delta", 2, 1, 1, 1)}},
		{"geometry", `{"c": {"kernel": [2, 2]}}`, "c.delta has shape [2 2 1 1], want an output of 1 by 1",
			[]safetensors.Tensor{values32("c.a", 2, 2, 2, 1), values32("c.delta", 2, 2, 1, 1)}},
		{"", "", "l.gram has shape [2 3], want [n, n]", []safetensors.Tensor{values32("l.gram", 2, 3)}},
		{"", "", "layer l: a Gram matrix is symmetric, and this one has 1.5 at [1, 0] but 1 at [0, 1]", []safetensors.Tensor{gram(2, 1, 1.5, 2)}},
		{"", "", "layer l: a Gram matrix has squared norms on its diagonal, and this one has -2 at 1", []safetensors.Tensor{gram(2, 1, 1, -2)}},
		{"", "", "is more than the product of the norms", []safetensors.Tensor{gram(2, 3, 3, 2)}},
		{"", "", "is symmetric like a Gram matrix: is it one, or 3 gradients of 3 parameters? name it w.gram or w.gradient", []safetensors.Tensor{square}},
		{"parameters", `{"e": 5}`, "no multiple of the width 2", []safetensors.Tensor{ids, values32("e.delta", 2, 1, 2)}},
		{"parameters", `{"e": 6}`, "e.ids is 5 at sample 1, and the table has 3 rows", []safetensors.Tensor{ids, values32("e.delta", 2, 1, 2)}},
		{"", "", "e.ids goes up to 9223372036854775806, and a table of so many rows of 2 is not read",
			[]safetensors.Tensor{safetensors.I64("e.ids", []int{2, 1}, []int64{0, math.MaxInt64}), values32("e.delta", 2, 1, 2)}},
		{"", "", "e.ids has shape [2 0], want no axis of length 0", []safetensors.Tensor{safetensors.I64("e.ids", []int{2, 0}, nil), values32("e.delta", 2, 0, 2)}},
		{"parameters", `{"l": -3}`, "layer l: has -3 parameters by the metadata", []safetensors.Tensor{gram(2, 1, 1, 2)}},
		{"", "", "e.delta has shape [2 2], want [2, 1, d]", []safetensors.Tensor{ids, two("e.delta")}},
	} {
		path := written(t, map[string]string{c.key: c.value}, c.tensors...)
		f, err := probe.Open([]string{path}, math.Inf(1))
		if err == nil { // Gram matrices are read, and checked, when they are needed
			f.Reduce(nil)
			err = errors.Join(f.Err(), f.Close())
		}
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, c.reason)
		}
	}
}

// Files of one checkpoint must be of the same units.
func TestFilesThatDisagree(t *testing.T) {
	index := func(values ...int64) safetensors.Tensor { return safetensors.I64("index", []int{len(values)}, values) }
	first := written(t, map[string]string{"step": "3", "population": "50", "unit": "sample"}, values32("w", 3, 2), index(0, 1, 2))
	for reason, path := range map[string]string{
		"has step 4, but " + first + " has 3":                                    written(t, map[string]string{"step": "4"}, values32("v", 3, 2)),
		"has population 60, but":                                                 written(t, map[string]string{"population": "60"}, values32("v", 3, 2)),
		"has gradients of one ghost-batch each, but " + first + " of one sample": written(t, map[string]string{"unit": "ghost-batch"}, values32("v", 3, 2)),
		"index names other samples than in " + first:                             written(t, nil, values32("v", 3, 2), index(0, 1, 5)),
		"layer v: has 4 samples, but " + first + ": layer w has 3":               written(t, nil, values32("v", 4, 2)),
	} {
		_, err := probe.Open([]string{first, path}, math.Inf(1))
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), reason) {
			t.Errorf("%v, want %q", err, reason)
		}
	}
}

// The name of a .npy has the meaning that a name in an archive has.
func TestNamesOfArrays(t *testing.T) {
	dir := t.TempDir()
	save := func(name string) string {
		path := filepath.Join(dir, name)
		if err := npy.Write(path, []int{3, 3}, []float64{3, 1, 0, 1, 3, 1, 0, 1, 3}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if got := layerList(&opened(t, save("w.gram.npy")).Gradients); !slices.Equal(got, []string{"w *probe.Gram 0"}) {
		t.Errorf("%q", got)
	}
	if got := layerList(&opened(t, save("w.gradient.npy")).Gradients); !slices.Equal(got, []string{"w *probe.Streamed 3"}) {
		t.Errorf("%q", got)
	}
	path := save("w.npy")
	want := fmt.Sprint(path, ": is symmetric like a Gram matrix: is it one, or 3 gradients of 3 parameters? name it w.gram.npy or w.gradient.npy")
	if _, err := probe.Open([]string{path}, math.Inf(1)); err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}

// Kernels and dilations may be many times the size of an image, as in DeepLab's pyramids: all but the pixel in the middle is padding.
func TestKernelsBeyondTheImage(t *testing.T) {
	for _, geometry := range []string{
		`{"kernel": [3, 3], "dilation": [36, 18], "padding": [36, 18, 36, 18]}`, `{"kernel": [7, 7], "padding": [3, 3, 3, 3]}`,
	} {
		f := opened(t, written(t, map[string]string{"geometry": `{"c": ` + geometry + `}`}, values32("c.a", 3, 1, 1, 2), values32("c.delta", 3, 1, 1, 1)))
		a, delta := narrow(normals("c.a", 6)), narrow(normals("c.delta", 3))
		p := f.Parameters() - 1
		for i := range 3 {
			want := make([]float64, p+1)
			for c := range 2 {
				want[(2*c+1)*p/4] = float64(delta[i] * a[2*i+c])
			}
			want[p] = float64(delta[i])
			if err := numtest.CloseToLargest(f.Gradients.Unit(i), want, 1e-6); err != nil {
				t.Errorf("%s: unit %d: %v", geometry, i, err)
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	d, err := probe.Describe(written(t, map[string]string{"step": "70"}, values32("w", 2, 1)))
	if err != nil || d.Draws || d.Step == nil || *d.Step != 70 {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err = probe.Describe(written(t, nil, values32("w", 2, 1))); err != nil || d.Step != nil {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err = probe.Describe(written(t, map[string]string{"about": "a network of mine", "step": "5"}, values32("w", 2, 1))); err != nil || *d.Step != 5 {
		t.Errorf("%+v, %v", d, err)
	}
}
