package tail

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// Burr with P(X > x) = (1 + x^2)^-1 has tail index 2 and rho = -1. The factor 3 around the best k of many samples is far beyond
// the spread of choices.
func TestDoubleBootstrapOnBurr(t *testing.T) {
	const n = 5000
	r := rng("burr", 0)
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sqrt(1/(1-r.Float64()) - 1)
	}
	c := DoubleBootstrapK(x, Right, r)
	// gamma_k has bias gamma k/(2n) for this law (second order) and standard error gamma/sqrt k: the best k is (2 n^2)^(1/3) = 368.
	if c.K < 368/3 || c.K > 368*3 || c.KRoot < c.K || !c.Band.Contains(float64(Hill(x, Right, c.K).TailIndex)) {
		t.Errorf("%+v", c)
	}
	if e := Hill(x, Right, c.K); math.Abs(float64(e.Gamma)-0.5) > 0.1 {
		t.Errorf("%+v", e)
	}
	if c := DoubleBootstrapK(x[:99], Right, r); c.K != 0 || !strings.Contains(c.Warning, "100") {
		t.Errorf("%+v", c)
	}
	if c := DoubleBootstrapK(slices.Repeat([]float64{0, 0, 0, 1}, 100), Right, r); c.K != 0 || c.Warning == "" {
		t.Errorf("%+v", c)
	}
}

// The largest of Gaussian samples drawn from their ranks have the mean of those of whole samples: 5 standard errors of 2000.
func TestGaussianLargest(t *testing.T) {
	const n, m, reps = 200, 10, 2000
	for _, side := range []Side{Absolute, Left, Right} {
		var fast, slow [m][]float64
		r := rng("extremes", int(side))
		for range reps {
			x := make([]float64, n)
			for i := range x {
				x[i] = 0.3 + 2*r.NormFloat64()
			}
			f, s := gaussianLargest(0.3, 2, n, m, side, r), largest(x, side, m)
			for i := range m {
				fast[i], slow[i] = append(fast[i], f[i]), append(slow[i], s[i])
			}
		}
		for i := range m {
			difference := mean(fast[i]) - mean(slow[i])
			spread := slices.Max(slow[i]) - slices.Min(slow[i])
			if math.Abs(difference) > 5*spread/4*math.Sqrt(2./reps) {
				t.Errorf("%v: value %d differs by %g", side, i, difference)
			}
		}
	}
}

func TestAnalyse(t *testing.T) {
	x := student2(rng("analyse", 0), 500)
	before := slices.Clone(x)
	r := Analyse(x, Settings{Seed: 3, CurvePoints: 10})
	again := Analyse(x, Settings{Seed: 3, CurvePoints: 10})
	a, _ := json.Marshal(r)
	b, _ := json.Marshal(again)
	if string(a) != string(b) || !slices.Equal(x, before) {
		t.Error("the same seed gives another result, or the sample was modified")
	}
	var names []string
	for i, e := range r.Estimates {
		names = append(names, e.Method)
		if m := methods[i].apply(x, Absolute, e.K); m != e {
			t.Errorf("%+v, want %+v", e, m)
		}
		if g := methods[i].gamma(e.K)(sorted(x)[:methods[i].reach(e.K)]); g != float64(e.Gamma) {
			t.Errorf("%s: gamma %g, want %g", e.Method, g, float64(e.Gamma))
		}
		if !strings.Contains("heavier consistent", r.Surrogate[i].Verdict) || r.Surrogate[i].K != e.K || len(r.Curves[i].Points) != 10 {
			t.Errorf("%+v, %d points", r.Surrogate[i], len(r.Curves[i].Points))
		}
	}
	if got := strings.Join(names, " "); got != "hill moment pickands kernel gpd power-law" {
		t.Error(got)
	}
	if len(r.Stable) != 4 || !r.PowerLaw.PValue.Defined() || r.PowerLaw.Replicates != Replicates {
		t.Errorf("%d stable rows, %+v", len(r.Stable), r.PowerLaw)
	}
	for _, e := range Analyse(x, Settings{K: 25, Replicates: -1}).Estimates {
		if e.K != 25 || !e.Gamma.Defined() {
			t.Errorf("%+v", e)
		}
	}
}

func TestAnalyseOfDegenerateSamples(t *testing.T) {
	t.Parallel()
	for name, x := range map[string][]float64{
		"empty": nil, "one": {1}, "two": {1, 2}, "zeros": make([]float64, 200), "NaN": {1, 2, nan}, "negative": {-1, -2, -3, -4, -5, -6},
	} {
		for _, k := range []int{0, 1, 3, math.MaxInt} {
			r := Analyse(x, Settings{Side: Right, K: k})
			if _, err := json.Marshal(r); err != nil || len(r.Estimates) != 6 || len(r.Surrogate) != 6 || len(r.Warnings) == 0 {
				t.Errorf("%s, k = %d: %v, %+v", name, k, err, r)
			}
		}
	}
}

// Of Gaussian samples 5% are not consistent by a method. With 200 samples the standard error is 1.5 points.
func TestVerdictsOnGaussianSamples(t *testing.T) {
	t.Parallel()
	numtest.NeedFull(t, "verdicts on 200 Gaussian samples")
	inconsistent := map[string]int{}
	for rep := range 200 {
		for _, v := range Analyse(normal(rng("verdict", rep), 300), Settings{K: 20, Seed: uint64(rep), Replicates: -1}).Surrogate {
			if v.Verdict != "consistent" {
				inconsistent[v.Method]++
			}
		}
	}
	for _, m := range methods {
		if c := inconsistent[m.name]; c < 1 || c > 24 {
			t.Errorf("%s: %d of 200 Gaussian samples are inconsistent", m.name, c)
		}
	}
}

func BenchmarkAnalyse(b *testing.B) {
	x := student2(rng("bench", 0), 1_000_000)
	for b.Loop() {
		Analyse(x, Settings{})
	}
}

func BenchmarkMethods(b *testing.B) {
	x := student2(rng("bench", 0), 1_000_000)
	for _, m := range methods {
		b.Run(m.name, func(b *testing.B) {
			for b.Loop() {
				m.apply(x, Absolute, DefaultK(len(x)))
			}
		})
	}
	b.Run("fit", func(b *testing.B) {
		for b.Loop() {
			FitPowerLaw(x, Absolute)
		}
	})
}
