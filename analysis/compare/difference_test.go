package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// The extra hours of sleep of ten patients with two drugs, from Student's paper; R has them as sleep.
var (
	sleep1 = []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	sleep2 = []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
)

func TestPairedOfStudent(t *testing.T) {
	d := Paired(sleep1, sleep2, Linear)
	// R: t.test(sleep$extra[1:10], sleep$extra[11:20], paired = TRUE) gives t = -4.0621, df = 9, p-value = 0.002833, -2.4598858 -0.7001142.
	near(t, "value", float64(d.Value), -1.58, numtest.Tol{Rel: 1e-14})
	near(t, "t", d.value/d.se, -4.0621, numtest.Tol{Abs: 5e-5})
	near(t, "p", float64(d.PValue), 0.002833, numtest.Tol{Abs: 5e-7})
	near(t, "lo", d.CI.Lo, -2.4598858, numtest.Tol{Abs: 5e-8})
	near(t, "hi", d.CI.Hi, -0.7001142, numtest.Tol{Abs: 5e-8})
	if d.DF != 9 || d.N != 10 || d.Method != MethodPaired {
		t.Errorf("%+v", d)
	}
}

func TestWelchOfStudent(t *testing.T) {
	d := Welch(sleep1, sleep2, Linear)
	// R: t.test(extra ~ group, data = sleep) gives t = -1.8608, df = 17.776, p-value = 0.07939, -3.3654832 0.2054832.
	near(t, "t", d.value/d.se, -1.8608, numtest.Tol{Abs: 5e-5})
	near(t, "df", float64(d.DF), 17.776, numtest.Tol{Abs: 5e-4})
	near(t, "p", float64(d.PValue), 0.07939, numtest.Tol{Abs: 5e-6})
	near(t, "lo", d.CI.Lo, -3.3654832, numtest.Tol{Abs: 5e-8})
	near(t, "hi", d.CI.Hi, 0.2054832, numtest.Tol{Abs: 5e-8})
}

// slowWelch is written from the definition.
func slowWelch(a, b []float64) (t, df float64) {
	square := func(x []float64) (mean, v float64) {
		for _, xi := range x {
			mean += xi
		}
		mean /= float64(len(x))
		for _, xi := range x {
			v += math.Pow(xi-mean, 2) / float64(len(x)-1) / float64(len(x))
		}
		return mean, v
	}
	meanA, va := square(a)
	meanB, vb := square(b)
	return (meanA - meanB) / math.Sqrt(va+vb), math.Pow(va+vb, 2) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
}

// TestDifferenceLaws: a ratio does not depend on units, a difference does not on a shift; both change sign with the order; and the fast
// code agrees with the definitions.
func TestDifferenceLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	sample := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = math.Exp(1 + rng.NormFloat64())
		}
		return x
	}
	logs := func(x []float64, factor float64) []float64 {
		out := make([]float64, len(x))
		for i := range x {
			out[i] = math.Log(factor * x[i])
		}
		return out
	}
	for range 200 {
		a, b := sample(2+rng.IntN(5)), sample(2+rng.IntN(5))
		d, back := Welch(a, b, Log), Welch(b, a, Log)
		wantT, wantDF := slowWelch(logs(a, 1), logs(b, 1))
		near(t, "t", d.value/d.se, wantT, numtest.Tol{Rel: 1e-10, Abs: 1e-12})
		near(t, "df", float64(d.DF), wantDF, numtest.Tol{Rel: 1e-10})
		near(t, "p", float64(d.PValue), 2*distuv.StudentsT{Mu: 0, Sigma: 1, Nu: wantDF}.CDF(-math.Abs(wantT)), numtest.Tol{Rel: 1e-9})
		near(t, "reciprocal", float64(d.Value*back.Value), 1, numtest.Tol{Rel: 1e-12})
		near(t, "its interval", d.CI.Lo*back.CI.Hi, 1, numtest.Tol{Rel: 1e-10})
		// Differences of logarithms are those of the logarithms.
		near(t, "logarithm", math.Log(float64(d.Value)), float64(Welch(logs(a, 3), logs(b, 3), Linear).Value), numtest.Tol{Rel: 1e-10, Abs: 1e-12})
	}
}

// TestMeanDifference: the mean is the combination of the samples of differences with equal weights; the mean of one difference is that difference.
func TestMeanDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	var all []Difference
	var terms []term
	for _, n := range []int{3, 5, 2} {
		a, b, d := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			a[i], b[i] = math.Exp(rng.NormFloat64()), math.Exp(rng.NormFloat64())
			d[i] = math.Log(a[i] / b[i])
		}
		all, terms = append(all, Paired(a, b, Log)), append(terms, term{1.0 / 3, momentsOf(d)})
	}
	value, se, df := combine(terms)
	want, got := differenceOf(Log, value, se, df), MeanDifference(all)
	near(t, "value", float64(got.Value), float64(want.Value), numtest.Tol{Rel: 1e-12})
	near(t, "lo", got.CI.Lo, want.CI.Lo, numtest.Tol{Rel: 1e-12})
	near(t, "df", float64(got.DF), df, numtest.Tol{Rel: 1e-12})
	if got.N != 10 || got.NReference != 10 || got.Method != MethodCombination {
		t.Errorf("%+v", got)
	}
	none := Paired(nil, nil, Log)
	one := MeanDifference([]Difference{all[0], none})
	near(t, "of one", one.CI.Hi, all[0].CI.Hi, numtest.Tol{Rel: 1e-12})
	if d := MeanDifference([]Difference{all[0], Paired([]float64{1}, []float64{2}, Log)}); d.CI.Defined() || d.PValue.Defined() || !d.Value.Defined() {
		t.Errorf("with a pair of one seed: %+v", d)
	}
	if d := MeanDifference(nil); d.Value.Defined() || d.CI.Defined() {
		t.Errorf("of none: %+v", d)
	}
}

func TestDifferenceOfFew(t *testing.T) {
	for name, d := range map[string]Difference{
		"one pair":                         Paired([]float64{1}, []float64{2}, Linear),
		"equal differences":                Paired([]float64{1, 2}, []float64{2, 3}, Linear),
		"no pair":                          Paired(nil, nil, Log),
		"one value":                        Welch([]float64{1}, []float64{2, 3}, Linear),
		"no spread":                        Welch([]float64{1, 1}, []float64{2, 2}, Linear),
		"nothing positive":                 Welch([]float64{-1, -1}, []float64{2, 3}, Log),
		"a pair of which one is undefined": Paired([]float64{1, math.NaN()}, []float64{2, 3}, Linear),
	} {
		if d.PValue.Defined() || d.CI.Defined() {
			t.Errorf("%s: %+v", name, d)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("slices of unlike lengths passed")
		}
	}()
	Paired([]float64{1}, nil, Linear)
}

// TestFalseAlarms: without a difference each test rejects at 5%: rates of 4000 samples outside 5 -+ 1.4% have a probability of 5e-5. Welch's
// test is not exact and rejects too rarely with few values: down to 3% with three on either side.
func TestFalseAlarms(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, c := range []struct {
		name   string
		n, m   int
		test   func(a, b []float64, scale Scale) Difference
		lo, hi float64
	}{
		{"paired", 3, 3, Paired, 0.036, 0.064},
		{"paired", 5, 5, Paired, 0.036, 0.064},
		{"Welch", 3, 3, Welch, 0.02, 0.064},
		{"Welch", 5, 4, Welch, 0.03, 0.064},
	} {
		alarms := 0
		for range 4000 {
			a, b := make([]float64, c.n), make([]float64, c.m)
			for i := range a {
				a[i] = math.Exp(0.1 * rng.NormFloat64())
			}
			for i := range b {
				b[i] = math.Exp(0.2 * rng.NormFloat64())
			}
			if c.test(a, b, Log).PValue <= Level {
				alarms++
			}
		}
		if rate := float64(alarms) / 4000; rate < c.lo || rate > c.hi {
			t.Errorf("%s, %d and %d values: a rate of %.4f", c.name, c.n, c.m, rate)
		}
	}
}
