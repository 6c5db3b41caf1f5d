package covariance

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// isotropic are n standard normal gradients of p parameters about a mean of the given length in one of them.
func isotropic(n, p int, mean float64) *probe.Units {
	rng := seed.New(3, "isotropic")
	flat := make([]float64, n*p)
	for i := range flat {
		flat[i] = rng.NormFloat64()
		if i%p == 0 {
			flat[i] += mean
		}
	}
	return (&probe.Gradients{Meta: probe.Meta{Population: 100_000}, Layers: []probe.Layer{probe.NewDense("all", n, p, flat)}}).Reduce(nil)
}

// TestSizeOf: all samples where their norms are known, else the recorded units with their intervals; without either there is none.
func TestSizeOf(t *testing.T) {
	u := isotropic(100, 20, 3)
	c := Analyse(u, 1)
	s := SizeOf(u, &c, nil)
	if s.From != FromRecordedUnits || s.Samples != 100 || s.Trace != c.TraceUnbiased || s.TraceCI != c.Interval(KeyTraceUnbiased) || s.NoiseScale != c.NoiseScale ||
		s.Undefined != "" || s.Exact() {
		t.Errorf("%+v", s)
	}
	p := PopulationOf(&probe.SampleNorms{NormSq: []float64{4, 6, 5}, MeanDot: []float64{2, 2, 2}, MeanNormSq: 2})
	for _, s := range []*Size{SizeOf(u, &c, &p), SizeOf(nil, nil, &p)} {
		// the distances are 2, 4 and 3
		if s.From != FromAllSamples || s.Samples != 3 || s.Trace != 3 || s.GradientNormSq != 2 || s.NoiseScale != 1.5 || s.TraceCI.Defined() || !s.Exact() {
			t.Errorf("%+v", s)
		}
	}
	if s := SizeOf(nil, nil, nil); s != nil {
		t.Errorf("%+v", s)
	}
	still := PopulationOf(&probe.SampleNorms{NormSq: []float64{1, 1}, MeanDot: []float64{0, 0}})
	if s := SizeOf(nil, nil, &still); s.NoiseScale.Defined() || s.Undefined != "the mean gradient is 0" {
		t.Errorf("%+v", s)
	}
}

// TestUndefinedNoiseScale says what it takes. The mean of 50 gradients of 20 parameters without a mean has an expected squared length of 0.4 with a
// standard error of sqrt(2/20) of that; the estimate is 0.4 less, and twice the error is 0.25.
func TestUndefinedNoiseScale(t *testing.T) {
	u := isotropic(50, 20, 0)
	c := Analyse(u, 1)
	c.NoiseScale, c.GradientNormSqUnbiased = estimate.Undefined(), -0.1
	c.CI[KeyGradientNormSq] = estimate.Interval{Lo: -0.3, Hi: 0.1}
	c.TraceUnbiased, c.EffectiveRankParticipationUnbiased = 20, 20
	// 2 * 20 * sqrt(2/20) / 0.1 = 126.5
	want := "the mean gradient is not told apart from 0 (unbiased estimate of |grad L|^2: -0.1); that takes more than 130 units"
	if s := SizeOf(u, &c, nil); s.Undefined != want {
		t.Errorf("%q", s.Undefined)
	}
	u.Population = 120
	if s := SizeOf(u, &c, nil); !strings.HasSuffix(s.Undefined, "; all 120 units would do") {
		t.Errorf("%q", s.Undefined)
	}
	c.Withhold(estimate.Reason{Why: "few units"})
	if s := SizeOf(u, &c, nil); !strings.HasSuffix(s.Undefined, ": -0.1)") || s.Withheld != "few units" {
		t.Errorf("%+v", s)
	}
}

// TestUnitsThatWouldDo: 12 units count as 10 of equal length here; of units that count as so many, 30 times as many over that; no more than the whole population.
func TestUnitsThatWouldDo(t *testing.T) {
	if why := Withheld(isotropic(12, 5, 0)); why.String() != "12 units are too few; it takes 36 or more" || why.Needs.Units != 36 {
		t.Errorf("%q", why)
	}
	p := &Population{Samples: 10_000, Trace: 1, EffectiveUnits: 500}
	// 512 * 500/10,000 = 25.6; 512 * 30/25.6 = 600
	if why := p.TooFew(512); why.String() != "few samples carry the noise (512 recorded ones count as 25.6 of equal length, and 30 are needed); about 600 would do" || why.Needs.Units != 600 {
		t.Errorf("%q", why)
	}
	if p.TooFew(601).Why != "" || p.TooFew(10_000).Why != "" {
		t.Error("enough are too few")
	}
	p.EffectiveUnits = 20
	if why := p.TooFew(512); !strings.HasSuffix(why.String(), "; all 10000 would do") || why.Needs.Units != 10_000 {
		t.Errorf("%q", why)
	}
	// 30 * 1050/30.2 = 1043, which two digits would make 1100.
	if why := (&Population{Samples: 1050, EffectiveUnits: 30.2}).TooFew(512); !strings.HasSuffix(why.String(), "; all 1050 would do") || why.Needs.Units != 1050 {
		t.Errorf("%q", why)
	}
	if why := (&Population{Samples: 100, EffectiveUnits: estimate.Number(math.NaN())}).TooFew(50); why.String() != "all gradients are alike" {
		t.Errorf("%q", why)
	}
	u := isotropic(512, 5, 0)
	if WithheldOf(u, nil).Why != "" || WithheldOf(u, p).Why == "" {
		t.Error("the population does not decide")
	}
}

// TestUnseen: the rule of three, and without replacement the probability that none of K of N is among n, by its product, is near 5%.
func TestUnseen(t *testing.T) {
	for _, n := range []int{64, 256, 10_000} {
		if got := float64(n) * Unseen(n, 0); got < 2.9 || got > 3 {
			t.Errorf("n = %d: %g / n", n, got)
		}
	}
	for _, c := range []struct{ n, population int }{{64, 2000}, {512, 60_000}, {300, 600}} {
		k, miss := int(math.Round(Unseen(c.n, c.population)*float64(c.population))), 1.0
		for i := range k {
			miss *= float64(c.population-c.n-i) / float64(c.population-i)
		}
		if miss < 0.03 || miss > 0.07 {
			t.Errorf("%+v: %d of them are missed with %g", c, k, miss)
		}
	}
	if Unseen(600, 600) != 0 || Unseen(1, 2) > 1 {
		t.Error("ends")
	}
}
