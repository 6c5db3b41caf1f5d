package elementary

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// within reports whether got is want but for some units in the last place.
func within(got, want, units float64) bool {
	return got == want || math.IsNaN(got) && math.IsNaN(want) ||
		math.Abs(got-want) <= units*(math.Nextafter(math.Abs(want), math.Inf(1))-math.Abs(want))
}

// The functions are those of package math, which are right within a unit in the last place too.
func TestFunctionsAreThoseOfMath(t *testing.T) {
	r := seed.New(1, "elementary")
	arguments := []float64{0, math.Copysign(0, -1), 1, -1, 1e-300, 1e300, -1e300, -745, math.Inf(1), math.Inf(-1), math.NaN(), 1e-9, -1e-9, 1e-17}
	for range 20000 {
		arguments = append(arguments, 5*r.NormFloat64(), 300*r.NormFloat64(), math.Exp(100*r.NormFloat64()))
	}
	for _, x := range arguments {
		if got, want := Exp(x), math.Exp(x); !within(got, want, 2) {
			t.Errorf("exp(%v) = %v, not %v", x, got, want)
		}
		if got, want := Log(x), math.Log(x); !within(got, want, 2) {
			t.Errorf("log(%v) = %v, not %v", x, got, want)
		}
		if got, want := Log1p(x), math.Log1p(x); x >= 0 && !within(got, want, 3) {
			t.Errorf("log1p(%v) = %v, not %v", x, got, want)
		}
	}
	// Package math has +Inf and -709.1 for these on x86-64. The first is what mpmath prints, the second -1074 log 2.
	if got := Exp(709.7); !within(got, 1.6549840276802644e308, 1) {
		t.Errorf("exp(709.7) = %v", got)
	}
	if got := Log(5e-324); !within(got, -744.4400719213812, 1) {
		t.Errorf("log(5e-324) = %v", got)
	}
}

// The bits are these on every processor: sums over the bits of many values, made once on x86-64.
func TestBits(t *testing.T) {
	var sums [3]uint64
	for i := range 2000 {
		x := float64(i) / 64
		for k, y := range []float64{Exp(-x), Log(x + 0.5), Log1p(x)} {
			sums[k] = sums[k]*31 + math.Float64bits(y)
		}
	}
	if want := [3]uint64{0x63506322c3764eeb, 0x89f329d4f5e02fc9, 0x1c96b982c32979ca}; sums != want {
		t.Errorf("sums %#x, want %#x", sums, want)
	}
}
