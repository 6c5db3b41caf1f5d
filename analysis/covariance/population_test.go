package covariance

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// TestPopulationAgainstUnits: of samples that are all recorded, the norms say what their Gram matrix says.
func TestPopulationAgainstUnits(t *testing.T) {
	const n, p = 250, 7
	rng := seed.New(1, "population norms")
	flat := make([]float64, n*p)
	for i := range flat {
		flat[i] = 0.5 + rng.NormFloat64()*float64(1+i/p%9)
	}
	u := (&probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p, flat)}}).Reduce(nil)
	got := PopulationOf(&probe.SampleNorms{NormSq: u.NormSq, MeanDot: u.MeanDot, MeanNormSq: u.MeanNormSq})
	m := NormMoments(u)
	if err := numtest.AllClose(
		[]float64{float64(got.Trace), float64(got.TraceUnbiased), float64(got.Fourth), float64(got.EffectiveUnits)},
		[]float64{m.Trace, m.Trace * n / (n - 1), m.Fourth, EffectiveUnits(m)}, numtest.Tol{Rel: 1e-12}); err != nil || got.Samples != n {
		t.Errorf("%+v: %v", got, err)
	}
}

// One sample in a hundred, rounded up: the largest three of 201 distances. They hold 3 * 10 of 3 * 10 + 198.
func TestShareOfLargestPercent(t *testing.T) {
	s := &probe.SampleNorms{NormSq: make([]float64, 201), MeanDot: make([]float64, 201)}
	for i := range s.NormSq {
		s.NormSq[i] = 1
	}
	s.NormSq[0], s.NormSq[77], s.NormSq[200] = 10, 10, 10
	if err := numtest.Close(float64(PopulationOf(s).ShareOfLargestPercent), 30.0/228, numtest.Tol{Rel: 1e-15}); err != nil {
		t.Error(err)
	}
	if s.NormSq[1] != 1 || s.NormSq[200] != 10 {
		t.Error("the norms were modified")
	}
}

// Gradients that are all alike have no noise, and nothing to share.
func TestPopulationWithoutNoise(t *testing.T) {
	p := PopulationOf(&probe.SampleNorms{NormSq: []float64{4, 4, 4}, MeanDot: []float64{4, 4, 4}, MeanNormSq: 4})
	if p.Trace != 0 || p.Fourth != 0 || p.EffectiveUnits.Defined() || p.ShareOfLargestPercent.Defined() {
		t.Errorf("%+v", p)
	}
}
