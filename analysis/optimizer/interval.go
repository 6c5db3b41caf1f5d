package optimizer

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// intervals are those of the arms' traces over that of plain SGD, or withheld says why there are none. What is known of all units that there are has no error.
//
// Intervals are for noise that all parameters have in most units. Few units know little of parameters that few of them reach: their variances are mostly too small
// and seldom much too large, beside a gradient that is known, so that the ratio is biased up. The bias of half of the units exceeds that of all, which the mean of
// the logarithms from two halves shows with little error of its own: by the influence of each unit it is that of all.
func (e equilibrium) intervals(g *probe.Gradients, o *probe.Optimizer, arms []settled, plain settled) (all []estimate.Interval, withheld estimate.Reason, err error) {
	none := make([]estimate.Interval, len(arms))
	for i := range none {
		none[i] = estimate.None()
	}
	if e.exact {
		return none, withheld, nil
	}
	weights := [][]float64{e.metric(plain.factor)}
	for _, a := range arms {
		weights = append(weights, e.influence(a, plain))
	}
	sums, err := g.WeightedSquares(weights...)
	if err != nil {
		return none, withheld, err
	}
	if withheld = fewCarry(sums[0], g.Population); withheld.Why != "" {
		return none, withheld, nil
	}
	halves, err := inHalves(g, o, arms, plain)
	if err != nil {
		return none, withheld, err
	}
	all = slices.Clone(none)
	for i, a := range arms {
		if a.factor == plain.factor {
			continue
		}
		ratio, se := a.trace/plain.trace, standardError(sums[i+1], g.Population)
		if math.Abs(math.Log(halves[i]/ratio)) > se/2 {
			return none, estimate.Reason{
				Why: fmt.Sprintf("it is %.3g by halves of the units and %.3g by all %d, since few units know the noise of parameters that few of them reach",
					halves[i], ratio, g.Units()),
				Remedy: "the variances of all, s.NAME in the optimizer's state, would do",
			}, nil
		}
		all[i] = logInterval(ratio, se, g.Units())
	}
	return all, withheld, nil
}

// inHalves are geometric means of the ratios from every second unit and from the others.
func inHalves(g *probe.Gradients, o *probe.Optimizer, arms []settled, plain settled) ([]float64, error) {
	ratios := make([]float64, len(arms))
	for i := range ratios {
		ratios[i] = 1
	}
	even, odd := g.Halves()
	for _, half := range []*probe.Gradients{even, odd} {
		e, err := newEquilibrium(half, o)
		if err != nil {
			return nil, err
		}
		for i, a := range arms {
			ratios[i] *= math.Sqrt(e.at(a.factor).trace / e.at(plain.factor).trace)
		}
	}
	return ratios, nil
}

// metric is D^2.
func (e equilibrium) metric(factor float64) []float64 {
	squares := make([]float64, len(e.variance))
	for p := range squares {
		if d := e.scale(p, factor); !math.IsInf(d, 1) {
			squares[p] = d * d
		}
	}
	return squares
}

// influence are weights of the squared deviations of a unit, by which it moves log(arm.trace / plain.trace) (the infinitesimal jackknife).
func (e equilibrium) influence(arm, plain settled) []float64 {
	weights := make([]float64, len(e.variance))
	for p := range weights {
		weights[p] = e.slope(p, arm.factor)/arm.trace - e.slope(p, plain.factor)/plain.trace
	}
	return weights
}

// slope is the derivative of factor s / (sqrt(mu^2 + factor s) + eps)^2 with respect to s.
func (e equilibrium) slope(p int, factor float64) float64 {
	noise := float64(factor * e.variance[p])
	root := math.Sqrt(e.square[p] + noise)
	if root == 0 {
		return 0
	}
	d := 1 / (root + e.epsilon)
	return factor * d * d * (1 - float64(noise*d/root))
}

// logInterval is a 95% interval of a positive estimate, given the standard error of its logarithm from n units.
func logInterval(x, se float64, n int) estimate.Interval {
	if n < 5 {
		return estimate.None()
	}
	return estimate.AroundLog(x, se*estimate.Student(float64(n-1)))
}
