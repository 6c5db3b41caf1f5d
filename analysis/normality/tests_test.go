package normality

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func rng(label string, n int) *rand.Rand { return seed.New(11, label, uint64(n)) }

func TestLogNormCDF(t *testing.T) {
	// mpmath 1.3.0, 30 digits: log(ncdf(z)), and log1p(-ncdf(-z)) for z > 1
	cases := []struct{ z, want float64 }{
		{-1e5, -5000000012.4318639983},
		{-1e3, -500007.82669481218431},
		{-38.5, -745.69527029041108133},
		{-37, -689.0305855768905936},
		{-20, -203.91715537109726394},
		{-19.99, -203.71670771720840404},
		{-12.5, -81.575967870743883217},
		{-5, -15.064998393988725736},
		{-1, -1.8410216450092635058},
		{0, -0.69314718055994530942},
		{0.5, -0.36894641528865639307},
		{3, -0.0013508099647481937988},
		{8, -6.2209605742717860585e-16},
	}
	for _, c := range cases {
		if err := numtest.Close(logNormCDF(c.z), c.want, numtest.Tol{Rel: 1e-14}); err != nil {
			t.Errorf("z = %g: %v", c.z, err)
		}
	}
	for _, z := range []float64{-1e9, -1e100, -1e150, 1e3, 1e300} {
		if v := logNormCDF(z); math.IsInf(v, 0) || math.IsNaN(v) || v > 0 {
			t.Errorf("z = %g: %g", z, v)
		}
	}
}

// A million values put the largest possible z at 1000, where Phi has underflowed.
func TestAndersonDarlingBeyondUnderflow(t *testing.T) {
	x := make([]float64, 1_000_003)
	x[0] = 1
	x[1] = 1e-9
	ad := AndersonDarling(x)
	if !ad.Statistic.Defined() || !ad.LogP.Defined() || ad.PValue != 3.7e-24 || ad.Floor != 3.7e-24 {
		t.Errorf("%+v", ad)
	}
}

// A p-value falls as its statistic rises, stays in (0, 1], and the pieces of its fit nearly meet.
func TestTabulatedPValues(t *testing.T) {
	fits := map[string]struct {
		logP func(s float64) float64
		end  float64
	}{
		"anderson-darling": {andersonDarlingTable.logP, 12},
		"cramer-von-mises": {cramerVonMisesTable.logP, 1.3},
		"stephens D":       {func(d float64) float64 { return math.Log(stephensD(d)) }, 0.82},
	}
	for name, fit := range fits {
		last := 0.0
		for i := range 4000 {
			s := fit.end * float64(i) / 4000
			p := math.Exp(fit.logP(s))
			if !(p > 0 && p <= 1) {
				t.Errorf("%s: p(%g) = %g", name, s, p)
			}
			if i > 0 && (p > last+1e-3 || p < last-0.02) {
				t.Errorf("%s: p jumps from %g to %g at %g", name, last, p, s)
			}
			last = p
		}
	}
}

// Percentage points of Stephens' table 4.7, rounded to three decimals, which the fits reproduce to a few per cent.
func TestTabulatedAgainstPercentagePoints(t *testing.T) {
	for _, row := range []struct{ p, w2, a2 float64 }{
		{0.25, 0.074, 0.470}, {0.15, 0.091, 0.561}, {0.10, 0.104, 0.631}, {0.05, 0.126, 0.752}, {0.025, 0.148, 0.873}, {0.01, 0.179, 1.035},
	} {
		got := []float64{math.Exp(cramerVonMisesTable.logP(row.w2)), math.Exp(andersonDarlingTable.logP(row.a2))}
		if err := numtest.AllClose(got, []float64{row.p, row.p}, numtest.Tol{Rel: 0.05}); err != nil {
			t.Error(err)
		}
	}
}

// 500 values of Student t with 2 degrees of freedom are far from normal for every test but that of skewness, whose
// null is a symmetric law's too.
func TestPower(t *testing.T) {
	r := rng("power", 500)
	x := make([]float64, 500)
	for i := range x {
		x[i] = r.NormFloat64() / math.Sqrt(r.ExpFloat64())
	}
	for _, test := range Tests(x) {
		if test.Name != "dagostino-skewness" && test.PValue > 1e-6 {
			t.Errorf("%s: p = %g", test.Name, test.PValue)
		}
	}
}

func TestNamesAreThoseOfTheReport(t *testing.T) {
	want := []string{"jarque-bera", "dagostino-skewness", "dagostino-kurtosis", "dagostino-k2", "shapiro-wilk", "anderson-darling", "lilliefors", "cramer-von-mises"}
	for i, test := range Tests(sample(100)) {
		if test.Name != want[i] {
			t.Errorf("test %d is %q, want %q", i, test.Name, want[i])
		}
	}
}

func BenchmarkDescribe(b *testing.B) {
	x := sample(10000)
	for b.Loop() {
		Describe(x)
	}
}

func BenchmarkAndersonDarling(b *testing.B) {
	x := sample(10000)
	for b.Loop() {
		AndersonDarling(x)
	}
}
