package optimizer

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
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
	plain, arms := e.at(s.plain(g.Meta)), s.arms(g.UnitSize)
	at := make([]settled, len(arms))
	for i, m := range arms {
		at[i] = e.at(s.factor(g.Meta, m.Alpha, m.Units))
	}
	intervals, withheld, err := e.intervals(g, o, at, plain)
	for i, m := range arms {
		n.Updates = append(n.Updates, Update{
			Arm: m.Arm, Alpha: m.Alpha, Batch: m.Batch, Evidence: Stationary, Trace: estimate.Number(o.LearningRate * o.LearningRate * at[i].trace),
			Ratio: estimate.Number(at[i].trace / plain.trace), Predicted: estimate.Number(at[i].factor / plain.factor), CI: intervals[i],
			Drift: estimate.Number(at[i].drift / plain.drift), MeanNormSq: estimate.Number(o.LearningRate * o.LearningRate * at[i].drift),
			Withheld: withheld.String(), Needs: withheld.Needs, Exact: e.exact,
		})
	}
	return err
}

const frozenUnits = "the units' normalisation is frozen, that of training is not"

// unsettled is why nothing is said of settled moments: what is left of mu^2 when its estimate is less its noise and not below 0 would bias them.
func (s Settings) unsettled(g *probe.Gradients, o *probe.Optimizer) string {
	switch {
	case s.Frozen:
		return frozenUnits
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
	exact    bool // known of all units that there are
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

// newEquilibrium takes mu and the variances from the optimizer's state, or from units that are all there are; variances that the state does not have
// are those of the units.
func newEquilibrium(g *probe.Gradients, o *probe.Optimizer) (equilibrium, error) {
	e := equilibrium{square: g.Mean(), epsilon: o.Epsilon, exact: o.Variance != nil || g.Units() == g.Population}
	divided := unbiased(g.Units())
	if o.Variance == nil {
		e.variance = g.Variance()
	} else {
		e.variance, divided = widened(o.Variance), 1
		if g.Population > 0 {
			divided = unbiased(g.Population)
		}
	}
	for p, mu := range e.square {
		if o.Gradient != nil {
			mu = float64(o.Gradient[p])
		}
		e.square[p] = mu * mu
		e.variance[p] *= divided
	}
	return e, g.Err()
}

func widened(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
