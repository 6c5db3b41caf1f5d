package tail

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
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
		m, plain := methods[i], methods[i].of(x, Absolute, e.K)
		if e.Gamma != plain.Gamma || e.TailIndex != plain.TailIndex || !m.biased && e.CI != plain.CI || e.Reason != "" {
			t.Errorf("%+v, want %+v", e, plain)
		}
		v := r.Surrogate[i]
		if !strings.Contains("heavier consistent", v.Verdict) || v.K != m.fixed(500) || v.Gamma != m.of(x, Absolute, v.K).Gamma || len(r.Curves[i].Points) != 10 {
			t.Errorf("%+v, %d points", v, len(r.Curves[i].Points))
		}
	}
	if got := strings.Join(names, " "); got != "hill moment pickands kernel gpd power-law" {
		t.Error(got)
	}
	if len(r.Stable) != 4 || !r.PowerLaw.PValue.Defined() || r.PowerLaw.Replicates != Replicates {
		t.Errorf("%d stable rows, %+v", len(r.Stable), r.PowerLaw)
	}
	given := Analyse(x, Settings{K: 25, Replicates: -1})
	for i, e := range given.Estimates {
		if m := methods[i].of(x, Absolute, 25); m != e || given.Surrogate[i].K != 25 {
			t.Errorf("%+v, want %+v; compared at k = %d", e, m, given.Surrogate[i].K)
		}
	}
}

// The interval of a biased method at a k of its choice holds the one at k = ceil(sqrt n), and its own.
func TestIntervalsAreWidened(t *testing.T) {
	x := student2(rng("widen", 0), 2000)
	r := Analyse(x, Settings{Seed: 1, Replicates: -1})
	for i, e := range r.Estimates {
		m := methods[i]
		at, root := m.of(x, Absolute, e.K).CI, m.of(x, Absolute, 45).CI
		if !m.biased {
			continue
		}
		if e.K <= 45 {
			t.Fatalf("%s has k = %d: nothing to widen", e.Method, e.K)
		}
		if e.CI.Lo != min(at.Lo, root.Lo) || e.CI.Hi != max(at.Hi, root.Hi) || e.CI == at {
			t.Errorf("%s: %v, of %v and %v", e.Method, e.CI, at, root)
		}
	}
	m := methods[3] // kernel: where no power law is possible at k = ceil(sqrt n) the interval has no upper end
	y := descending(normal(rng("widen", 1), 2000))
	for _, e := range []Estimate{newEstimate(NameKernel, 100, 0.2, estimate.Interval{Lo: 0.1, Hi: 0.3}), newEstimate(NameKernel, 100, -1, estimate.None())} {
		if got := m.widen(e, y); !math.IsInf(got.CI.Hi, 1) || !(got.CI.Lo > 0) {
			t.Errorf("%+v became %+v", e, got)
		}
	}
}

func TestAnalyseOfDegenerateSamples(t *testing.T) {
	t.Parallel()
	halves := slices.Concat(make([]float64, 25), slices.Repeat([]float64{1}, 25))
	for name, x := range map[string][]float64{
		"empty": nil, "one": {1}, "two": {1, 2}, "zeros": make([]float64, 200), "NaN": {1, 2, nan}, "negative": {-1, -2, -3, -4, -5, -6},
		"tied": {9, 9, 1}, "halves": halves, "spike": append(make([]float64, 99), 1),
	} {
		for _, k := range []int{0, 1, 3, math.MaxInt} {
			r := Analyse(x, Settings{Side: Right, K: k})
			if _, err := json.Marshal(r); err != nil || len(r.Estimates) != 6 || len(r.Surrogate) != 6 {
				t.Errorf("%s, k = %d: %v", name, k, err)
			}
			if c := r.Conclusion; c.Variance != Undecided || c.Reason == "" || c.Sentence == "" {
				t.Errorf("%s, k = %d: %s", name, k, c.Sentence)
			}
			if missing := withoutReason(r); len(missing) > 0 {
				t.Errorf("%s, k = %d: no reason for %q", name, k, missing)
			}
		}
	}
	for _, x := range [][]float64{normal(rng("reasons", 0), 150), pareto(rng("reasons", 1), 200, 2), student2(rng("reasons", 2), 40)} {
		for _, k := range []int{0, 1, 2, 5, 39, 120} {
			if missing := withoutReason(Analyse(x, Settings{K: k, Replicates: 1})); len(missing) > 0 {
				t.Errorf("%d values, k = %d: no reason for %q", len(x), k, missing)
			}
		}
	}
}

// withoutReason names the rows with an undefined number that no reason or warning explains, and those with a reason for nothing.
func withoutReason(r Result) (rows []string) {
	check := func(name string, defined bool, reason string) {
		if defined == (reason != "") {
			rows = append(rows, name+": "+reason)
		}
	}
	for i, e := range r.Estimates {
		check(e.Method, e.Gamma.Defined() && e.TailIndex.Defined() && e.CI.Defined(), e.Reason)
		v := r.Surrogate[i]
		check("surrogate "+v.Method, v.Verdict != "undefined" && v.GammaBand.Defined(), v.Reason)
	}
	for _, a := range r.PowerLaw.Alternatives {
		check(a.Name, a.Ratio.Defined() && a.Z.Defined() && a.LogP.Defined(), a.Reason)
	}
	for _, e := range r.Stable {
		defined := e.Alpha.Defined() && e.Beta.Defined() && e.Scale.Defined() && e.Location.Defined() && e.CI.Defined()
		if !defined && e.Reason == "" && len(e.Warnings) == 0 {
			rows = append(rows, e.Method)
		}
	}
	return rows
}

// The reasons are missed where there are none.
func TestWithoutReasonCanFail(t *testing.T) {
	r := Analyse([]float64{1, 2, 3}, Settings{})
	r.Estimates[0].Reason, r.Surrogate[1].Reason, r.Stable[2].Warnings = "", "", nil
	if got := withoutReason(r); len(got) != 3 {
		t.Errorf("missed %q", got)
	}
}

// Whole numbers tie, and those of a Gaussian law rounded to a thousandth do not matter.
func TestTies(t *testing.T) {
	fine, coarse := normal(rng("ties", 0), 1000), pareto(rng("ties", 1), 1000, 1.5)
	for i := range fine {
		fine[i], coarse[i] = math.Round(1000*fine[i])/1000, math.Floor(coarse[i])
	}
	r := Analyse(fine, Settings{Replicates: -1})
	if c := r.Conclusion; c.Variance != Finite || c.Comparison.Verdicts < 5 {
		t.Errorf("rounded to a thousandth: %s", c.Sentence)
	}
	r = Analyse(coarse, Settings{Replicates: -1})
	if c := r.Conclusion; c.Variance != Undecided || !strings.Contains(c.Reason, "values equal the threshold") || r.Estimates[1].CI.Defined() {
		t.Errorf("whole numbers: %s", c.Sentence)
	}
	if warnings := strings.Join(r.Warnings, " "); !strings.Contains(warnings, "of 1000 values repeat an earlier one") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// Four different values have estimates and no interval, five have one: of the tail index and of a stable law.
func TestNoIntervalFromFewerThanFiveValues(t *testing.T) {
	four, five := Analyse([]float64{8, 4, 2, 1}, Settings{K: 3}), Analyse([]float64{8, 4, 2, 1, 0.5}, Settings{K: 4})
	if e := four.Estimates[0]; !e.Gamma.Defined() || e.CI.Defined() || e.Reason == "" {
		t.Errorf("four: %+v", e)
	}
	if e := five.Estimates[0]; !e.CI.Defined() || e.Reason != "" {
		t.Errorf("five: %+v", e)
	}
	for n, defined := range map[int]bool{4: false, 5: true} {
		x := make([]float64, 50)
		for i := range x {
			x[i] = float64(i%n) + 0.5
		}
		for _, e := range Stable(x, 1) {
			if e.CI.Defined() && !defined || e.Method == NameMohammadi && e.CI.Defined() != defined {
				t.Errorf("%d different values: %+v", n, e)
			}
		}
	}
}

// The double bootstrap says where it could go no further: the criterion of values on a grid of exact Pareto quantiles falls with k.
func TestKAtItsBoundIsSaid(t *testing.T) {
	x := make([]float64, 2000)
	for i := range x {
		x[i] = math.Sqrt(float64(len(x)) / float64(i+1))
	}
	said := 0
	for rep := range 20 {
		c := DoubleBootstrapK(x, Right, rng("bound", rep))
		if bound := c.K1 == c.N1/2 || c.K2 == c.N2/2 || c.K == len(x)-1; bound != c.AtBound || bound != (c.Warning != "") {
			t.Errorf("%+v", c)
		}
		if c.AtBound {
			said++
		}
	}
	if said == 0 {
		t.Error("no choice is at its bound: nothing is tested")
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
				m.of(x, Absolute, DefaultK(len(x)))
			}
		})
	}
	b.Run("fit", func(b *testing.B) {
		for b.Loop() {
			FitPowerLaw(x, Absolute)
		}
	})
}
