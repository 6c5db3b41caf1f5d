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
	e, err := newEquilibrium(g, o)
	if err != nil {
		return err
	}
	plain := e.at(s.factor(g, 1, s.Batch))
	for _, m := range enhancement.Minibatches(s.Alpha, s.Batch, g.UnitSize) {
		arm := e.at(s.factor(g, m.Alpha, m.Units))
		u := Update{
			Arm: m.Arm, Alpha: m.Alpha, Batch: m.Batch, Evidence: Stationary, Trace: estimate.Number(o.LearningRate * o.LearningRate * arm.trace),
			Ratio: estimate.Number(arm.trace / plain.trace), Predicted: estimate.Number(arm.factor / plain.factor), CI: estimate.None(),
			Drift: estimate.Number(arm.drift / plain.drift),
		}
		if n.Withheld == "" && m.Arm != enhancement.ArmSGD {
			influence, err := e.influence(g, arm, plain)
			if err != nil {
				return err
			}
			u.CI = logInterval(float64(u.Ratio), standardError(influence, g.Population), len(influence))
		}
		n.Updates = append(n.Updates, u)
	}
	return nil
}

// equilibrium is what v settles to.
type equilibrium struct {
	variance []float64 // of single units, divisor n-1
	gradient []float64 // gbar
	square   []float64 // mu^2
	exact    bool      // mu is known, and not estimated from the units
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

// influence is that of every unit on log(arm.trace / plain.trace) (the infinitesimal jackknife): the derivatives with respect to the variances
// times the unit's squared deviations, and where the gradient is estimated, with respect to it times its deviations.
func (e equilibrium) influence(g *probe.Gradients, arm, plain settled) ([]float64, error) {
	byVariance, byMean := make([]float64, len(e.variance)), make([]float32, len(e.variance))
	for p := range byVariance {
		s1, m1 := e.slopes(p, arm.factor)
		s0, m0 := e.slopes(p, plain.factor)
		byVariance[p] = s1/arm.trace - s0/plain.trace
		if !e.exact && e.square[p] > 0 {
			byMean[p] = float32((m1/arm.trace - m0/plain.trace) * 2 * e.gradient[p])
		}
	}
	influence, err := g.WeightedSquares(byVariance)
	if err != nil || e.exact {
		return influence, err
	}
	for i, v := range g.Project(byMean) {
		influence[i] += v
	}
	return influence, g.Err()
}

// slopes are the derivatives of factor s / (sqrt(mu^2 + factor s) + eps)^2 with respect to s and to mu^2.
func (e equilibrium) slopes(p int, factor float64) (bySpread, bySquare float64) {
	root := math.Sqrt(e.square[p] + float64(factor*e.variance[p]))
	if root == 0 {
		return 0, 0
	}
	d := 1 / (root + e.epsilon)
	bySquare = -factor * e.variance[p] * d * d * d / root
	return float64(factor*d*d) + float64(factor*bySquare), bySquare
}

// logInterval is a 95% interval of a positive estimate, given the standard error of its logarithm from n units.
func logInterval(x, se float64, n int) estimate.Interval {
	if !(x > 0) || math.IsNaN(se) || n < 5 {
		return estimate.None()
	}
	h := se * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.5+estimate.Level/2)
	return estimate.Interval{Lo: x * math.Exp(-h), Hi: x * math.Exp(h)}
}

// newEquilibrium takes mu from the full gradient where the optimizer's state has it, and else gbar^2 less its own noise, never below 0.
func newEquilibrium(g *probe.Gradients, o *probe.Optimizer) (equilibrium, error) {
	e := equilibrium{variance: g.Variance(), gradient: g.Mean(), epsilon: o.Epsilon, exact: o.Gradient != nil}
	e.square = make([]float64, len(e.gradient))
	n, rest := float64(g.Units()), 1.0
	if g.Population > 0 {
		rest -= n / float64(g.Population)
	}
	for p := range e.square {
		e.variance[p] *= unbiased(g.Units())
		if e.exact {
			e.square[p] = float64(o.Gradient[p]) * float64(o.Gradient[p])
		} else {
			e.square[p] = max(0, float64(e.gradient[p]*e.gradient[p])-rest*e.variance[p]/n)
		}
	}
	return e, g.Err()
}
