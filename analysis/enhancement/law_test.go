package enhancement

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

func exampleDraws(draws, batch int, alpha float64, pairing noise.Pairing) (*probe.Draws, *probe.Units) {
	p := newPopulation(seed.New(6, "laws"), 100, gaussian)
	return p.draws(probe.Plan{Draws: draws, Batch: batch, Alpha: alpha, Pairing: pairing, Seed: 2}), p.units(40, 2)
}

// everything returns all results from the draws and the units.
func everything(d *probe.Draws, u *probe.Units) []any {
	s := OfDraws(d)
	sgd, ok := AgainstSGD(d)
	return []any{MeasureCorrelation(s), Factors(s, Alphas), Naive(s, d.Alpha), AgainstUnits(d, u), sgd, ok}
}

// numbers lists all numbers in the JSON of a value; null is NaN.
func numbers(t *testing.T, v any) (out []float64) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	return leaves(tree)
}

func leaves(v any) (out []float64) {
	switch v := v.(type) {
	case nil:
		return []float64{math.NaN()}
	case float64:
		return []float64{v}
	case []any:
		for _, e := range v {
			out = append(out, leaves(e)...)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			out = append(out, leaves(v[key])...)
		}
	}
	return out
}

func TestScaleAndPermutation(t *testing.T) {
	d, u := exampleDraws(20, 10, 1.5, noise.Disjoint)
	want := numbers(t, everything(d, u))
	for _, r := range rowsOf(d, u) {
		if !(r.ci.Lo < r.ci.Hi) {
			t.Errorf("%s: interval %v", r.name, r.ci)
		}
	}
	for _, x := range [][]float64{d.NormSq, d.PrimeNormSq, d.Cross, d.EnhancedSq, d.EffectiveSq} {
		slices.Reverse(x)
		for i := range x {
			x[i] *= 16
		}
	}
	for i := range u.Centred {
		u.Centred[i] *= 16
	}
	if err := numtest.AllClose(numbers(t, everything(d, u)), want, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Error(err)
	}
}

func TestInputsAreUnchanged(t *testing.T) {
	d, u := exampleDraws(10, 10, 1.5, noise.Independent)
	d2, u2 := exampleDraws(10, 10, 1.5, noise.Independent)
	everything(d, u)
	Analyse(u, d, Settings{Alpha: 1.5, Batch: 5, Pairs: 30, Seed: 1})
	if !reflect.DeepEqual(d, d2) || !reflect.DeepEqual(u, u2) {
		t.Error("inputs were modified")
	}
}

// TestAlphaOneIsExact: plain SGD has the factor 1 whatever was drawn.
func TestAlphaOneIsExact(t *testing.T) {
	d, _ := exampleDraws(10, 10, 1.5, noise.Disjoint)
	for _, f := range Factors(OfDraws(d), []float64{0, 1}) {
		if f.Measured != 1 || f.Predicted != 1 || f.CI.Defined() || !f.Equivalence.Equivalent || f.Kind != Identity {
			t.Errorf("alpha = %g: %+v", f.Alpha, f)
		}
	}
}

// TestDegenerate: what the draws do not determine is undefined, and nothing panics.
func TestDegenerate(t *testing.T) {
	undefined := func(name string, ci estimate.Interval) {
		t.Helper()
		if ci.Defined() {
			t.Errorf("%s: interval %v", name, ci)
		}
	}
	t.Run("no draw", func(t *testing.T) {
		d, u := exampleDraws(0, 10, 1.5, noise.Independent)
		for _, r := range rowsOf(d, u) {
			undefined(r.name, r.ci)
		}
	})
	t.Run("one draw", func(t *testing.T) {
		d, u := exampleDraws(1, 10, 1.5, noise.Independent)
		for _, r := range rowsOf(d, u) {
			undefined(r.name, r.ci)
		}
		if !MeasureCorrelation(OfDraws(d)).Measured.Defined() {
			t.Error("one draw has no rho")
		}
	})
	t.Run("whole population", func(t *testing.T) {
		d, u := exampleDraws(5, 100, 1.5, noise.Independent)
		if c := MeasureCorrelation(OfDraws(d)); c.Measured.Defined() || c.PValue.Defined() {
			t.Errorf("rho of rounding: %+v", c)
		}
		for _, f := range append(Factors(OfDraws(d), Alphas), Naive(OfDraws(d), 1.5)) {
			if f.Measured.Defined() || f.Equivalence.Equivalent || f.Equivalence.PValue.Defined() {
				t.Errorf("factor of rounding: %+v", f)
			}
		}
		numbers(t, everything(d, u))
	})
	t.Run("no noise", func(t *testing.T) {
		d, u := exampleDraws(5, 10, 1.5, noise.Independent)
		for _, x := range [][]float64{d.NormSq, d.PrimeNormSq, d.Cross, d.EnhancedSq, d.EffectiveSq, u.Centred} {
			clear(x)
		}
		for _, r := range rowsOf(d, u) {
			undefined(r.name, r.ci)
		}
	})
	t.Run("two units", func(t *testing.T) {
		d, _ := exampleDraws(5, 10, 1.5, noise.Independent)
		p := newPopulation(seed.New(6, "laws"), 100, gaussian)
		b := AgainstUnits(d, p.units(2, 1))
		undefined("against units", b.CI)
		if !b.Measured.Defined() {
			t.Error("no B_eff from two units")
		}
	})
	t.Run("B_eff below 1", func(t *testing.T) {
		d, _ := exampleDraws(5, 1, 3, noise.Disjoint)
		if _, ok := AgainstSGD(d); ok || d.Effective != 0 {
			t.Errorf("SGD at B_eff = %d", d.Effective)
		}
	})
}
