package half

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// Every half-precision number against its definition (-1)^s 2^(e-15) (1 + f/1024), or 2^-14 f/1024 for e = 0.
func TestHalfAgainstDefinition(t *testing.T) {
	for bits := range 1 << 16 {
		s, e, f := bits>>15, bits>>10&31, float64(bits&1023)/1024
		want := math.Pow(2, float64(e)-15) * (1 + f)
		switch {
		case e == 0:
			want = math.Pow(2, -14) * f
		case e == 31 && f == 0:
			want = math.Inf(1)
		case e == 31:
			want = math.NaN()
		}
		want = math.Copysign(want, 0.5-float64(s))
		got := Value(uint16(bits))
		if err := numtest.Close(got, want, numtest.Tol{}); err != nil || e < 31 && math.Signbit(got) != (s == 1) {
			t.Fatalf("%#x: %v, want %v", bits, got, want)
		}
	}
}
