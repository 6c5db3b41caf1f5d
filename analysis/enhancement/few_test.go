package enhancement

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// One of 1000 samples carries the noise: minibatches of 15 mostly lack it, and never both have it in 64 pairs, so that rho comes out at about
// -B/N = -0.015, where it is 0, with an interval that knows nothing of that.
func TestNoIntervalWhereFewDrawsCarryTheNoise(t *testing.T) {
	s := Scalars{Evidence: Direct, Pairing: noise.Independent, Batch: 15, Population: 1000}
	b, prime := make([]int, s.Batch), make([]int, s.Batch)
	noiseOf := func(index []int) float64 {
		x := -1.0 / 1000
		for _, i := range index {
			if i == 0 {
				x += 1.0 / 15
			}
		}
		return x
	}
	for k := range 64 {
		noise.Draw(seed.New(4, "few", uint64(k)), s.Pairing, s.Population, b, prime)
		x, y := noiseOf(b), noiseOf(prime)
		s.NormSq, s.PrimeNormSq, s.Cross = append(s.NormSq, x*x), append(s.PrimeNormSq, y*y), append(s.Cross, x*y)
	}
	c := MeasureCorrelation(s)
	if math.Abs(float64(c.Measured)+0.015) > 0.005 {
		t.Errorf("rho = %v", c.Measured)
	}
	if !strings.HasPrefix(c.Withheld, "few draws carry the noise") || c.CI.Defined() || c.PValue.Defined() {
		t.Errorf("%+v", c)
	}
	for _, f := range Factors(s, []float64{1, 1.5}) {
		if measured := f.Alpha != 1; f.CI.Defined() || (f.Withheld != "") != measured || f.Equivalence.Equivalent && measured {
			t.Errorf("%+v", f)
		}
	}
	for _, e := range EffectiveBatches(s, []float64{1.5}) {
		if e.Withheld == "" || e.CI.Defined() || e.PValue.Defined() || e.Verdict != Undecided {
			t.Errorf("%+v", e)
		}
	}
	s.Evidence = Resampled
	if s.few() != "" {
		t.Error("resampled draws are as many as one likes")
	}
}

// By hand: 2 * 2.5 * (10,000 - 500)/(10,000 - 1000) = 5.2778.
func TestAgainstEqualCost(t *testing.T) {
	for want, got := range map[float64]float64{
		5.277777777777778: AgainstEqualCost(noise.Independent, 10_000, 500, 2, 1.5),
		5:                 AgainstEqualCost(noise.Independent, 0, 500, 2, 1.5),
	} {
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if !math.IsNaN(AgainstEqualCost(noise.Independent, 1000, 500, 2, 1.5)) {
		t.Error("all samples have no noise")
	}
}
