package analysis

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

func document(t *testing.T, r Result) string {
	t.Helper()
	b, err := json.Marshal(r.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWorkersDoNotMatter: the whole result, figures included, is the same bits for any number of workers, and twice.
func TestWorkersDoNotMatter(t *testing.T) {
	defer parallel.SetWorkers(0)
	u, d := factoredUnits(64), directDraws(32, 1.5)
	var want Result
	for i, workers := range []int{1, 2, 7, 7} {
		parallel.SetWorkers(workers)
		got := Analyse(u, d, settings)
		if i == 0 {
			want = got
			continue
		}
		if document(t, got) != document(t, want) {
			t.Errorf("%d workers: another document", workers)
		}
		if !reflect.DeepEqual(got.Leading, want.Leading) || !reflect.DeepEqual(got.Hill, want.Hill) {
			t.Errorf("%d workers: other figures", workers)
		}
	}
}

func TestInputsAreUnchanged(t *testing.T) {
	u, d := factoredUnits(32), directDraws(8, 1.5)
	Analyse(u, d, settings)
	if !reflect.DeepEqual(u, factoredUnits(32)) || !reflect.DeepEqual(d, directDraws(8, 1.5)) {
		t.Error("inputs were modified")
	}
}

func evidences(c report.Checkpoint) map[string]int {
	count := map[string]int{}
	for _, f := range c.Enhancement {
		count["factor "+f.Evidence]++
	}
	for _, r := range c.NoiseCorrelation {
		count["rho "+r.Evidence]++
	}
	for _, b := range c.EffectiveBatch {
		count["B_eff "+b.Against]++
	}
	for _, m := range c.Matched {
		count["matched "+m.Evidence]++
	}
	for _, e := range c.ScaleExponent {
		count["exponent "+e.Evidence]++
	}
	for _, r := range c.Normality {
		count["shape "+r.Evidence]++
	}
	if c.Shape != nil {
		for _, r := range c.Shape.Rows {
			count["excess "+r.Evidence]++
		}
	}
	return count
}

func TestWhatRestsOnWhat(t *testing.T) {
	u, d := factoredUnits(64), directDraws(32, 1.5)
	grid := len(enhancement.Alphas)
	direct := map[string]int{
		"rho direct": 1, "factor direct": grid + 1, "B_eff sgd-at-b-eff": 1, "B_eff sgd-at-b": grid, "matched direct": 1, "exponent direct": 2,
	}
	// 3 arms from the units; losses and norms.
	units := map[string]int{
		"rho resampled": 1, "factor resampled": grid, "B_eff resampled-sgd": grid, "excess exact": 3, "shape recorded": 2,
	}
	// 3 arms along 2 directions.
	both := map[string]int{"B_eff recorded-units": 1, "excess direct": 3, "shape direct": 6}
	for _, m := range []map[string]int{direct, units} {
		for key, n := range m {
			both[key] = n
		}
	}
	for _, c := range []struct {
		name string
		u    *probe.Units
		d    *probe.Draws
		want map[string]int
	}{{"neither", nil, nil, map[string]int{}}, {"draws", nil, d, direct}, {"units", u, nil, units}, {"both", u, d, both}} {
		r := Analyse(c.u, c.d, settings)
		if got := evidences(r.Checkpoint); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: rows %v, want %v", c.name, got, c.want)
		}
		if (r.Checkpoint.Covariance != nil) != (c.u != nil) || r.Checkpoint.UpdateCheck.Defined() != (c.d != nil) {
			t.Errorf("%s: covariance %v, update check %v", c.name, r.Checkpoint.Covariance, r.Checkpoint.UpdateCheck)
		}
	}
}

func TestHead(t *testing.T) {
	c := Analyse(factoredUnits(64), directDraws(4, 1.5), settings).Checkpoint
	if c.Step != 10 || c.Unit != probe.UnitSample || c.UnitSize != 1 || c.Units != 64 || c.Population != 10000 || c.Parameters != 30*21+10*31 {
		t.Errorf("%+v", c)
	}
	u := factoredUnits(64)
	u.Population = 0
	if n := Analyse(u, directDraws(4, 1.5), settings).Checkpoint.Population; n != 10000 {
		t.Errorf("population of the draws became %d", n)
	}
}

// TestSpectrumAndEigenvalues: the figure has all of them, the report the leading ones.
func TestSpectrumAndEigenvalues(t *testing.T) {
	u := factoredUnits(40)
	r := Analyse(u, nil, settings)
	if err := numtest.CloseToLargest(r.Spectrum, covariance.Spectrum(u)[:39], 1e-15); err != nil {
		t.Error(err)
	}
	if n := len(r.Checkpoint.Covariance.Eigenvalues); n != 20 {
		t.Errorf("%d eigenvalues", n)
	}
	all := settings
	all.Eigenvalues = 0
	if n := len(Analyse(u, nil, all).Checkpoint.Covariance.Eigenvalues); n != 39 {
		t.Errorf("%d of all eigenvalues", n)
	}
}

// TestNoise: Eq. 4 at alpha, B = 50, N = 10,000, disjoint: (f N - B)/(B (N-1)) tr Sigma = 24,950/(50 x 9999) tr Sigma with
// tr Sigma = (N-1)/N of the unbiased trace.
func TestNoise(t *testing.T) {
	c := Analyse(factoredUnits(40), nil, settings).Checkpoint
	want := 24950.0 / (50 * 10000) * float64(c.Covariance.TraceUnbiased)
	got := []float64{float64(c.Noise.GradientTrace), float64(c.Noise.UpdateTraceSGD)}
	if err := numtest.AllClose(got, []float64{want, 1e-6 * want}, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
	u := factoredUnits(40)
	u.Population = 0
	if Analyse(u, nil, settings).Checkpoint.Noise != nil {
		t.Error("noise without a population")
	}
}

func TestWarnings(t *testing.T) {
	d := directDraws(4, 1.5)
	d.Batch, d.Alpha, d.Effective, d.EffectiveSq = 1, 3, 0, nil
	rng := seed.New(1, "no gradient")
	u := denseUnits(20, 5, func(int) float64 { return rng.NormFloat64() })
	for i := range u.MeanDot {
		u.MeanDot[i] -= u.MeanNormSq
	}
	u.MeanNormSq = 0
	warnings := Analyse(u, d, settings).Checkpoint.Warnings
	for _, want := range []string{"SGD at B_eff was not drawn: B_eff = 0.0769", "noise scale undefined"} {
		if !slices.ContainsFunc(warnings, func(w string) bool { return strings.HasPrefix(w, want) }) {
			t.Errorf("no warning %q in %q", want, warnings)
		}
	}
	if w := Analyse(factoredUnits(64), directDraws(4, 1.5), settings).Checkpoint.Warnings; len(w) > 1 {
		t.Errorf("warnings %q", w)
	}
}

// TestDegenerateGradients: nothing panics, and the document has no NaN (Marshal would fail).
func TestDegenerateGradients(t *testing.T) {
	rng := seed.New(1, "degenerate")
	normal := func(int) float64 { return rng.NormFloat64() }
	for _, c := range []struct {
		name string
		u    *probe.Units
	}{
		{"two units", denseUnits(2, 4, normal)},
		{"three units", denseUnits(3, 4, normal)},
		{"five units", denseUnits(5, 4, normal)},
		{"one parameter", denseUnits(30, 1, normal)},
		{"identical", denseUnits(30, 4, func(k int) float64 { return float64(k) / 3 })},
		{"all zero", denseUnits(30, 4, func(int) float64 { return 0 })},
	} {
		for _, alpha := range []float64{0.5, 1, 1.5} {
			s := settings
			s.Alpha, s.Batch = alpha, 7
			r := Analyse(c.u, directDraws(1, alpha), s)
			document(t, r)
			Conclude([]report.Checkpoint{r.Checkpoint})
			for _, sample := range append(r.Leading, shape.Sample{Values: r.Spectrum}, shape.Sample{Values: r.Hill.Sample.Gamma}) {
				for _, v := range sample.Values {
					if math.IsInf(v, 0) {
						t.Fatalf("%s, alpha = %g: infinite", c.name, alpha)
					}
				}
			}
		}
	}
}

// Gradients of no training have what is about units and the grid of alpha, and nothing about one alpha.
func TestWithoutAnAlpha(t *testing.T) {
	u := factoredUnits(64)
	s := settings
	s.Alpha = math.NaN()
	r := Analyse(u, nil, s)
	c := r.Checkpoint
	if c.Covariance == nil || len(c.NoiseCorrelation) != 1 || len(c.Summaries) == 0 || len(c.Tails) != len(c.Summaries) {
		t.Errorf("something about the units is missing: %+v", c)
	}
	var alphas []float64
	for _, f := range c.Enhancement {
		alphas = append(alphas, f.Alpha)
	}
	if !slices.Equal(alphas, enhancement.Alphas) {
		t.Errorf("factors at %v", alphas)
	}
	alphas = nil
	for _, b := range c.EffectiveBatch {
		alphas = append(alphas, b.Alpha)
	}
	if !slices.Equal(alphas, enhancement.Alphas) {
		t.Errorf("B_eff at %v", alphas)
	}
	if c.Noise != nil || c.Matched != nil || c.ScaleExponent != nil || r.Leading != nil || len(c.Shape.Rows) > 0 {
		t.Error("there is something about an alpha")
	}
	for _, n := range c.Normality {
		if n.Axis != shape.AxisUnits {
			t.Errorf("%s over %s", n.Of, n.Axis)
		}
	}
}

// TestConclude: the tests of all checkpoints are judged together, and what becomes of the noise along training is found.
func TestConclude(t *testing.T) {
	u := factoredUnits(64)
	later := *u
	later.Step = 20
	checkpoints := []report.Checkpoint{Analyse(u, nil, settings).Checkpoint, {Step: 15}, Analyse(&later, nil, settings).Checkpoint}
	a := Conclude(checkpoints)
	if a == nil || a.Strength.Last.Step != 20 || a.Strength.Ratio != 1 || a.Signal == nil || a.Shape.Checkpoints != 2 {
		t.Fatalf("%+v", a)
	}
	for i, c := range checkpoints {
		if (c.Rejections != nil) != (c.Shape != nil) {
			t.Errorf("checkpoint %d: %+v", i, c.Rejections)
		}
		if c.Shape == nil {
			continue
		}
		for _, test := range c.Shape.Tests {
			if !test.Adjusted.Defined() || test.Verdict == shape.NotTested || test.Adjusted < test.PValue {
				t.Errorf("%+v", test)
			}
		}
	}
	if Conclude(checkpoints[:1]) != nil {
		t.Error("something becomes of one checkpoint")
	}
}
