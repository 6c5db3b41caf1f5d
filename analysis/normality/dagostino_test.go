package normality

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// z of the kurtosis falls as the kurtosis does, down to -2, the least there is: half zeros and half ones. At n = 50 the cube root of a
// negative number made it +29.85.
func TestKurtosisZIsMonotone(t *testing.T) {
	for _, n := range []int{5, 8, 20, 50, 64, 1000, 100_000} {
		law := newKurtosisLaw(n)
		last := math.Inf(-1)
		for g2 := -2.0; g2 < 10; g2 += 0.01 {
			z := law.z(g2)
			if math.IsNaN(z) || math.IsInf(z, 0) || z < last {
				t.Fatalf("n = %d: z = %g at g2 = %.2f, %g just below", n, z, g2, last)
			}
			last = z
		}
	}
}

func TestKurtosisOfTwoClumps(t *testing.T) {
	for n, most := range map[int]float64{20: -7, 50: -10, 1000: -50} {
		x := slices.Concat(make([]float64, n/2), slices.Repeat([]float64{1}, n/2))
		kurtosis, omnibus := DAgostinoKurtosis(x), DAgostinoK2(x)
		if kurtosis.Statistic > estimate.Number(most) || !kurtosis.LogP.Defined() || !omnibus.LogP.Defined() {
			t.Errorf("n = %d: z = %g, want at most %g", n, float64(kurtosis.Statistic), most)
		}
		if end := kurtosis.Floor != 0 || kurtosis.PValue == 0; end != (n > 20) {
			t.Errorf("n = %d: p = %g, floor %g", n, float64(kurtosis.PValue), float64(kurtosis.Floor))
		}
	}
}

// The range that 95% of normal samples keep to is the inverse of z: it must not have moved.
func TestGaussianKurtosisInvertsZ(t *testing.T) {
	for _, n := range []int{5, 20, 1000} {
		law, ends := newKurtosisLaw(n), GaussianKurtosis(n)
		if math.Abs(law.z(ends.Lo)+1.959963984540054) > 1e-9 || math.Abs(law.z(ends.Hi)-1.959963984540054) > 1e-9 {
			t.Errorf("n = %d: z of %v is %g, %g", n, ends, law.z(ends.Lo), law.z(ends.Hi))
		}
	}
}
