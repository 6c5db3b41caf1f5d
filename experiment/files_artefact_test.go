package experiment_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Gaussian gradients in a file, log scales of the parameters with standard deviation 1, have no tails; the reference, which mixes the
// scales, reads 1/(1/2 + 1/log K1) = 1.5 to 1.6 for blocks of about 300. The seed is fixed.
func TestScaleArtefactOfAFile(t *testing.T) {
	const n, p = 512, 300
	rng := seed.New(1, "artefact of a file")
	scale, g := make([]float64, p), make([]float64, n*p)
	for j := range scale {
		scale[j] = math.Exp(rng.NormFloat64())
	}
	for i := range g {
		g[i] = scale[i%p] * rng.NormFloat64()
	}
	path := filepath.Join(t.TempDir(), "g.npy")
	if err := npy.Write(path, []int{n, p}, g); err != nil {
		t.Fatal(err)
	}
	a := analyseFiles(t, path).Checkpoints[0].ScaleArtefact
	if a == nil || a.Draws != n || a.Coordinates != 256 || a.Verdict != tail.ConsistentWithGaussian || !(a.ReferenceAlpha < 1.8) {
		t.Errorf("%+v", a)
	}
}
