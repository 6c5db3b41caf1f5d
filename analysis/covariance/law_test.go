package covariance

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

var tight = numtest.Tol{Rel: 1e-9}

func example(n, p int) rows {
	return powerLaw(p, 1, 0.5).gaussian(seed.New(6, "laws", uint64(n), uint64(p)), n)
}

// sameExcept compares keys and intervals; factor says by how much those of g were scaled for a key, 0 for "need not agree".
func sameExcept(t *testing.T, got, want Covariance, factor func(key string) float64) {
	t.Helper()
	a, b := byKey(got), byKey(want)
	for key := range a {
		if f := factor(key); f != 0 {
			if err := numtest.Close(a[key], f*b[key], tight); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
	if len(got.CI) != len(want.CI) {
		t.Errorf("%d intervals, want %d", len(got.CI), len(want.CI))
	}
	for key := range got.CI {
		if f := factor(key); f != 0 {
			x, y := got.CI[key], want.CI[key]
			if err := numtest.AllClose([]float64{x.Lo, x.Hi}, []float64{f * y.Lo, f * y.Hi}, tight); err != nil {
				t.Errorf("interval of %s: %v", key, err)
			}
		}
	}
}

func same(string) float64 { return 1 }

func TestLaws(t *testing.T) {
	g := example(15, 8)
	want := Analyse(g.units(), 0)
	t.Run("scale", func(t *testing.T) {
		scaled := g.mapped(func(x []float64) []float64 {
			for k := range x {
				x[k] *= -3
			}
			return x
		})
		sameExcept(t, Analyse(scaled.units(), 0), want, func(key string) float64 {
			if strings.HasPrefix(key, "trace") || strings.HasPrefix(key, "gradient_norm") {
				return 9
			}
			return 1
		})
	})
	t.Run("permutation", func(t *testing.T) {
		p := slices.Clone(g)
		slices.Reverse(p)
		sameExcept(t, Analyse(p.units(), 0), want, same)
	})
	t.Run("rotation", func(t *testing.T) {
		sameExcept(t, Analyse(g.mapped(rotate).units(), 0), want, same)
	})
	t.Run("shift", func(t *testing.T) {
		shifted := g.mapped(func(x []float64) []float64 {
			for k := range x {
				x[k] += float64(k) - 20
			}
			return x
		})
		sameExcept(t, Analyse(shifted.units(), 0), want, func(key string) float64 {
			if strings.HasPrefix(key, "gradient") || strings.HasPrefix(key, "noise_scale") {
				return 0
			}
			return 1
		})
	})
}

// rotate reflects x in two planes: an orthogonal map that mixes all coordinates.
func rotate(x []float64) []float64 {
	for _, normal := range []func(k int) float64{
		func(int) float64 { return 1 },
		func(k int) float64 { return float64(k) - 1.5 },
	} {
		dot, norm := 0.0, 0.0
		for k, v := range x {
			dot += v * normal(k)
			norm += normal(k) * normal(k)
		}
		for k := range x {
			x[k] -= 2 * dot / norm * normal(k)
		}
	}
	return x
}

// TestWholePopulation: nothing is left to chance when every unit of the population was recorded.
func TestWholePopulation(t *testing.T) {
	u := example(12, 6).units()
	u.Population = u.N
	c := Analyse(u, 0)
	if c.GradientNormSqUnbiased != c.GradientNormSq {
		t.Errorf("|gbar|^2 = %g was corrected to %g", c.GradientNormSq, c.GradientNormSqUnbiased)
	}
	if len(c.CI) != 5 {
		t.Errorf("%d intervals", len(c.CI))
	}
	for key, v := range c.CI {
		if err := numtest.Close(v.Lo, v.Hi, tight); err != nil {
			t.Errorf("interval of %s has a width: %v", key, err)
		}
		if err := numtest.Close(v.Lo, byKey(c)[key], tight); key != "trace" && err != nil {
			t.Errorf("interval of %s: %v", key, err)
		}
	}
}

// TestGhostBatches: the noise scale is counted in samples.
func TestGhostBatches(t *testing.T) {
	u := example(12, 6).units()
	want := Analyse(u, 0)
	u.UnitSize = 100
	got := Analyse(u, 0)
	sameExcept(t, got, want, func(key string) float64 {
		if strings.HasPrefix(key, "noise_scale") {
			return 100
		}
		return 1
	})
	if err := numtest.Close(float64(got.Layers[0].NoiseScale), 100*float64(want.Layers[0].NoiseScale), tight); err != nil {
		t.Errorf("layer: %v", err)
	}
}

func TestEigenvaluesKept(t *testing.T) {
	for _, c := range []struct{ n, p, asked, want int }{
		{30, 40, 20, 20}, {30, 40, 0, 29}, {30, 5, 20, 5}, {6, 40, 20, 5}, {2, 1, 20, 1},
	} {
		if got := len(Analyse(example(c.n, c.p).units(), c.asked).Eigenvalues); got != c.want {
			t.Errorf("n=%d P=%d, asked for %d: %d eigenvalues, want %d", c.n, c.p, c.asked, got, c.want)
		}
	}
}

// TestDegenerate: what is undefined is NaN, and nothing panics.
func TestDegenerate(t *testing.T) {
	third := 1.0 / 3
	for _, c := range []struct {
		name    string
		g       rows
		defined []string // beside what is always defined
	}{
		{"identical", rows{{third, 0.1}, {third, 0.1}, {third, 0.1}, {third, 0.1}, {third, 0.1}, {third, 0.1}, {third, 0.1}},
			[]string{"noise_scale", "noise_scale_plugin", "gradient_diversity", "gradient_diversity_scaled"}},
		{"all zero", rows{{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}, nil},
		{"zero mean", rows{{0.1, 0.2}, {0.3, -0.7}, {-0.4, 0.5}, {0.1, 0.2}, {0.3, -0.7}, {-0.4, 0.5}},
			[]string{"effective_rank_entropy", "effective_rank_participation", "effective_rank_participation_unbiased"}},
		{"two units", rows{{1, 2, 3}, {3, 2, 2}},
			[]string{"effective_rank_entropy", "effective_rank_participation", "noise_scale", "noise_scale_plugin",
				"gradient_diversity", "gradient_diversity_scaled"}},
		{"one parameter", rows{{1}, {2}, {3}, {5}, {4}, {1.5}},
			[]string{"effective_rank_entropy", "effective_rank_participation", "effective_rank_participation_unbiased",
				"noise_scale", "noise_scale_plugin", "gradient_diversity", "gradient_diversity_scaled"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cov := Analyse(c.g.units(), 0)
			for key, v := range byKey(cov) {
				always := strings.HasPrefix(key, "trace") || strings.HasPrefix(key, "gradient_norm")
				if want := always || slices.Contains(c.defined, key); estimate.Number(v).Defined() != want {
					t.Errorf("%s = %g, want it defined: %t", key, v, want)
				}
			}
			for key, v := range cov.CI {
				if !v.Defined() || v.Lo > v.Hi {
					t.Errorf("interval of %s: %v", key, v)
				}
			}
		})
	}
}

func TestZeroGradientHasAnUnboundedNoiseScale(t *testing.T) {
	// The effective number is 48 (0.05 + 0.58 + 0.41)^2 / 3 / (0.05^2 + 0.58^2 + 0.41^2) = 34, enough for intervals.
	g := slices.Repeat(rows{{0.1, 0.2}, {0.3, -0.7}, {-0.4, 0.5}}, 16)
	c := Analyse(g.units(), 0)
	if v := c.CI["noise_scale"]; !math.IsInf(v.Hi, 1) || v.Lo < 0 {
		t.Errorf("interval %v", v)
	}
	if c.GradientNormSqUnbiased >= 0 {
		t.Errorf("|grad L|^2 was clamped to %g", c.GradientNormSqUnbiased)
	}
}

func TestFewUnitsPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("one unit has a covariance")
		}
	}()
	Analyse(rows{{1, 2}}.units(), 0)
}

func TestInputsAreUnchanged(t *testing.T) {
	g := example(9, 5)
	u, want := g.units(), g.units()
	Analyse(u, 3)
	TraceError(u)
	Spectrum(u)
	if !reflect.DeepEqual(u, want) {
		t.Error("the units were modified")
	}
}

// TestLayers: each layer is what it would be alone.
func TestLayers(t *testing.T) {
	g := example(10, 7)
	cut := func(from, to int) rows {
		return g.mapped(func(x []float64) []float64 { return x[from:to] })
	}
	layer := func(name string, g rows) probe.Layer {
		return probe.NewDense(name, len(g), len(g[0]), slices.Concat(g...))
	}
	c := analyse(layer("first", cut(0, 3)), layer("second", cut(3, 7)))
	for i, g := range []rows{cut(0, 3), cut(3, 7)} {
		alone, l := Analyse(g.units(), 0), c.Layers[i]
		got := []float64{float64(l.Parameters), float64(l.Trace), float64(l.GradientNormSq), float64(l.NoiseScale)}
		want := []float64{float64(len(g[0])), float64(alone.Trace), float64(alone.GradientNormSq), float64(alone.NoiseScale)}
		if err := numtest.AllClose(got, want, tight); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
	sameExcept(t, c, Analyse(g.units(), 0), same)
}

// TestLayerOfNoGradient: of all units that there are, a layer whose mean is 0 but for rounding has no noise scale.
func TestLayerOfNoGradient(t *testing.T) {
	u := &probe.Units{Meta: probe.Meta{Population: 4}, N: 4, Parameters: 2, Centred: make([]float64, 16), MeanDot: make([]float64, 4),
		Layers: []probe.LayerMoments{{Name: "a", Parameters: 2, Trace: 1, MeanNormSq: 1e-34}}}
	for i := range 4 {
		u.Centred[5*i] = 1
	}
	if l := Analyse(u, 0).Layers[0]; l.NoiseScale.Defined() {
		t.Errorf("a noise scale of %g", l.NoiseScale)
	}
}
