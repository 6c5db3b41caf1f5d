package tail

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// With group means 1, 2, 1, 1 of 2, 2, 4 and 8 spacings, which are variances of twice as many degrees of freedom, Bartlett's formula in Python (with
// chi-squared of 3 degrees by erfc) gives 0.9287472640911746 and p = 0.8184854701644465.
func TestOneLaw(t *testing.T) {
	means := []float64{1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	y := make([]float64, 17)
	y[16] = 1
	for i := 15; i >= 0; i-- {
		y[i] = y[i+1] * math.Exp(means[i]/float64(i+1))
	}
	if p := oneLaw(y, 16); math.Abs(p-0.8184854701644465) > 1e-12 {
		t.Errorf("p = %v", p)
	}
}

// Of exact power laws 1% are uneven; 12 of 400 or more have a probability of 1e-3.
func TestOneLawOfParetoValues(t *testing.T) {
	uneven := 0
	for run := range 400 {
		r := rand.New(rand.NewPCG(uint64(run), 31))
		x := mapped(make([]float64, 500), func(float64) float64 { return math.Exp(r.ExpFloat64()) })
		if y := largest(x, Absolute, len(x)); oneLaw(y, 42) < unevenLevel {
			uneven++
		}
	}
	if uneven > 11 {
		t.Errorf("%d of 400", uneven)
	}
}

// A finite variance is called infinite in none of 40 samples of 2000 normal values of which 1% are 16 times as large; without the test of one law it is in 47%.
func TestFewValuesOfAnotherScale(t *testing.T) {
	uneven := 0
	for run := range 40 {
		r := rand.New(rand.NewPCG(uint64(run), 32))
		x := mapped(make([]float64, 2000), func(float64) float64 {
			if r.Float64() < 0.01 {
				return 16 * r.NormFloat64()
			}
			return r.NormFloat64()
		})
		i := IndexOf(x, Absolute)
		if i.Variance == Infinite {
			t.Errorf("run %d: %+v", run, i)
		}
		if strings.Contains(i.Reason, "do not follow one power law") {
			uneven++
		}
	}
	if uneven < 8 {
		t.Errorf("%d of 40 for that reason", uneven)
	}
}
