package shape

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"gonum.org/v1/gonum/stat"
)

// TestNormLaw: the squared norms have the mean |gbar|^2 + tr Sigma and the variance 2 tr Sigma^2 + 4 gbar' Sigma gbar, within 4 standard errors of
// 20,000 draws, for more and for fewer directions than are drawn one by one.
func TestNormLaw(t *testing.T) {
	for _, p := range []int{5, 300} {
		rng := seed.New(1, "norm law", uint64(p))
		const n = 90
		u := denseUnits(n, p, func(k int) float64 { return 0.5 + rng.NormFloat64()/math.Sqrt(float64(k+1)) })
		law, ok := newNormLaw(u)
		if !ok {
			t.Fatal("no law")
		}
		norms := make([]float64, 20000)
		law.draw(rng, norms)
		for i := range norms {
			norms[i] *= norms[i]
		}
		square, linear := 0.0, 0.0
		for _, v := range u.Centred {
			square += v * v / (n * n)
		}
		for i := range n {
			d := u.MeanDot[i] - u.MeanNormSq
			linear += d * d / n
		}
		mean, variance := stat.MeanVariance(norms, nil)
		wantMean, wantVariance := u.MeanNormSq+u.Trace(), 2*square+4*linear
		if math.Abs(mean-wantMean) > 4*math.Sqrt(wantVariance/20000) || math.Abs(variance/wantVariance-1) > 4*math.Sqrt(6/20000.0) {
			t.Errorf("%d parameters: mean %g, variance %g, want %g, %g", p, mean, variance, wantMean, wantVariance)
		}
	}
}

// TestReferencesDoNotDependOnWorkers, and two seeds give two.
func TestReferencesDoNotDependOnWorkers(t *testing.T) {
	defer parallel.SetWorkers(0)
	u := factoredUnits(40)
	draw := func(workers int, root uint64) reference {
		parallel.SetWorkers(workers)
		return gaussianNorms(u, Settings{Seed: root, Resamples: FewestResamples})
	}
	one, two, other := draw(1, 1), draw(2, 1), draw(2, 2)
	for r := range one.g2 {
		if one.g2[r] != two.g2[r] || one.gammas[1][r] != two.gammas[1][r] {
			t.Fatal("two workers give other references")
		}
	}
	if one.g2[0] == other.g2[0] {
		t.Error("two seeds share their references")
	}
}

// TestNormTests by hand: with 4 references of gamma, one of them equal, a gamma that 1 reference exceeds has 2 + 1 at or above it.
func TestNormTests(t *testing.T) {
	norms := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 30}
	gamma := float64(methods[0](norms, 0, 4).Gamma)
	ref := reference{gammas: [][]float64{{gamma, gamma - 1, gamma - 2, gamma + 1}, {math.NaN(), 0, 0, 0}}}
	tests := ref.tests(norms)
	if len(tests) != 1 || tests[0].By != "hill" || tests[0].deviation != Heavier || math.Abs(float64(tests[0].PValue)-1) > 1e-12 {
		t.Errorf("%+v", tests) // 2 min(3, 4)/5 is above 1
	}
	ref.gammas[0] = []float64{gamma - 1, gamma - 2, gamma - 3, gamma - 4}
	if got := ref.tests(norms)[0].PValue; math.Abs(float64(got)-0.4) > 1e-12 {
		t.Errorf("p = %g, want 2/5", got)
	}
	if (reference{}).tests(norms) != nil {
		t.Error("a test against nothing")
	}
}
