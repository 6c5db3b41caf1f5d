package normality

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/montanaflynn/stats"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

var nan, inf = math.NaN(), math.Inf(1)

// sample returns n draws of a skewed, heavy-tailed law.
func sample(n int) []float64 {
	r := seed.New(3, "sample", uint64(n))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.ExpFloat64() * r.NormFloat64()
	}
	return x
}

func affine(x []float64, scale, shift float64) []float64 {
	y := slices.Clone(x)
	for i := range y {
		y[i] = scale*y[i] + shift
	}
	return y
}

// shapeByDefinition is g1 and g2 as written.
func shapeByDefinition(x []float64) (g1, g2 float64) {
	n, mean := float64(len(x)), 0.0
	for _, v := range x {
		mean += v / n
	}
	var m2, m3, m4 float64
	for _, v := range x {
		m2 += math.Pow(v-mean, 2) / n
		m3 += math.Pow(v-mean, 3) / n
		m4 += math.Pow(v-mean, 4) / n
	}
	return m3 / math.Pow(m2, 1.5), m4/(m2*m2) - 3
}

func TestShapeAgainstDefinition(t *testing.T) {
	for _, n := range []int{2, 3, 4, 7, 100, 1000} {
		x := sample(n)
		g1, g2 := shapeByDefinition(x)
		m := Describe(x)
		for _, pair := range [][2]float64{{float64(m.Skewness.Biased), g1}, {float64(m.ExcessKurtosis.Biased), g2}} {
			if err := numtest.Close(pair[0], pair[1], numtest.Tol{Rel: 1e-11, Abs: 1e-11}); err != nil {
				t.Errorf("n = %d: %v", n, err)
			}
		}
	}
}

// Every number but mean and variance is free of location and scale, up to the ends of float64.
func TestLocationAndScale(t *testing.T) {
	x := sample(200)
	base := Describe(x)
	for _, scale := range []float64{math.Ldexp(1, -1000), 1e-160, 1, -1, 3, 1e160, math.Ldexp(1, 1015)} {
		m := Describe(affine(x, scale, 0))
		sign := estimate.Number(math.Copysign(1, scale))
		if err := closeMoments(m, base, sign); err != nil {
			t.Errorf("scale %g: %v", scale, err)
		}
		for i, test := range Tests(affine(x, math.Abs(scale), 0)) {
			if err := numtest.Close(float64(test.LogP), float64(Tests(x)[i].LogP), numtest.Tol{Rel: 1e-9}); err != nil {
				t.Errorf("scale %g: %s: %v", scale, test.Name, err)
			}
		}
	}
	if err := closeMoments(Describe(affine(x, math.Ldexp(1, -20), 1)), base, 1); err == nil {
		t.Error("rounding to 2^-32 of the spread left no trace: the comparison is blind")
	}
	coarse := make([]float64, len(x))
	for i, v := range x {
		coarse[i] = math.Round(v*1024) / 1024
	}
	far, near := Describe(affine(coarse, 1, 1<<42)), Describe(coarse)
	if err := closeMoments(far, near, 1); err != nil {
		t.Errorf("exact shift by 2^42: %v", err)
	}
	if err := numtest.Close(float64(far.Variance), float64(near.Variance), numtest.Tol{Rel: 1e-12}); err != nil {
		t.Errorf("exact shift by 2^42: variance: %v", err)
	}
}

func closeMoments(got, want Moments, sign estimate.Number) error {
	return numtest.AllClose(
		[]float64{float64(got.Skewness.Biased * sign), float64(got.ExcessKurtosis.Biased), got.ExcessKurtosis.CI.Lo, got.ExcessKurtosis.CI.Hi},
		[]float64{float64(want.Skewness.Biased), float64(want.ExcessKurtosis.Biased), want.ExcessKurtosis.CI.Lo, want.ExcessKurtosis.CI.Hi},
		numtest.Tol{Rel: 1e-12, Abs: 1e-12})
}

func TestVarianceOutsideFloat64IsUndefined(t *testing.T) {
	for _, scale := range []float64{1e200, 1e-200} {
		m := Describe(affine(sample(50), scale, 0))
		if m.Variance.Defined() || !m.Mean.Defined() || len(m.Warnings) == 0 {
			t.Errorf("%g: mean %v, variance %v, %q", scale, m.Mean, m.Variance, m.Warnings)
		}
	}
}

func TestCeilingIsReached(t *testing.T) {
	for _, n := range []int{8, 64, 1000} {
		x := make([]float64, n)
		x[n/2] = 1
		k := Describe(x).ExcessKurtosis
		if err := numtest.Close(float64(k.Biased), float64(k.Ceiling), numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("n = %d: %v", n, err)
		}
	}
	// By hand: 64 - 5 + 1/63.
	if c := Describe(make([]float64, 64)).ExcessKurtosis.Ceiling; math.Abs(float64(c)-59.015873) > 1e-6 {
		t.Errorf("ceiling of 64 is %v", c)
	}
}

func TestDamagedAndTinySamples(t *testing.T) {
	cases := map[string]struct {
		x       []float64
		warning string
	}{
		"empty":      {nil, "the sample is empty"},
		"one":        {[]float64{3}, "one value: a variance needs at least 2"},
		"two":        {[]float64{3, 4}, "G1 needs at least 3 values, G2 at least 4 and intervals 8, got 2"},
		"equal":      {[]float64{0.1, 0.1, 0.1}, "all values are equal: the shape is undefined"},
		"NaN":        {[]float64{1, nan, 2}, "the sample has values that are not finite"},
		"infinite":   {[]float64{1, -inf, 2}, "the sample has values that are not finite"},
		"extremes":   {[]float64{math.MaxFloat64, -math.MaxFloat64}, "G1 needs at least 3 values, G2 at least 4 and intervals 8, got 2"},
		"denormal":   {[]float64{5e-324, 0, 5e-324}, "G1 needs at least 3 values, G2 at least 4 and intervals 8, got 3"},
		"one spike":  {[]float64{0, 1e-9, 2e-9, 3e-9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "excess kurtosis 11.1 is near the ceiling 11.1"},
		"two points": {[]float64{1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, "no intervals from fewer than 5 different values"},
		"five":       {[]float64{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}, ""},
	}
	for name, c := range cases {
		m := Describe(c.x)
		if got := strings.Join(m.Warnings, "; "); !strings.HasPrefix(got, c.warning) || (got == "") != (c.warning == "") {
			t.Errorf("%s: warning %q, want %q", name, got, c.warning)
		}
		for _, v := range []any{m, Tests(c.x), Summarise(c.x)} {
			if data, err := json.Marshal(v); err != nil {
				t.Errorf("%s: %s, %v", name, data, err)
			}
		}
	}
	if m := Describe([]float64{0.1, 0.1, 0.1}); m.Mean != 0.1 || m.Variance != 0 || m.Skewness.CI.Defined() {
		t.Errorf("equal values: %+v", m)
	}
}

func TestInputsAreNotModified(t *testing.T) {
	x := sample(100)
	before := slices.Clone(x)
	Describe(x)
	Tests(x)
	Summarise(x)
	if !slices.Equal(x, before) {
		t.Error("the sample was modified")
	}
}

func TestMomentsJSON(t *testing.T) {
	data, err := json.Marshal(Describe([]float64{0, 0, 0, 1}))
	// By hand: mean 1/4, sum of squares 3/4; m2 = 3/16, m3 = 3/32, m4 = 21/256; G1 = g1 sqrt(12)/2, G2 = 3(5 g2 + 6)/2.
	want := `{"n":4,"mean":0.25,"variance":0.25,"skewness":{"g1":1.1547005383792515,"G1":1.9999999999999998,"ci":null},` +
		`"excess_kurtosis":{"g2":-0.6666666666666665,"G2":4.000000000000001,"ci":null,"ceiling":-0.6666666666666667},` +
		`"warnings":["no intervals for fewer than 8 values, got 4"]}`
	if err != nil || string(data) != want {
		t.Errorf("got  %s, %v\nwant %s", data, err, want)
	}
	var back Moments
	if err := json.Unmarshal(data, &back); err != nil || back.Skewness.Adjusted != 1.9999999999999998 {
		t.Errorf("read back as %+v, %v", back, err)
	}
}

// One convention per statistic: that library's words mean g2, g1 and divisor n.
func TestConventionsOfMontanaflynnStats(t *testing.T) {
	x := sample(50)
	m := Describe(x)
	kurtosis, _ := stats.Kurtosis(x)
	skewness, _ := stats.Skewness(x)
	variance, _ := stats.Variance(x)
	tol := numtest.Tol{Rel: 1e-12}
	if err := numtest.Close(kurtosis, float64(m.ExcessKurtosis.Biased), tol); err != nil {
		t.Errorf("Kurtosis is not g2: %v", err)
	}
	if err := numtest.Close(skewness, float64(m.Skewness.Biased), tol); err != nil {
		t.Errorf("Skewness is not g1: %v", err)
	}
	if err := numtest.Close(variance*50/49, float64(m.Variance), tol); err != nil {
		t.Errorf("Variance does not divide by n: %v", err)
	}
}
