package enhancement

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
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
	if s.few().Why != "" {
		t.Error("resampled draws are as many as one likes")
	}
}

// The norms of all samples decide by themselves: by hand, the 1280 samples of 64 minibatches of 20 count as 1280 * 18/1000 = 23.04 where 1000 count as 18, and
// it takes 64 * 30/23.04 = 83.3 draws for 30 (the next number with two digits is 84).
func TestNoIntervalWhereFewSamplesCarryTheNoise(t *testing.T) {
	s := Scalars{Evidence: Direct, Pairing: noise.Independent, Batch: 20, Population: 1000, all: &covariance.Population{Samples: 1000, EffectiveUnits: 18}}
	for k := range 64 {
		s.NormSq, s.PrimeNormSq, s.Cross = append(s.NormSq, float64(k+1)), append(s.PrimeNormSq, float64(64-k)), append(s.Cross, float64(k%3))
	}
	want := "few samples carry the noise (those of 64 minibatches of 20 count as 23.0 of equal length, and 30 are needed); 84 draws would do"
	if c := MeasureCorrelation(s); c.Withheld != want || c.Needs.Draws != 84 || c.CI.Defined() || c.PValue.Defined() {
		t.Errorf("%+v", c)
	}
	if f := Naive(s, 1.5); f.Withheld != want || f.Needs.Draws != 84 || f.CI.Defined() || !f.Measured.Defined() {
		t.Errorf("%+v", f)
	}
	s.Batch = 27
	if c := MeasureCorrelation(s); c.Withheld != "" || !c.CI.Defined() {
		t.Errorf("%+v", c)
	}
	// Of 64 * 18 * 0.027^2 = 0.84 samples in both minibatches of a pair the draws may have none: 1 / sqrt(64 * 18).
	known := s.unseen()
	s.Pairing = noise.Disjoint
	if disjoint := s.unseen(); math.Abs(known-0.029462782549439483) > 1e-15 || disjoint != 0 {
		t.Errorf("%v, disjoint %v", known, disjoint)
	}
	s.Pairing, s.Batch = noise.Independent, 200 // 46 in both
	if s.unseen() != 0 {
		t.Error("so many are seen")
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
