package probe

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

const reference = "../testdata/vectors/grad/expected/mlp_784-32-16-10."

// TestFactorsFromPyTorch: what hooks in PyTorch recorded gives the Gram matrix and the losses that autograd gave in float64, one
// sample at a time. Rounding to float32 is 6e-8; the bar for float32 is 1e-4 of the largest entry (testdata/vectors/README.md).
func TestFactorsFromPyTorch(t *testing.T) {
	f, err := Open([]string{"../testdata/pytorch/mlp_784-32-16-10.factors.safetensors"}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := npy.Read[float64](reference + "gram.npy")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(reference + "json")
	if err != nil {
		t.Fatal(err)
	}
	var expected struct {
		Loss []float64
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	if err := numtest.CloseToLargest(f.Reduce(nil).Gram(), want.Data, 1e-6); err != nil {
		t.Error("Gram matrix:", err)
	}
	if err := numtest.CloseToLargest(f.Loss, expected.Loss, 1e-6); err != nil {
		t.Error("losses:", err)
	}
	for i, index := range f.Index {
		if i != index {
			t.Errorf("index %d is %d", i, index)
		}
	}
}

// TestGramUndoesCentring, with a layer that subtracts its mean and one that subtracts the product of its factors' means, against g_i . g_j of
// formed gradients.
func TestGramUndoesCentring(t *testing.T) {
	const n = 8
	factor := func(columns int, scale float32) []float32 {
		x := make([]float32, n*columns)
		for i := range x {
			x[i] = scale + float32((i*i*31+7*i)%17)/8
		}
		return x
	}
	dense := make([]float64, n*5)
	for i := range dense {
		dense[i] = 3 + float64((i*i*13+5*i)%11)/4
	}
	g := &Gradients{Layers: []Layer{NewFactored("a", n, 3, 2, factor(3, 1), factor(2, -2)), NewDense("b", n, 5, dense)}}
	var want []float64
	for i := range n {
		for j := range n {
			sum := 0.0
			gj := g.Unit(j)
			for k, v := range g.Unit(i) {
				sum += v * gj[k]
			}
			want = append(want, sum)
		}
	}
	// The factors are multiples of 1/8, and less their means over 8 units multiples of 1/64, below 4: their products are exact in float32.
	if err := numtest.CloseToLargest(g.Reduce(nil).Gram(), want, 1e-12); err != nil {
		t.Error(err)
	}
}
