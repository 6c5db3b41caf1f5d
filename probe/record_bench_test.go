package probe_test

import (
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Layers of the size that convolutional networks have: rows of 600,000 parameters, and a convolution [8, 8, 256] to 256 channels.
var same3x3 = probe.SamePadding(8, 8, 256, [2]int{3, 3}, 1)

var benchForms = map[string]probe.LayerForm{
	"rows": {Name: "l", Parameters: 600_000},
	"conv3x3": {
		Name: "l", Parameters: 256 * 9 * 256, In: 256, Out: 256,
		Geometry: &same3x3,
	},
}

func benchRecord(b *testing.B, form probe.LayerForm, path string) *probe.Gradients {
	b.Helper()
	const n = 64
	meta := probe.Meta{Unit: probe.UnitSample, UnitSize: 1, Index: make([]int, n), Loss: make([]float64, n)}
	r, err := probe.CreateRecord(path, meta, n, []probe.LayerForm{form})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Abort()
	rng := seed.New(1, "bench record")
	x := make([]float32, form.UnitBytes()/4)
	for i := range n {
		for j := range x {
			x[j] = rng.Float32() - 0.4
		}
		if form.In == 0 {
			err = r.Row(0, i, x)
		} else {
			inputs := 8 * 8 * form.In
			err = r.Factors(0, i, x[:inputs], x[inputs:])
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	g, err := r.Finish()
	if err != nil {
		b.Fatal(err)
	}
	return g
}

func BenchmarkReduceOfAFile(b *testing.B) {
	for name, form := range benchForms {
		b.Run(name, func(b *testing.B) {
			g := benchRecord(b, form, filepath.Join(b.TempDir(), "g.safetensors"))
			defer g.Close()
			directions := probe.RandomDirections(1, form.Parameters, 2)
			for b.Loop() {
				if g.Reduce(directions); g.Err() != nil {
					b.Fatal(g.Err())
				}
			}
		})
	}
}
