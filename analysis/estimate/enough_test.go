package estimate

import (
	"math"
	"testing"
)

func TestEnough(t *testing.T) {
	// counted by hand
	for x, want := range map[float64]int{0.2: 1, 7: 7, 7.1: 8, 99: 99, 100.5: 110, 602.4: 610, 1760: 1800, 2000: 2000,
		0: 0, -3: 0, math.Inf(1): 0, 1e18: 0} {
		if got := Enough(x); got != want {
			t.Errorf("%g: %d, want %d", x, got, want)
		}
	}
	if got := Enough(math.NaN()); got != 0 {
		t.Errorf("NaN: %d", got)
	}
}
