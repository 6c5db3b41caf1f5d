package optimizer

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat/distuv"
)

// addStationary adds what the updates would be once v has settled at these weights, for the three arms: with v_p = mu_p^2 + s_p, s_p the variance
// of the gradient of the arm's step,
//
//	trace = eta^2 sum_p s_p / (sqrt(mu_p^2 + s_p) + eps)^2
//
// which is what one update adds to the covariance of the weights, summed over the lags at which the updates are correlated through m.
func (n *Noise) addStationary(g *probe.Gradients, o *probe.Optimizer, s Settings) error {
	if n.Unsettled = s.unsettled(g, o); n.Unsettled != "" {
		return nil
	}
	e, err := newEquilibrium(g, o)
	if err != nil {
		return err
	}
	plain := e.at(s.plain(g))
	arms := s.arms(g.UnitSize)
	at, weights, place := make([]settled, len(arms)), [][]float64{e.metric(plain.factor)}, make([]int, len(arms))
	for i, m := range arms {
		at[i] = e.at(s.factor(g, m.Alpha, m.Units))
		if m.Arm != enhancement.ArmSGD {
			place[i], weights = len(weights), append(weights, e.influence(at[i], plain))
		}
	}
	sums, err := g.WeightedSquares(weights...)
	if err != nil {
		return err
	}
	withheld := fewCarry(sums[0], g.Population)
	for i, m := range arms {
		arm := at[i]
		u := Update{
			Arm: m.Arm, Alpha: m.Alpha, Batch: m.Batch, Evidence: Stationary, Trace: estimate.Number(o.LearningRate * o.LearningRate * arm.trace),
			Ratio: estimate.Number(arm.trace / plain.trace), Predicted: estimate.Number(arm.factor / plain.factor), CI: estimate.None(),
			Drift: estimate.Number(arm.drift / plain.drift), Withheld: withheld.String(), Needs: withheld.Needs,
		}
		if withheld.Why == "" && place[i] > 0 {
			u.CI = logInterval(float64(u.Ratio), standardError(sums[place[i]], g.Population), g.Units())
		}
		n.Updates = append(n.Updates, u)
	}
	return nil
}

// unsettled is why nothing is said of settled moments: what is left of mu^2 when its estimate is less its noise and not below 0 would bias them.
func (s Settings) unsettled(g *probe.Gradients, o *probe.Optimizer) string {
	switch {
	case s.Frozen:
		return "the units' normalisation is frozen, that of training is not"
	case o.Gradient == nil && g.Units() != g.Population:
		return "the gradient over the whole training set is not known at this checkpoint"
	}
	return ""
}

// equilibrium is what v settles to.
type equilibrium struct {
	variance []float64 // of single units, divisor n-1
	square   []float64 // mu^2
	epsilon  float64
}

// settled are the sums over parameters at one size of the noise.
type settled struct {
	factor       float64
	trace, drift float64
}

// at sums up the noise of a gradient whose variance is factor times that of single units.
func (e equilibrium) at(factor float64) settled {
	t := settled{factor: factor}
	for p, v := range e.variance {
		if d := e.scale(p, factor); !math.IsInf(d, 1) {
			t.trace += float64(factor * v * d * d)
			t.drift += float64(e.square[p] * d * d)
		}
	}
	return t
}

// scale is D_p; it is infinite for a parameter that has neither a gradient nor noise if eps is 0.
func (e equilibrium) scale(p int, factor float64) float64 {
	return 1 / (math.Sqrt(e.square[p]+float64(factor*e.variance[p])) + e.epsilon)
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
	if !(x > 0) || math.IsNaN(se) || n < 5 {
		return estimate.None()
	}
	h := se * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.5+estimate.Level/2)
	return estimate.Interval{Lo: x * math.Exp(-h), Hi: x * math.Exp(h)}
}

// newEquilibrium takes mu from the optimizer's state, or from units that are all there are.
func newEquilibrium(g *probe.Gradients, o *probe.Optimizer) (equilibrium, error) {
	e := equilibrium{variance: g.Variance(), square: g.Mean(), epsilon: o.Epsilon}
	for p, mu := range e.square {
		if o.Gradient != nil {
			mu = float64(o.Gradient[p])
		}
		e.square[p] = mu * mu
		e.variance[p] *= unbiased(g.Units())
	}
	return e, g.Err()
}
