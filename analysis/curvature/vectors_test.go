package curvature

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

const vectors = "../../testdata/vectors/"

// slowNetwork is 784-32-16-10 in float64, one sample at a time.
type slowNetwork struct{ weights, biases [][]float64 }

func readNetwork(t *testing.T, path string) (n slowNetwork) {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"dense1", "dense2", "output"} {
		w, err := f.Float64s(name + ".weight")
		if err != nil {
			t.Fatal(err)
		}
		b, err := f.Float64s(name + ".bias")
		if err != nil {
			t.Fatal(err)
		}
		n.weights, n.biases = append(n.weights, w), append(n.biases, b)
	}
	return n
}

// forward returns the inputs of all layers, and the probabilities.
func (n slowNetwork) forward(x []float64) (inputs [][]float64, p []float64) {
	for l, b := range n.biases {
		inputs = append(inputs, x)
		y := make([]float64, len(b))
		for o := range y {
			y[o] = b[o] + dot(n.weights[l][o*len(x):(o+1)*len(x)], x)
			if l < len(n.biases)-1 {
				y[o] = max(0, y[o])
			}
		}
		x = y
	}
	sum := 0.0
	for _, z := range x {
		sum += math.Exp(z)
	}
	for _, z := range x {
		p = append(p, math.Exp(z)/sum)
	}
	return inputs, p
}

// gradient is that of the loss with this label, weights then biases, layer after layer.
func (n slowNetwork) gradient(inputs [][]float64, p []float64, label int, scale float64) (g []float64) {
	delta := make([]float64, len(p))
	for c, v := range p {
		delta[c] = scale * v
	}
	delta[label] -= scale
	for l := len(inputs) - 1; l >= 0; l-- {
		var own []float64
		below := make([]float64, len(inputs[l]))
		for o, d := range delta {
			for j, a := range inputs[l] {
				own = append(own, d*a)
				if a > 0 {
					below[j] += d * n.weights[l][o*len(below)+j]
				}
			}
		}
		g = append(append(own, delta...), g...)
		delta = below
	}
	return g
}

// TestVectors: rel 1e-8 for a float64 implementation (testdata/vectors/README.md).
func TestVectors(t *testing.T) {
	text, err := os.ReadFile(vectors + "science/expected/mlp_784-32-16-10.t20.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Params, X, Y string
		Curvature    map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	network := readNetwork(t, vectors+want.Params)
	x, err := npy.Read[float64](vectors + want.X)
	if err != nil {
		t.Fatal(err)
	}
	y, err := npy.Read[int64](vectors + want.Y)
	if err != nil {
		t.Fatal(err)
	}
	r := population{p: 25818}
	for i, label := range y.Data {
		inputs, p := network.forward(x.Data[i*784 : (i+1)*784])
		var columns [][]float64
		for c := range p {
			columns = append(columns, network.gradient(inputs, p, c, math.Sqrt(p[c])))
		}
		r.columns, r.g = append(r.columns, columns), append(r.g, network.gradient(inputs, p, int(label), 1))
	}
	c, u := r.reduced(everyone(len(r.g)))
	got := Of(c, u, Settings{Alpha: math.NaN()})
	compared := map[string]float64{
		"trace": float64(got.Trace), "frobenius": float64(got.Frobenius), "noise_trace": float64(got.NoiseTrace), "noise_trace_unbiased": float64(got.NoiseTraceUnbiased),
		"alignment": float64(got.Alignment), "anisotropy": float64(got.Anisotropy), "gradient_curvature": float64(got.GradientCurvature), "trace_biased": u.Trace(),
	}
	for key, raw := range want.Curvature {
		var w []float64
		have := []float64{compared[key]}
		if key == "eigenvalues" {
			err, have = json.Unmarshal(raw, &w), nil
			for _, v := range got.Eigenvalues {
				have = append(have, float64(v))
			}
		} else {
			w = []float64{0}
			err = json.Unmarshal(raw, &w[0])
		}
		if err == nil {
			err = numtest.AllClose(have, w, numtest.Tol{Rel: 1e-8})
		}
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}
