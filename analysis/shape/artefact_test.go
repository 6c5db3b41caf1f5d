package shape

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Gaussian gradients whose parameters differ in scale, log scales with standard deviation 1, have no tails; the reference reads
// 1/(1/2 + 1/log K1) = 1.5 to 1.6 for blocks of about 300.
func TestScaleArtefactOfGaussianGradients(t *testing.T) {
	rng := seed.New(1, "artefact")
	scale := make([]float64, 300)
	for j := range scale {
		scale[j] = math.Exp(rng.NormFloat64())
	}
	u := denseUnits(512, 300, func(j int) float64 { return 1 + scale[j]*rng.NormFloat64() })
	before := slices.Clone(u.Coordinates.Values)
	a := ScaleArtefact(u, 1)
	if a == nil || a.Axis != "units" || a.Draws != 512 || a.Coordinates != 256 || a.Verdict != tail.ConsistentWithGaussian {
		t.Errorf("%+v", a)
	}
	if a.ReferenceAlpha > 1.8 || math.Abs(float64(a.ReferenceAlpha-a.SurrogateReferenceAlpha)) > 0.2 {
		t.Errorf("reference %v, of surrogates %v", a.ReferenceAlpha, a.SurrogateReferenceAlpha)
	}
	if !slices.Equal(u.Coordinates.Values, before) {
		t.Error("the units were modified")
	}
}

// TestMoreUnitsThanThereAre are no remedy: 128 of 100.
func TestMoreUnitsThanThereAre(t *testing.T) {
	u := denseUnits(16, 30, func(int) float64 { return 1 })
	if a := ScaleArtefact(u, 1); a.Reason != "16 are too few; 128 would do" || a.DrawsNeeded != 128 {
		t.Errorf("%+v", a)
	}
	u.Population = 100
	if a := ScaleArtefact(u, 1); a.Reason != "it takes 128 gradients, and there are only 100" || a.DrawsNeeded != 0 {
		t.Errorf("%+v", a)
	}
}

// Products of normals have heavier tails than normals, but all moments.
func TestScaleArtefactOfFactors(t *testing.T) {
	if a := ScaleArtefact(factoredUnits(512), 1); a.Verdict != tail.HeavierNotStable && a.Verdict != tail.HeavierUndecided {
		t.Errorf("%+v", a)
	}
	if a := ScaleArtefact(&probe.Units{N: 10}, 1); a != nil {
		t.Errorf("%+v", a)
	}
}
