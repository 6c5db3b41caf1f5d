package enhancement

import (
	"reflect"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

var exampleSettings = Settings{Alpha: 1.5, Batch: 10, Pairs: 64, Seed: 1}

// TestAnalyseIsItsParts: each row is that of the function that makes it, the direct ones first.
func TestAnalyseIsItsParts(t *testing.T) {
	d, u := exampleDraws(20, 10, 1.5, noise.Disjoint)
	direct, resampled := OfDraws(d), Resample(u, 10, 64, 1)
	sgd, _ := AgainstSGD(d)
	r := Analyse(u, d, exampleSettings)
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"rho", r.Correlations, []Correlation{MeasureCorrelation(direct), MeasureCorrelation(resampled)}},
		{"factors", r.Factors, slices.Concat(Factors(direct, Alphas), []Factor{Naive(direct, 1.5)}, Factors(resampled, Alphas))},
		{"B_eff", r.EffectiveBatches, slices.Concat([]EffectiveBatch{AgainstUnits(d, u), sgd}, EffectiveBatches(direct, Alphas),
			EffectiveBatches(resampled, Alphas))},
		{"exponents", r.Exponents, ExponentsOf(d, 1)},
	} {
		if err := numtest.AllClose(numbers(t, c.got), numbers(t, c.want), numtest.Tol{}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if len(r.Matched) != 1 || r.Matched[0].Evidence != Direct || r.Matched[0].Draws != 20 {
		t.Errorf("matched %+v", r.Matched)
	}
	if !r.UpdateCheck.Defined() || r.Warnings != nil {
		t.Errorf("update check %g, warnings %q", r.UpdateCheck, r.Warnings)
	}
}

// TestEvidenceIsNamed: from one kind of evidence all rows are of that kind, and without any the result is empty.
func TestEvidenceIsNamed(t *testing.T) {
	d, u := exampleDraws(20, 10, 1.5, noise.Disjoint)
	for _, c := range []struct {
		u        *probe.Units
		d        *probe.Draws
		evidence string
		rows     int
	}{{u, nil, Resampled, 1 + 7 + 7}, {nil, d, Direct, 1 + 8 + 8 + 1}, {nil, nil, "", 0}} {
		r := Analyse(c.u, c.d, exampleSettings)
		var named []string
		for _, x := range r.Correlations {
			named = append(named, x.Evidence)
		}
		for _, x := range r.Factors {
			named = append(named, x.Evidence)
		}
		for _, x := range r.EffectiveBatches {
			named = append(named, x.Evidence)
		}
		for _, x := range r.Matched {
			named = append(named, x.Evidence)
		}
		if len(named) != c.rows || slices.ContainsFunc(named, func(e string) bool { return e != c.evidence }) {
			t.Errorf("%s: %d rows of %q", c.evidence, len(named), named)
		}
	}
}

func TestGridHasTheRunsAlpha(t *testing.T) {
	for _, c := range []struct {
		alpha float64
		want  int
	}{{1.5, 7}, {1, 7}, {-2, 8}, {1.7, 8}, {9, 8}} {
		grid := withAlpha(nil, c.alpha)
		if len(grid) != c.want || !slices.IsSorted(grid) || !slices.Contains(grid, c.alpha) || len(Alphas) != 7 {
			t.Errorf("alpha = %g: %g", c.alpha, grid)
		}
	}
	_, u := exampleDraws(2, 10, 1.5, noise.Disjoint)
	s := exampleSettings
	s.Alphas = []float64{2}
	if r := Analyse(u, nil, s); len(r.Factors) != 2 || r.Factors[0].Alpha != 1.5 || r.EffectiveBatches[1].Alpha != 2 {
		t.Errorf("a grid of the caller's: %+v", r.Factors)
	}
}

// TestOneRowLeads: of the measured ones at the run's own alpha, the comparison with the recorded units unless that is withheld; resampled rows are
// marked as theorems.
func TestOneRowLeads(t *testing.T) {
	d, u := exampleDraws(64, 10, 1.5, noise.Independent)
	r := Analyse(u, d, exampleSettings)
	var factors []Factor
	var batches []EffectiveBatch
	for _, f := range r.Factors {
		want := Measured
		switch {
		case f.Alpha == 0 || f.Alpha == 1:
			want = Identity
		case f.Evidence == Resampled || f.Pairing == string(noise.Naive):
			want = Theorem
		}
		if f.Kind != want {
			t.Errorf("%+v", f)
		}
		if f.Leads {
			factors = append(factors, f)
		}
	}
	for _, b := range r.EffectiveBatches {
		if b.Leads {
			batches = append(batches, b)
		}
	}
	if len(factors) != 1 || factors[0].Alpha != 1.5 || factors[0].Kind != Measured || len(batches) != 1 {
		t.Fatalf("%+v, %+v", factors, batches)
	}
	want := RecordedUnits
	if r.EffectiveBatches[0].Withheld != "" {
		want = SGDAtBEff
	}
	if batches[0].Against != want {
		t.Errorf("%+v leads", batches[0])
	}
}

// TestAlphaOneIsTheIdentity: plain SGD has f = 1 and B_eff = B exactly, is its own match, and its NE noise is x.
func TestAlphaOneIsTheIdentity(t *testing.T) {
	d, u := exampleDraws(20, 10, 1, noise.Independent)
	s := exampleSettings
	s.Alpha = 1
	r := Analyse(u, d, s)
	for _, f := range r.Factors {
		if f.Alpha == 1 && f.Pairing != string(noise.Naive) && (f.Measured != 1 || f.Predicted != 1) {
			t.Errorf("%+v", f)
		}
	}
	exact := 0
	for _, b := range r.EffectiveBatches {
		if b.Alpha != 1 || b.Against != "sgd-at-b" && b.Against != "resampled-sgd" {
			continue
		}
		exact++
		if b.Measured != 10 || b.Predicted != 10 || b.CI.Defined() || b.PValue.Defined() || b.Kind != Identity || b.Verdict != ByDefinition || b.Leads {
			t.Errorf("%+v", b)
		}
	}
	if exact != 2 || r.Matched != nil {
		t.Errorf("%d rows of B_eff, matched %+v", exact, r.Matched)
	}
}

// TestMerging: rho of all draws is the mean of rho of two parts, weighted by their mean squared norms, and so is the factor at any alpha.
func TestMerging(t *testing.T) {
	d, _ := exampleDraws(40, 10, 1.5, noise.Disjoint)
	all := OfDraws(d)
	part := func(lo, hi int) Scalars {
		s := all
		s.NormSq, s.PrimeNormSq, s.Cross = all.NormSq[lo:hi], all.PrimeNormSq[lo:hi], all.Cross[lo:hi]
		return s
	}
	sum, weights := 0.0, 0.0
	for _, s := range []Scalars{part(0, 12), part(12, 40)} {
		w := float64(len(s.NormSq)) * (meanOf(s.NormSq).value + meanOf(s.PrimeNormSq).value)
		sum, weights = sum+w*float64(MeasureCorrelation(s).Measured), weights+w
	}
	if err := numtest.Close(float64(MeasureCorrelation(all).Measured), sum/weights, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
	want := noise.EnhancementAt(3, sum/weights)
	if err := numtest.Close(float64(Factors(all, []float64{3})[0].Measured), want, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}

// TestBatchesInvertFactors: by Eq. 4, a single minibatch of B_eff has the factor times the noise of one of B, and where the factor's
// interval reaches 0 the size has no upper end.
func TestBatchesInvertFactors(t *testing.T) {
	d, _ := exampleDraws(30, 10, 1.5, noise.Independent)
	s := OfDraws(d)
	factors := Factors(s, Alphas)
	for i, b := range EffectiveBatches(s, Alphas) {
		// (1/b - 1/N) / (1/B - 1/N) with N = 100 and B = 10.
		got := (1/float64(b.Measured) - 0.01) / (0.1 - 0.01)
		if err := numtest.Close(got, float64(factors[i].Measured), numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("alpha = %g: %v", b.Alpha, err)
		}
		if b.CI.Lo > float64(b.Measured) || b.CI.Hi < float64(b.Measured) {
			t.Errorf("alpha = %g: %g outside of %v", b.Alpha, b.Measured, b.CI)
		}
	}
	if size := s.sizeAt(0); size < 1e300 {
		t.Errorf("no noise is that of a batch of %g", size)
	}
}

// TestIdentityPValues: all sizes of one kind of evidence share the p-value of rho; that against the units has its own.
func TestIdentityPValues(t *testing.T) {
	d, u := exampleDraws(30, 10, 1.5, noise.Disjoint)
	r := Analyse(u, d, exampleSettings)
	for _, b := range r.EffectiveBatches[2:] {
		want := r.Correlations[0].PValue
		if b.Evidence == Resampled {
			want = r.Correlations[1].PValue
		}
		if b.Alpha != 1 && b.PValue != want {
			t.Errorf("%+v: p-value of rho %g", b, want)
		}
	}
	for _, b := range r.EffectiveBatches[:2] {
		inside := b.CI.Contains(float64(b.Predicted))
		if !b.PValue.Defined() || inside != (b.PValue > 0.05) {
			t.Errorf("%+v", b)
		}
	}
}

func TestAnalyseLeavesItsInputs(t *testing.T) {
	d, u := exampleDraws(10, 10, 1.5, noise.Independent)
	d2, u2 := exampleDraws(10, 10, 1.5, noise.Independent)
	Analyse(u, d, exampleSettings)
	if !reflect.DeepEqual(d, d2) || !reflect.DeepEqual(u, u2) {
		t.Error("inputs were modified")
	}
}

// TestAnalyseDegenerate: what the draws do not determine is undefined, nothing panics, and no interval is computed from rounding errors.
func TestAnalyseDegenerate(t *testing.T) {
	for _, c := range []struct {
		name         string
		draws, batch int
		alpha        float64
	}{{"no draw", 0, 10, 1.5}, {"one draw", 1, 10, 1.5}, {"whole population", 5, 100, 1.5}, {"B_eff below 1", 5, 1, 3}} {
		d, u := exampleDraws(c.draws, c.batch, c.alpha, noise.Independent)
		r := Analyse(u, d, Settings{Alpha: c.alpha, Batch: c.batch, Pairs: 8})
		numbers(t, []any{r.Correlations, r.Factors, r.EffectiveBatches, r.Matched, r.Exponents, r.UpdateCheck})
		for _, m := range r.Matched {
			if m.Evidence == Direct && (m.CI.Defined() || m.PValue.Defined()) {
				t.Errorf("%s: %+v", c.name, m)
			}
		}
		if unmatched := len(r.Matched) == 0; unmatched != (c.batch == 1) || unmatched != (len(r.Warnings) == 1) {
			t.Errorf("%s: matched %+v, warnings %q", c.name, r.Matched, r.Warnings)
		}
	}
}
