package shape

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

func sqrt(x float64) float64 { return math.Sqrt(x) }

// TestShapeOfVectors: the numbers of testdata/vectors/science, from the gradients as they are recorded.
func TestShapeOfVectors(t *testing.T) {
	const vectors = "../../testdata/vectors/"
	for _, name := range []string{"gauss_n8_d3", "one_outlier_n7_d5", "t3_n6_d4"} {
		text, err := os.ReadFile(vectors + "science/expected/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			KappaBiased     float64 `json:"kappa_biased"`
			KappaUnbiased   float64 `json:"kappa_unbiased"`
			TraceSqUnbiased float64 `json:"trace_sq_unbiased"`
			TraceBiased     float64 `json:"trace_biased"`
			Unit            float64 `json:"norm_excess_unit_biased"`
			Rows            []struct {
				Alpha      float64
				Batch      int
				NormExcess float64 `json:"norm_excess"`
			}
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		a, err := npy.Read[float64](vectors + "science/data/" + name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		n := a.Shape[0]
		u := unitsOf(n, a.Data)
		for _, row := range want.Rows {
			s := Of(u, Settings{Alpha: row.Alpha, Batch: row.Batch, Seed: 1, Resamples: FewestResamples}).Shape
			trace := want.TraceBiased * float64(n) / float64(n-1)
			got := []float64{float64(s.Kappa), float64(s.KappaUnbiased), float64(s.NormExcessUnitPlugin), float64(s.Gamma), float64(s.NormExcessUnit), float64(s.Rows[0].NormExcess)}
			if err := numtest.AllClose(got, []float64{want.KappaBiased, want.KappaUnbiased, want.Unit, want.KappaUnbiased / (trace * trace),
				want.KappaUnbiased / (2 * want.TraceSqUnbiased), row.NormExcess}, numtest.Tol{Rel: 1e-8}); err != nil {
				t.Errorf("%s, alpha = %g, B = %d: %v", name, row.Alpha, row.Batch, err)
			}
			if s.CI.Gamma.Defined() || s.Withheld == "" || s.Tests != nil {
				t.Errorf("%s: %d units have intervals", name, n)
			}
		}
	}
}

// TestStandardError leaves out one unit after the other.
func TestStandardError(t *testing.T) {
	const n, p = 9, 4
	rng := seed.New(1, "jackknife")
	u := denseUnits(n, p, func(int) float64 { return 1 + rng.ExpFloat64() })
	var values []float64
	mean := 0.0
	for i := range n {
		var rest []int
		for j := range n {
			if j != i {
				rest = append(rest, j)
			}
		}
		v := gamma(cumulantsOf(u.Subset(rest)).all)
		values = append(values, v)
		mean += v / n
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	want := math.Sqrt((n - 1.0) / n * squares)
	if err := numtest.Close(cumulantsOf(u).standardError(gamma), want, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Error(err)
	}
	u.Population = 2 * n
	if err := numtest.Close(cumulantsOf(u).standardError(gamma), want/math.Sqrt2, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Errorf("half of the population: %v", err)
	}
}

// TestScale: gradients of c times the size have c^4 times the cumulant, and the same ratios; what is added to all changes nothing.
func TestScale(t *testing.T) {
	rng := seed.New(2, "scale")
	flat := radial(rng, 40, 5, rng.ExpFloat64)
	other := slices.Clone(flat)
	for i := range other {
		other[i] = 8*other[i] + 3
	}
	s := Settings{Alpha: 2, Batch: 20, Seed: 1, Resamples: FewestResamples}
	a, b := Of(unitsOf(40, flat), s).Shape, Of(unitsOf(40, other), s).Shape
	if err := numtest.AllClose([]float64{float64(b.KappaUnbiased), float64(b.Gamma), float64(b.EffectiveUnits), float64(b.Rows[2].NormExcess)},
		[]float64{4096 * float64(a.KappaUnbiased), float64(a.Gamma), float64(a.EffectiveUnits), float64(a.Rows[2].NormExcess)}, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Error(err)
	}
}

// TestRowsOfTheArms: NE has s_4/f^3 of the excess of SGD at B_eff, where B_eff is whole, and a ghost batch is one unit.
func TestRowsOfTheArms(t *testing.T) {
	rng := seed.New(3, "arms")
	u := unitsOf(64, radial(rng, 64, 5, rng.ExpFloat64))
	s := Of(u, Settings{Alpha: 1.5, Batch: 500, Seed: 1, Resamples: FewestResamples}).Shape
	if len(s.Rows) != 3 || s.Rows[2].Arm != enhancement.ArmEffective || s.Rows[2].Batch != 200 {
		t.Fatalf("%+v", s.Rows)
	}
	if err := numtest.Close(float64(s.Rows[0].Unbiased/s.Rows[2].Unbiased), noise.KurtosisRatio(1.5), numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
	u.UnitSize = 100
	g := Of(u, Settings{Alpha: 1.5, Batch: 500, Seed: 1, Resamples: FewestResamples}).Shape
	// 5 ghost batches in place of 500 samples.
	if err := numtest.Close(float64(g.Rows[0].NormExcess), 100*float64(s.Rows[0].NormExcess), numtest.Tol{Rel: 1e-12}); err != nil || g.Rows[0].Batch != 500 {
		t.Errorf("%+v: %v", g.Rows[0], err)
	}
	if rows := Of(u, Settings{Alpha: math.NaN(), Batch: 500, Seed: 1, Resamples: FewestResamples}).Shape.Rows; rows != nil {
		t.Errorf("no alpha, yet %+v", rows)
	}
}

// TestJudge by hand: of the logs of 0.001, 0.012, 0.04 and 0.5, with m = 4, the adjusted p-values are 0.004, 0.024, 0.0533 and 0.5.
func TestJudge(t *testing.T) {
	shapes := []*Shape{
		{Tests: []Test{newTest("all directions", "gamma", 3, math.Log(0.012), Heavier), newTest("noise top1", "dagostino", 1, math.Log(0.5), Skewed)}},
		nil,
		{Tests: []Test{newTest("all directions", "gamma", -3, math.Log(0.001), Lighter), newTest("noise top1", "dagostino", 2, math.Log(0.04), Skewed),
			newTest("noise top2", "dagostino", 2, math.NaN(), Skewed)}},
		{Withheld: "too few"},
	}
	Judge(shapes)
	var got []float64
	var verdicts []Verdict
	for _, s := range []*Shape{shapes[0], shapes[2]} {
		for _, x := range s.Tests {
			got, verdicts = append(got, float64(x.Adjusted)), append(verdicts, x.Verdict)
		}
	}
	if err := numtest.AllClose(got, []float64{0.024, 0.5, 0.004, 0.16 / 3, math.NaN()}, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
	if !slices.Equal(verdicts, []Verdict{Heavier, NotToldApart, Lighter, NotToldApart, NotTested}) {
		t.Errorf("verdicts %v", verdicts)
	}
	if shapes[0].Verdict != Heavier || shapes[2].Verdict != Lighter || shapes[3].Verdict != NotTested {
		t.Errorf("of gamma %s, %s, %q", shapes[0].Verdict, shapes[2].Verdict, shapes[3].Verdict)
	}
	if c := shapes[2].Count(); c.Rows != 2 || c.Rejected != 2 || c.Discoveries != 1 || !c.RateCI.Contains(1) {
		t.Errorf("%+v", c)
	}
	if shapes[3].Count() != nil {
		t.Error("nothing was tested, and counted")
	}
}

// TestGaussianGradientsAreGaussian: at most 5% of the reports say anything else; more than 11 of 100, or 6 of 40, have a probability below 0.5% at 5%.
func TestGaussianGradientsAreGaussian(t *testing.T) {
	numtest.NotShort(t, "many samples")
	said, reports, most := 0, 40, 6
	if numtest.Full() {
		reports, most = 100, 11
	}
	for r := range uint64(reports) {
		rng := seed.New(r, "gaussian reports")
		s := Of(unitsOf(64, radial(rng, 64, 40, func() float64 { return 1 })), Settings{Alpha: 1.5, Batch: 5, Seed: r}).Shape
		Judge([]*Shape{s})
		if slices.ContainsFunc(s.Tests, func(x Test) bool { return x.Verdict != NotToldApart }) {
			said++
		}
	}
	if said > most {
		t.Errorf("%d of %d reports on Gaussian gradients say something else", said, reports)
	}
}

// TestHeavyGradientsAreHeavy: radii that are Student t with 5 degrees of freedom are found at n = 256 by gamma (power measured: 0.99).
func TestHeavyGradientsAreHeavy(t *testing.T) {
	rng := seed.New(4, "heavy")
	student := func() float64 {
		chi := 0.0
		for range 5 {
			z := rng.NormFloat64()
			chi += z * z
		}
		return math.Sqrt(5 / chi)
	}
	s := Of(unitsOf(256, radial(rng, 256, 60, student)), Settings{Alpha: 1.5, Batch: 20, Seed: 1, Resamples: FewestResamples}).Shape
	Judge([]*Shape{s})
	if s.Verdict != Heavier || !(s.CI.NormExcessUnit.Lo > 0) {
		t.Errorf("verdict %s, gamma %g in %v", s.Verdict, s.Gamma, s.CI.Gamma)
	}
}

// TestFewUnitsCarryTheNoise: then there is no interval, and the reason.
func TestFewUnitsCarryTheNoise(t *testing.T) {
	rng := seed.New(5, "few")
	k := 0
	u := unitsOf(200, radial(rng, 200, 20, func() float64 {
		if k++; k%100 == 1 {
			return 20
		}
		return 1
	}))
	r := Of(u, Settings{Alpha: 1.5, Batch: 20, Seed: 1, Resamples: FewestResamples})
	if s := r.Shape; s.Withheld == "" || s.CI != (Intervals{estimate.None(), estimate.None()}) && s.CI.Gamma.Defined() || len(s.Tests) != 0 || s.EffectiveUnits > 5 {
		t.Errorf("%+v", s)
	}
	u.Population = u.N
	if s := Of(u, Settings{Alpha: 1.5, Batch: 20, Seed: 1, Resamples: FewestResamples}).Shape; s.Withheld != "" {
		t.Errorf("the whole population is recorded, yet %s", s.Withheld)
	}
}
