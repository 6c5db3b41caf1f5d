package normality

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// The shortcut over power sums against leaving values out for real, also where one or two values are all of the sums.
func TestLeaveOneOut(t *testing.T) {
	cases := map[string][]float64{
		"plain":        sample(40),
		"one outlier":  append(sample(40), 1e9),
		"two outliers": append(sample(40), 1e9, -1e9),
	}
	for name, x := range cases {
		g1, g2 := leaveOneOut(centre(x).dev)
		for i := range x {
			rest := append(append([]float64{}, x[:i]...), x[i+1:]...)
			want1, want2 := shapeByDefinition(rest)
			if err := numtest.AllClose([]float64{g1[i], g2[i]}, []float64{want1, want2}, numtest.Tol{Rel: 1e-7, Abs: 1e-7}); err != nil {
				t.Errorf("%s without %d: %v", name, i, err)
			}
		}
	}
}

func TestIntervalHoldsItsEstimate(t *testing.T) {
	for n := minIntervalN; n < 200; n += 7 {
		m := Describe(sample(n))
		if !m.Skewness.CI.Contains(float64(m.Skewness.Biased)) || !m.ExcessKurtosis.CI.Contains(float64(m.ExcessKurtosis.Biased)) {
			t.Errorf("n = %d: %+v", n, m)
		}
	}
}

// Two clumps are near the least kurtosis there is, and the interval ends there.
func TestKurtosisIntervalEndsAtMinusTwo(t *testing.T) {
	k := Describe([]float64{0, 0.1, 1, 1.05, 0, 1, 0.02, 0.97}).ExcessKurtosis
	if k.CI.Lo != -2 || k.CI.Hi < float64(k.Biased) {
		t.Errorf("%+v", k)
	}
}

func TestIntervalsShrinkAsRootN(t *testing.T) {
	width := func(n int) float64 {
		r := populations[1] // uniform: light tails, so the width is not noisy
		x := make([]float64, n)
		g := rng("shrink", n)
		for i := range x {
			x[i] = r.draw(g)
		}
		ci := Describe(x).ExcessKurtosis.CI
		return ci.Hi - ci.Lo
	}
	// Hundredfold n: a tenth of the width. Standard error of the ratio is about 3% at n = 1000.
	if ratio := width(1000) / width(100000); ratio < 8.5 || ratio > 11.5 {
		t.Errorf("width falls by %.2f for 100 times the sample", ratio)
	}
}
