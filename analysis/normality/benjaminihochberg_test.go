package normality

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "BH") is 0.05 five times; the second by hand: 4*0.001, 4*0.3/2, 4*0.4/3, 0.9.
func TestBenjaminiHochberg(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{[]float64{0.01, 0.02, 0.03, 0.04, 0.05}, []float64{0.05, 0.05, 0.05, 0.05, 0.05}},
		{[]float64{0.9, 0.001, 0.4, 0.3}, []float64{0.9, 0.004, 1.6 / 3, 1.6 / 3}},
		{[]float64{0.5, nan, 0.02}, []float64{0.5, nan, 0.04}},
		{[]float64{1, 1}, []float64{1, 1}},
		{nil, []float64{}},
	} {
		log := make([]float64, len(c.p))
		for i, p := range c.p {
			log[i] = math.Log(p)
		}
		before := slices.Clone(log)
		got := BenjaminiHochberg(log)
		for i := range got {
			got[i] = math.Exp(got[i])
		}
		if err := numtest.AllClose(got, c.want, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("%v: %v", c.p, err)
		}
		if !slices.EqualFunc(log, before, func(a, b float64) bool { return a == b || a != a && b != b }) {
			t.Error("the input was modified")
		}
	}
	// p = exp(-2000) is no float64, its logarithm is: times 2.
	if got := BenjaminiHochberg([]float64{-2000, -1})[0]; got != -2000+math.Ln2 {
		t.Errorf("got %g", got)
	}
}

// R: binom.test(5, 100)$conf.int is 0.01643187 0.11283491; with no hit of 20 the end is 1 - 0.025^(1/20).
func TestRejectionRate(t *testing.T) {
	logP := make([]float64, 100)
	for i := range 5 {
		logP[i] = -40
	}
	r := RejectionRate(append(logP, nan), 0.05)
	if err := numtest.AllClose([]float64{float64(r.Rate), r.CI.Lo, r.CI.Hi}, []float64{0.05, 0.01643187, 0.11283491}, numtest.Tol{Abs: 1e-8}); err != nil || r.N != 100 {
		t.Errorf("%+v: %v", r, err)
	}
	r = RejectionRate(make([]float64, 20), 0.05)
	if err := numtest.Close(r.CI.Hi, 1-math.Pow(0.025, 1./20), numtest.Tol{Rel: 1e-9}); err != nil || r.CI.Lo != 0 {
		t.Errorf("%+v: %v", r, err)
	}
	if r := RejectionRate(nil, 0.05); r.Rate.Defined() || r.CI.Defined() {
		t.Errorf("%+v", r)
	}
}
