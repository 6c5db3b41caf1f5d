package optimizer_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// sparse are n of N = 20000 gradients of p parameters, each of which one unit in 400 reaches with its own sign, as of the pixels of a set of images that are seldom
// other than 0, with the state that has mean and variance of all; and f_u for alpha = 2 and minibatches of 4, from the definition:
//
//	sum f s / (mu^2 + f s)  /  sum s / (mu^2 + s),      s = variance / 4
func sparse(n, p int) (*probe.Gradients, *probe.Optimizer, float64) {
	const population = 20000
	rng, o := rand.New(rand.NewPCG(1, 2)), stateOf(p, 0, 0)
	rows, top, bottom := make([]float64, n*p), 0.0, 0.0
	o.Variance = make([]float32, p)
	for j := range p {
		column, mean, square := make([]float64, population), 0.0, 0.0
		for i := range column {
			if rng.IntN(400) == 0 {
				column[i] = 1 + rng.ExpFloat64()
			}
			mean += column[i] / population
			square += column[i] * column[i] / population
		}
		for i := range n {
			rows[i*p+j] = column[i]
		}
		o.Gradient[j], o.Variance[j] = float32(mean), float32(square-mean*mean)
		s := (square - mean*mean) / 4
		top, bottom = top+5*s/(mean*mean+5*s), bottom+s/(mean*mean+s)
	}
	g := &probe.Gradients{Meta: probe.Meta{Population: population}, Layers: []probe.Layer{probe.NewDense("layer", n, p, rows)}}
	return g, o, top / bottom
}

// TestSparseParameters: of parameters that few units reach 100 units know too little. With the variances of all the ratio is exact, and without them the
// bias shows in halves of the units: the interval, which would not cover, is withheld.
func TestSparseParameters(t *testing.T) {
	g, o, want := sparse(100, 300)
	exact := row(t, analyse(t, g, o, 2), optimizer.Stationary, enhancement.ArmNE)
	if err := numtest.Close(float64(exact.Ratio), want, numtest.Tol{Rel: 1e-6}); err != nil || !exact.Exact || exact.CI.Defined() || exact.Withheld != "" {
		t.Errorf("of all variances: %v: %+v", err, exact)
	}
	o.Variance = nil
	few := row(t, analyse(t, g, o, 2), optimizer.Stationary, enhancement.ArmNE)
	if few.CI.Defined() || few.Exact || !strings.Contains(few.Withheld, "halves of the units") {
		t.Errorf("of 100 units: %+v, and it is %.3f", few, want)
	}
}

// TestWithholdLeavesWhatIsExact: recorded units that are unlike the population say nothing of what does not rest on them.
func TestWithholdLeavesWhatIsExact(t *testing.T) {
	n := &optimizer.Noise{Updates: []optimizer.Update{
		{Evidence: optimizer.Stationary, Exact: true, CI: estimate.None()}, {Evidence: optimizer.Stationary, CI: estimate.Interval{Lo: 1, Hi: 2}},
	}}
	n.Withhold(estimate.Reason{Why: "unlike"})
	if n.Updates[0].Withheld != "" || n.Updates[1].Withheld != "unlike" || n.Updates[1].CI.Defined() || math.IsInf(n.Updates[1].CI.Lo, -1) {
		t.Errorf("%+v", n.Updates)
	}
}
