package report

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func named(t *testing.T, f figure.Figure, name string) figure.Series {
	t.Helper()
	for _, s := range f.Series {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("%s has no series %q", f.Name, name)
	return figure.Series{}
}

func TestBuildersDoNotModifyTheReport(t *testing.T) {
	r := sampleReport()
	before := string(written(t, r))
	sampleFigures(r, 1)
	if string(written(t, r)) != before {
		t.Error("the report was modified")
	}
	x := []float64{3, 1, 2}
	Shape(x, x, x)
	Hill("a", []int{1, 2, 3}, HillCurve{x, x, x}, HillCurve{x, x, x})
	Spectrum([]int{0}, [][]float64{x})
	if !slices.Equal(x, []float64{3, 1, 2}) {
		t.Errorf("the slice became %v", x)
	}
}

func TestEnhancementSeries(t *testing.T) {
	f := Enhancement(sampleReport())
	curve, direct := named(t, f, seriesPredicted), named(t, f, "direct")
	if !slices.Equal(direct.X, []float64{0.5, 1, 1.5, 2, 3}) {
		t.Errorf("direct points at %v: the naive row has another curve", direct.X)
	}
	if curve.Kind != figure.Reference || direct.Kind != figure.Points {
		t.Errorf("kinds %v, %v", curve.Kind, direct.Kind)
	}
	for i, alpha := range curve.X {
		// Eq. 10
		want := alpha*alpha + (1-alpha)*(1-alpha)
		if err := numtest.Close(curve.Y[i], want, numtest.Tol{Rel: 1e-14}); err != nil {
			t.Error(err)
		}
	}
	if direct.Lo[2] >= direct.Y[2] || direct.Hi[2] <= direct.Y[2] {
		t.Error("the interval does not hold the point")
	}
}

func TestKurtosisSeries(t *testing.T) {
	f := Kurtosis(sampleReport())
	m, p := named(t, f, "random 1"), named(t, f, "random 1, predicted")
	if !slices.Equal(m.X, []float64{1, 2, 3}) || !slices.Equal(p.X, m.X) || p.Kind != figure.Ticks {
		t.Errorf("arms at %v and %v, kind %v", m.X, p.X, p.Kind)
	}
	if p.Y[2] != 0.048 {
		t.Errorf("SGD at B_eff: %g", p.Y[2])
	}
}

func TestShapeKeepsTheExtremes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{1, 2, 199, 200, 201, 5000} {
		x := heavyDraws(rng, n, 0.3)
		s := named(t, Shape(nil, x, nil), arms()[1])
		if len(s.X) != min(n, 200) {
			t.Errorf("n = %d: %d points", n, len(s.X))
		}
		if s.Y[0] != slices.Min(x) || s.Y[len(s.Y)-1] != slices.Max(x) {
			t.Errorf("n = %d: the extremes are missing", n)
		}
		if !slices.IsSorted(s.X) || !slices.IsSorted(s.Y) || len(slices.Compact(slices.Clone(s.X))) != len(s.X) {
			t.Errorf("n = %d: points are out of order or repeated", n)
		}
	}
	// scipy.stats.norm.ppf([1/6, 1/2, 5/6])
	want := []float64{-0.967421566101701, 0, 0.967421566101701}
	if err := numtest.AllClose(named(t, Shape([]float64{1, 2, 3}, nil, nil), arms()[0]).X, want, numtest.Tol{Abs: 1e-13}); err != nil {
		t.Error(err)
	}
}

func TestHillIsTheReciprocal(t *testing.T) {
	f := Hill("gradient norm", []int{1, 2, 3}, HillCurve{[]float64{0.5, 0.25, -0.1}, []float64{0.25, -0.1, -0.3}, []float64{1, 0.5, 0.1}}, HillCurve{})
	s := named(t, f, "gradient norm")
	if len(f.Series) != 1 || s.Kind != figure.Band {
		t.Errorf("%d series, kind %v", len(f.Series), s.Kind)
	}
	got := append(append(slices.Clone(s.Y), s.Lo...), s.Hi...)
	// 1/gamma, 1/hi, 1/lo; undefined or unbounded where the divisor is not positive
	want := []float64{2, 4, math.NaN(), 1, 2, 10, 4, math.NaN(), math.NaN()}
	if err := numtest.AllClose(got, want, numtest.Tol{}); err != nil {
		t.Error(err)
	}
}

func TestSpectrumHasFirstAndLast(t *testing.T) {
	f := Spectrum([]int{0, 5, 9}, [][]float64{{3, 1, 0}, {2}, {4, 2, 1e-15}})
	want := []figure.Series{
		{Name: "step 0", Kind: figure.Line, X: []float64{1, 2}, Y: []float64{3, 1}},
		{Name: "step 9", Kind: figure.Line, X: []float64{1, 2}, Y: []float64{4, 2}},
	}
	if !reflect.DeepEqual(f.Series, want) {
		t.Errorf("got %+v", f.Series)
	}
	if one := Spectrum([]int{7}, [][]float64{{1}}); len(one.Series) != 1 {
		t.Errorf("one checkpoint gives %d series", len(one.Series))
	}
}

func TestArms(t *testing.T) {
	run := Run{Alpha: 1.5, Batch: 500}
	for _, c := range []struct {
		alpha float64
		batch int
		want  int
	}{{1.5, 500, 0}, {1, 500, 1}, {1, 200, 2}, {2, 500, -1}, {1.5, 200, -1}} {
		if got := armOf(run, 1, Normality{Alpha: &c.alpha, Batch: &c.batch}); got != c.want {
			t.Errorf("alpha %g, batch %d: arm %d, want %d", c.alpha, c.batch, got, c.want)
		}
	}
	one, batch := 1.0, 500
	if got := armOf(Run{Alpha: 1, Batch: 500}, 1, Normality{Alpha: &one, Batch: &batch}); got != 1 {
		t.Errorf("plain SGD: arm %d", got)
	}
	if armOf(run, 1, Normality{}) != -1 {
		t.Error("a sample without minibatches is an arm")
	}
}

// Resampled minibatches have whole ghost batches: 15 samples are 2 of 10, and B_eff = 22 is 2.9 of these, drawn as 3.
func TestArmsOfGhostBatches(t *testing.T) {
	for _, c := range []struct {
		run      Run
		alpha    float64
		batch    int
		evidence string
		want     int
	}{
		{Run{Alpha: 0.8, Batch: 15}, 0.8, 20, enhancement.Resampled, 0}, {Run{Alpha: 0.8, Batch: 15}, 1, 20, enhancement.Resampled, 1},
		{Run{Alpha: 0.8, Batch: 15}, 1, 30, enhancement.Resampled, 2}, {Run{Alpha: 0.8, Batch: 15}, 1, 15, enhancement.Direct, 1},
		{Run{Alpha: 1, Batch: 25}, 1, 30, enhancement.Resampled, 1}, {Run{Alpha: 0.8, Batch: 15}, 1, 20, enhancement.Direct, 2},
	} {
		if got := armOf(c.run, 10, Normality{Alpha: &c.alpha, Batch: &c.batch, Evidence: c.evidence}); got != c.want {
			t.Errorf("%+v: arm %d", c, got)
		}
	}
}
