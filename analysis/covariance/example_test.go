package covariance_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/probe"
)

// gradients are n gradients of 300 parameters with standard deviations from 0.1 to 1, and one direction of standard deviation
// signal, (sin, cos) of angle in the plane of two directions that are spread over all parameters.
func gradients(rng *rand.Rand, n int, signal, angle float64) *probe.Gradients {
	const p = 300
	g := make([]float64, 0, n*p)
	for range n {
		score := signal * rng.NormFloat64() / math.Sqrt(p)
		for k := range p {
			first, second := 1.0, float64(1-2*(k%2))
			g = append(g, 0.1+math.Pow(10, -float64(k)/p)*rng.NormFloat64()+score*(math.Cos(angle)*first+math.Sin(angle)*second))
		}
	}
	return &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p, g)}}
}

// One eigenvalue is larger than those of independent parameters of different scales would be.
func ExampleAnalyse() {
	rng := rand.New(rand.NewPCG(1, 2))
	c := covariance.Analyse(gradients(rng, 128, 8, 0).Reduce(nil), 3)
	fmt.Printf("eigenvalues %.3g, edge of independent parameters %.3g: %d stands out\n", c.Eigenvalues, c.NullEdge, *c.Outstanding)
	for _, row := range c.ByN {
		fmt.Printf("n = %3d: participation %.2f, unbiased %.2f\n", row.N, row.EffectiveRankParticipation, row.EffectiveRankParticipationUnbiased)
	}
	fmt.Printf("for n to infinity: %.2f\n", c.Extrapolated["effective_rank_participation"].Value)
	// Output:
	// eigenvalues [77.6 2.16 2.05], edge of independent parameters 3.75: 1 stands out
	// n =  16: participation 3.03, unbiased 4.08
	// n =  32: participation 3.21, unbiased 3.66
	// n =  64: participation 3.33, unbiased 3.56
	// n = 128: participation 3.31, unbiased 3.42
	// for n to infinity: 3.29
}

// The leading direction turns by 60 degrees, which leaves an overlap of cos^2 = 0.25; the second direction is noise in either half.
func ExampleLeading_Overlap() {
	rng := rand.New(rand.NewPCG(3, 4))
	before, after := gradients(rng, 128, 20, 0), gradients(rng, 128, 20, math.Pi/3)
	u, v := before.Reduce(nil), after.Reduce(nil)
	o := covariance.Lead(v).Overlap(covariance.Lead(u), probe.CrossGram(before, after))
	for _, s := range o.Subspaces[:2] {
		fmt.Printf("k = %d: %.2f, sampling alone leaves %.2f\n", s.K, s.Halves, s.SplitHalf)
	}
	// Output:
	// k = 1: 0.25, sampling alone leaves 0.99
	// k = 2: 0.13, sampling alone leaves 0.50
}
