package estimate

import (
	"math"
	"testing"
)

// TestFieller evaluates the defining inequality on a grid of ratios.
func TestFieller(t *testing.T) {
	const s = 2
	for _, c := range []struct{ x, y, vx, vy, cxy float64 }{
		{10, 5, 1, 0.5, 0}, {10, 5, 1, 0.5, 0.6}, {10, 1, 1, 0.5, 0}, {10, -1, 1, 0.5, 0.1}, {10, 0, 1, 0.5, 0.3},
		{10, -5, 1, 0.5, 0}, {1, 5, 1, 0.5, 0}, {1, 0.5, 1, 0.5, 0}, {10, 5, 0, 0, 0}, {0, 5, 0, 0, 0},
	} {
		got := Fieller(c.x, c.y, c.vx, c.vy, c.cxy, s)
		if c.y > 0 && !got.Contains(c.x/c.y) {
			t.Errorf("%+v: %v does not hold the ratio", c, got)
		}
		for r := 0.0101; r < 1e4; r *= 1.05 {
			d := c.x - r*c.y
			in := d*d <= s*s*(c.vx-2*r*c.cxy+r*r*c.vy)
			// Where the set has only negative ratios nothing is known, and the interval is everything.
			if everything := got.Lo == 0 && math.IsInf(got.Hi, 1); in != got.Contains(r) && !everything {
				t.Fatalf("%+v: ratio %g: in the set %t, in %v %t", c, r, in, got, got.Contains(r))
			}
		}
	}
}
