package normality

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// scipy/stats/tests/test_morestats.py, TestShapiro; the second W there has seven digits, its p five.
func TestShapiroWilkGolden(t *testing.T) {
	check := func(x []float64, w, p float64, tolW, tolP numtest.Tol) {
		t.Helper()
		got := ShapiroWilk(x)
		if err := numtest.Close(float64(got.Statistic), w, tolW); err != nil {
			t.Errorf("W: %v", err)
		}
		if err := numtest.Close(float64(got.PValue), p, tolP); err != nil {
			t.Errorf("p: %v", err)
		}
	}
	check([]float64{0.11, 7.87, 4.61, 10.14, 7.95, 3.14, 0.46, 4.43, 0.21, 4.75, 0.71, 1.52, 3.24, 0.93, 0.42, 4.97, 9.53, 4.55, 0.47, 6.66},
		0.90047299861907959, 0.042089745402336121, numtest.Tol{Abs: 1e-6}, numtest.Tol{Abs: 1e-6})
	check([]float64{1.36, 1.14, 2.92, 2.55, 1.46, 1.06, 5.27, -1.11, 3.48, 1.10, 0.88, -0.51, 1.46, 0.52, 6.20, 1.69, 0.08, 3.67, 2.81, 3.49},
		0.9590270, 0.52460, numtest.Tol{Abs: 1e-6}, numtest.Tol{Abs: 1e-3})
}

// n = 3 by the definition a = (-1, 0, 1)/sqrt 2 and the arcsines.
func TestShapiroWilkOfThree(t *testing.T) {
	for _, x := range [][]float64{{1, 2, 4}, {0, 0.5, 1}, {-3, 7, 7.5}} {
		mean := (x[0] + x[1] + x[2]) / 3
		ss := math.Pow(x[0]-mean, 2) + math.Pow(x[1]-mean, 2) + math.Pow(x[2]-mean, 2)
		w := math.Pow(x[2]-x[0], 2) / 2 / ss
		p := 6 / math.Pi * (math.Asin(math.Sqrt(min(1, w))) - math.Asin(math.Sqrt(0.75)))
		got := ShapiroWilk(x)
		if err := numtest.AllClose([]float64{float64(got.Statistic), float64(got.PValue)}, []float64{w, p}, numtest.Tol{Abs: 1e-7}); err != nil {
			t.Errorf("%v: %v", x, err)
		}
	}
	if got := ShapiroWilk([]float64{1, 1, 2}); got.Statistic != 0.75 || got.PValue.Defined() || got.Reason == "" {
		t.Errorf("a tie: %+v", got)
	}
}

// W by its definition, (sum a x)^2 over the sum of squares, with the whole antisymmetric vector of weights.
func TestShapiroWilkAgainstDefinition(t *testing.T) {
	for _, n := range []int{4, 5, 6, 11, 12, 101, 5000} {
		z := centre(sample(n)).zScores()
		upper := shapiroWilkWeights(n)
		a := make([]float64, n)
		norm := 0.0
		for i, v := range upper {
			a[n-1-i], a[i] = v, -v
			norm += 2 * v * v
		}
		if err := numtest.Close(norm, 1, numtest.Tol{Abs: 1e-12}); err != nil {
			t.Errorf("n = %d: |a|^2: %v", n, err)
		}
		var dot, squares float64
		for i, v := range z {
			dot += a[i] * v
			squares += v * v
		}
		if err := numtest.Close(1-shapiroWilkRest(z, upper), dot*dot/squares/norm, numtest.Tol{Abs: 1e-12}); err != nil {
			t.Errorf("n = %d: %v", n, err)
		}
	}
}

// The sample that is least at odds with normality is its own weights: W is 1, not above it by rounding.
func TestShapiroWilkOfItsWeights(t *testing.T) {
	for n := 4; n < 60; n++ {
		x := make([]float64, n)
		for i, a := range shapiroWilkWeights(n) {
			x[i], x[n-1-i] = -a, a
		}
		if got := ShapiroWilk(x); !(got.Statistic > 1-1e-12 && got.Statistic <= 1) || !(got.PValue > 0.999) {
			t.Errorf("n = %d: %+v", n, got)
		}
	}
}

func TestReasonsNameTheSizes(t *testing.T) {
	for _, c := range []struct {
		test Test
		want string
	}{
		{ShapiroWilk(sample(5001)), "at most 5000 values, got 5001"},
		{ShapiroWilk(sample(2)), "at least 3 values, got 2"},
		{DAgostinoK2(sample(7)), "at least 8 values, got 7"},
		{Lilliefors(nil), "at least 5 values, got 0"},
		{JarqueBera([]float64{1, nan}), "not finite"},
		{AndersonDarling(make([]float64, 9)), "all values are equal"},
	} {
		if c.test.PValue.Defined() || c.test.Statistic.Defined() || !strings.Contains(c.test.Reason, c.want) {
			t.Errorf("%+v, want %q", c.test, c.want)
		}
	}
}
