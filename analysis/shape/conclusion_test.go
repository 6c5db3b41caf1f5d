package shape

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

func judged(of, by string, v Verdict) Test { return Test{Of: of, By: by, Verdict: v, PValue: 0.5} }

// TestConclusion: one verdict from everything that was tested.
func TestConclusion(t *testing.T) {
	for name, c := range map[string]struct {
		tests      []Test
		population Verdict
		withheld   string
		want       Verdict
		in         []string
	}{
		"nothing differs":       {tests: []Test{judged(AllDirections, ByGamma, NotToldApart)}, want: NotToldApart, in: []string{}},
		"gamma":                 {tests: []Test{judged(AllDirections, ByGamma, Lighter)}, want: NotGaussian, in: []string{InGamma}},
		"a direction":           {tests: []Test{judged(AllDirections, ByGamma, NotToldApart), judged("noise top1", ByDAgostino, Skewed)}, want: NotGaussian, in: []string{InDirections}},
		"norms":                 {tests: []Test{judged(GradientNorm, tail.NameHill, Heavier), judged(GradientNorm, tail.NameMoment, NotToldApart)}, want: NotGaussian, in: []string{InNorms}},
		"withheld":              {withheld: "12 units are too few", want: NotTested, in: []string{}},
		"withheld, all norms":   {withheld: "12 units are too few", population: Heavier, want: NotGaussian, in: []string{InGamma}},
		"all norms say nothing": {withheld: "12 units are too few", population: NotToldApart, want: NotToldApart, in: []string{}},
		"units say more":        {tests: []Test{judged(AllDirections, ByGamma, Heavier)}, population: NotToldApart, want: NotGaussian, in: []string{InGamma}},
	} {
		s := &Shape{Tests: c.tests, Withheld: c.withheld, Gamma: 1, CI: Intervals{Gamma: estimate.Around(1, 0.5), NormExcessUnit: estimate.None()},
			Directions: []Direction{{Of: "noise top1"}}}
		if c.population != NotTested {
			s.Population = &PopulationShape{Gamma: 2, GammaCI: estimate.Around(2, 0.1), Verdict: c.population}
		}
		s.Verdict = s.test(ByGamma).Verdict
		s.conclude()
		got := s.Conclusion
		if got.Verdict != c.want || !slices.Equal(got.In, c.in) || got.Reason != c.withheld {
			t.Errorf("%s: %+v", name, got)
		}
		if all := s.Population != nil; all != (got.From == FromAllSamples) || all != (got.Gamma == 2) || all != (got.Recorded == "below") {
			t.Errorf("%s: gamma %g from %s, the recorded units' %q", name, got.Gamma, got.From, got.Recorded)
		}
	}
}

// TestNormsThatContradict have no verdict, and say so.
func TestNormsThatContradict(t *testing.T) {
	s := &Shape{Tests: []Test{judged(GradientNorm, tail.NameHill, Lighter), judged(GradientNorm, tail.NameMoment, Heavier)}}
	if n := s.concludeNorms(); n.Verdict != NotTested || len(n.By) != 2 || n.Untested != "heavier by moment, lighter by hill" {
		t.Errorf("%+v", n)
	}
}

// TestFamilyCounts the tests of all checkpoints.
func TestFamilyCounts(t *testing.T) {
	all := []*Shape{{Tests: []Test{{By: ByGamma, LogP: -30, deviation: Heavier}, {By: ByDAgostino, LogP: -0.1}}}, nil, {Withheld: "few"},
		{Tests: []Test{{By: ByGamma, LogP: estimate.Undefined()}}}}
	Judge(all)
	want := Family{Checkpoints: 3, Untested: 2, Tests: 2, Discoveries: 1, FDR: FalseDiscoveryRate}
	for _, s := range []*Shape{all[0], all[2], all[3]} {
		if *s.Family != want {
			t.Errorf("%+v", s.Family)
		}
	}
	if all[0].Conclusion.Verdict != NotGaussian || all[2].Conclusion.Verdict != NotTested || all[2].Conclusion.Reason != "few" {
		t.Errorf("%+v, %+v", all[0].Conclusion, all[2].Conclusion)
	}
	if c := all[3].Conclusion; c.Verdict != NotTested || !strings.Contains(c.Reason, "no test of so few") {
		t.Errorf("no test has a p-value: %+v", c)
	}
}

// TestFewResamples: where no p-value could be low enough there is no test of the norms, and the number of resamples that would do.
func TestFewResamples(t *testing.T) {
	u := factoredUnits(64)
	for resamples, tests := range map[int]int{FewestResamples: 0, 6600: 2} {
		s := Of(u, Settings{Alpha: math.NaN(), Seed: 1, Resamples: resamples}).Shape
		Judge([]*Shape{s})
		got := 0
		for _, x := range s.Tests {
			if x.Of == GradientNorm {
				got++
				if x.Floor != 2./80 || x.PValue < x.Floor {
					t.Errorf("%+v", x)
				}
			}
		}
		n := s.Conclusion.Norms
		if got != tests || tests == 0 && n.Untested != "beside 39 Gaussian samples no p-value is below 0.05; 6600 resamples would do" {
			t.Errorf("%d resamples: %d tests, %+v", resamples, got, n)
		}
		if (tests == 0) != (n.Verdict == NotTested) {
			t.Errorf("%d resamples: %+v", resamples, n)
		}
	}
}

// TestFloorOfSimulations: where the norms are beyond all simulated ones and yet not told apart, the number of resamples that would tell alone among
// 10 tests: 2/0.003 = 667 replicates, 17 times 40, of which the default has 5.
func TestFloorOfSimulations(t *testing.T) {
	s := &Shape{Family: &Family{Tests: 10}, Tests: []Test{{Of: GradientNorm, By: tail.NameHill, PValue: 0.01, Floor: 0.01, Verdict: NotToldApart}}}
	if n := s.concludeNorms(); n.Verdict != NotToldApart || !strings.Contains(n.Untested, "; 56000 resamples would tell") || n.Needs.Resamples != 56_000 {
		t.Errorf("%+v", n) // 17/5 * 16384 = 55,706
	}
}

// TestGaussianTrainingSets are within the bound of gamma: none of 100 sets of 300 samples is told apart, whether 60 of them are recorded or all.
func TestGaussianTrainingSets(t *testing.T) {
	for set := range uint64(100) {
		rng := seed.New(set, "Gaussian training sets")
		g := population{n: 300, p: 20, x: radial(rng, 300, 20, func() float64 { return 1 })}
		p := covariance.PopulationOf(normsOf(unitsOf(g.n, g.x)))
		if v := cumulantsOf(g.some(60, set)).ofPopulation(p).populationShape(); v.Verdict != NotToldApart {
			t.Errorf("set %d: %+v", set, v)
		}
	}
}

// TestLongGradientsAreToldApart from all norms, though few samples carry the noise.
func TestLongGradientsAreToldApart(t *testing.T) {
	g := newLongTailed(2000, true)
	norms := normsOf(unitsOf(g.n, g.x))
	u := g.some(100, 1)
	r := Of(u, Settings{Alpha: 1.5, Batch: 10, Seed: 1})
	r.AddDraws(&probe.Draws{Plan: probe.Plan{Batch: 10, Alpha: 1.5, Pairing: noise.Independent}, Population: g.n, Samples: norms}, u)
	Judge([]*Shape{r.Shape})
	c := r.Shape.Conclusion
	if c.Verdict != NotGaussian || c.OfGamma != Heavier || c.From != FromAllSamples || c.Norms.N != 2000 || c.Norms.K != 96 { // 2000^0.6 = 95.6
		t.Errorf("%+v", c)
	}
	if !strings.Contains(r.Shape.NoDirect, "; about 1400 would do") || r.Shape.NoDirectNeeds.Units != 1400 {
		t.Errorf("%q", r.Shape.NoDirect)
	}
	r.Shape.Withhold(estimate.Reason{Why: "few"})
	Judge([]*Shape{r.Shape})
	if c := r.Shape.Conclusion; c.Verdict != NotGaussian || c.Reason != "few" || c.Norms.Untested != "few" || c.Directions.Tested != 0 {
		t.Errorf("%+v", c)
	}
}

// TestOneRuleWithholdsBlockSums, too.
func TestOneRuleWithholdsBlockSums(t *testing.T) {
	rng, k := seed.New(5, "few"), 0
	u := unitsOf(256, radial(rng, 256, 20, func() float64 {
		if k++; k%100 == 1 {
			return 20
		}
		return 1
	}))
	a := ScaleArtefact(u, 1)
	if a.Verdict != tail.NotJudged || a.Reason != covariance.Withheld(u).String() || a.CI.Defined() || a.Survives.CI.Defined() || a.Curve[0].CI.Defined() || !a.Alpha.Defined() {
		t.Errorf("%+v", a)
	}
}
