package estimate

import (
	"math"
	"testing"
)

func TestStudent(t *testing.T) {
	// With one and two degrees of freedom the quantile at 0.975 is tan(pi (0.975 - 1/2)) and 0.95 / sqrt(2 0.975 0.025).
	for df, want := range map[float64]float64{1: math.Tan(0.475 * math.Pi), 2: 0.95 / math.Sqrt(2*0.975*0.025)} {
		if got := Student(df); math.Abs(got-want) > 1e-8*want {
			t.Errorf("%v degrees of freedom: %v, want %v", df, got, want)
		}
	}
}

func TestAroundLog(t *testing.T) {
	if got := AroundLog(3, math.Log(2)); math.Abs(got.Lo-1.5) > 1e-15 || math.Abs(got.Hi-6) > 1e-14 {
		t.Errorf("%v", got)
	}
	for _, unknown := range []Interval{AroundLog(0, 1), AroundLog(-1, 1), AroundLog(math.NaN(), 1), AroundLog(1, math.NaN())} {
		if !math.IsNaN(unknown.Lo) || !math.IsNaN(unknown.Hi) {
			t.Errorf("%v", unknown)
		}
	}
}
