package report

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
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
	Shape([]shape.Sample{{Arm: enhancement.ArmNE, Values: x}})
	Hill(shape.HillPlot{K: []int{1, 2, 3}, Sample: shape.HillCurve{Gamma: x, Lo: x, Hi: x}, Surrogate: shape.HillCurve{Gamma: x, Lo: x, Hi: x}})
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
	units, direct := named(t, f, "from recorded gradients"), named(t, f, "over real minibatches")
	if !slices.Equal(units.X, []float64{1, 2, 3}) || !slices.Equal(direct.X, units.X) || units.Kind != figure.Points {
		t.Errorf("arms at %v and %v, kind %v", units.X, direct.X, units.Kind)
	}
	if direct.Y[2] != 0.12 || units.Y[2] != 0.007*7.61*3 {
		t.Errorf("SGD at B_eff: %g, %g", units.Y[2], direct.Y[2])
	}
}

func TestShapeKeepsTheExtremes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{1, 2, 199, 200, 201, 5000} {
		x := heavyDraws(rng, n, 0.3)
		s := named(t, Shape([]shape.Sample{{Arm: enhancement.ArmSGD, Values: x}}), "SGD at B")
		if n <= 200 && len(s.X) != n || len(s.X) > 200 {
			t.Errorf("n = %d: %d points", n, len(s.X))
		}
		// 200 points over the quantiles from -3.7 to 3.7 are 0.04 apart, and values beside each other further only where they are the outermost.
		for i := 1; n > 200 && i < len(s.X); i++ {
			if math.Abs(s.X[i]) < 2.5 && s.X[i]-s.X[i-1] > 0.1 && n > 1000 {
				t.Errorf("n = %d: a hole between %g and %g", n, s.X[i-1], s.X[i])
			}
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
	if err := numtest.AllClose(named(t, Shape([]shape.Sample{{Arm: enhancement.ArmNE, Values: []float64{1, 2, 3}}}), "NE at B").X, want, numtest.Tol{Abs: 1e-13}); err != nil {
		t.Error(err)
	}
}

func TestHillIsTheReciprocal(t *testing.T) {
	f := Hill(shape.HillPlot{K: []int{1, 2, 3}, Sample: shape.HillCurve{Gamma: []float64{0.5, 0.25, -0.1}, Lo: []float64{0.25, -0.1, -0.3}, Hi: []float64{1, 0.5, 0.1}}})
	s := named(t, f, "gradient norm")
	if len(f.Series) != 1 || s.Kind != figure.Band {
		t.Errorf("%d series, kind %v", len(f.Series), s.Kind)
	}
	got := append(append(slices.Clone(s.Y), s.Lo...), s.Hi...)
	// 1/gamma, 1/hi, 1/lo; undefined or unbounded where the divisor is not positive
	want := []float64{2, 4, math.NaN(), 1, 2, 10, 4, math.Inf(1), math.Inf(1)}
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
