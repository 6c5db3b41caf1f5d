package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestHolm(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct{ p, want []float64 }{
		// R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.5, 0.9}, []float64{1, 1}},
		{[]float64{0.02, nan, 0.02}, []float64{0.04, nan, 0.04}},
		{[]float64{0.03}, []float64{0.03}},
		{nil, nil},
	} {
		if err := numtest.AllClose(Holm(c.p), c.want, numtest.Tol{Rel: 1e-14}); err != nil {
			t.Errorf("%v: %v", c.p, err)
		}
	}
}

// slowHolm is the procedure as published: in ascending order, reject while p is at most level / (number left), and stop.
func slowHolm(p []float64, level float64) []bool {
	rejected := make([]bool, len(p))
	for left := len(p); left > 0; left-- {
		least := -1
		for i := range p {
			if !rejected[i] && (least < 0 || p[i] < p[least]) {
				least = i
			}
		}
		if p[least] > level/float64(left) {
			break
		}
		rejected[least] = true
	}
	return rejected
}

// TestHolmIsTheProcedure: adjusted p-values reject what the procedure rejects, at every level, in whatever order.
func TestHolmIsTheProcedure(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		p := make([]float64, 1+rng.IntN(8))
		for i := range p {
			p[i] = math.Pow(rng.Float64(), 3)
		}
		before := slices.Clone(p)
		adjusted := Holm(p)
		level := rng.Float64()
		for i, want := range slowHolm(p, level) {
			if (adjusted[i] <= level) != want {
				t.Fatalf("%v at %g: adjusted %v", p, level, adjusted)
			}
		}
		if !slices.Equal(p, before) {
			t.Fatal("the p-values were modified")
		}
	}
}
