package optimizer

import (
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// NameSGD is the name of SGD, of which the metric has nothing to say.
const NameSGD = "sgd"

// AboutSGD is why it has no metric, and nothing that has to be measured.
func AboutSGD(momentum float64) string {
	if momentum != 0 {
		return "sgd with momentum adds up gradients with constant weights: the noise of its updates is multiplied by f as that of the gradient is"
	}
	return "sgd multiplies every gradient by the learning rate alone: the noise of its updates is that of the gradient"
}

// SGD is about SGD at a learning rate eta, b = momentum b + g, w -= eta b, whose updates are gradients times constants: their noise is multiplied by f as that of the gradient
// is, exactly, whatever the evidence. c has tr Sigma and |gbar|^2 of the recorded units, of which u has the population.
//
// Without b the next update has the covariance eta^2 Cov g ([Frozen]). In the long run and at fixed weights a gradient comes to eta / (1 - momentum) times itself, so that one
// step adds eta^2 / (1 - momentum)^2 Cov g to the covariance of the weights ([Stationary]); a single update then has 1 / (1 - momentum^2) times eta^2 Cov g.
func SGD(u *probe.Units, c *covariance.Covariance, rate, momentum float64, s Settings) *Noise {
	none := estimate.Undefined()
	n := &Noise{Name: NameSGD, Step: u.Step, Units: u.N, Trace: none, GradientNormSq: none, NoiseScale: none, EffectiveRankParticipation: none,
		UpdateTraceOneSample: estimate.Number(rate*rate) * c.TraceUnbiased, Settled: none, CI: map[string]estimate.Interval{},
		Undefined: AboutSGD(momentum)}
	n.addMultiples(u, c, Frozen, rate, s)
	if s.Frozen {
		n.Unsettled = frozenUnits
		return n
	}
	n.addMultiples(u, c, Stationary, rate/(1-momentum), s)
	return n
}

// addMultiples has the rows of updates that are gradients times a constant.
func (n *Noise) addMultiples(u *probe.Units, c *covariance.Covariance, evidence string, constant float64, s Settings) {
	plain, square := s.plain(u.Meta), constant*constant
	norm := estimate.Undefined()
	if v := float64(c.GradientNormSqUnbiased); evidence == Stationary && v > 0 {
		norm = estimate.Number(square * v)
	}
	for _, m := range s.arms(u.UnitSize) {
		factor := s.factor(u.Meta, m.Alpha, m.Units)
		n.Updates = append(n.Updates, Update{
			Arm: m.Arm, Alpha: m.Alpha, Batch: m.Batch, Evidence: evidence, Trace: estimate.Number(square*factor) * c.TraceUnbiased,
			Ratio: estimate.Number(factor / plain), Predicted: estimate.Number(factor / plain), CI: estimate.None(), Drift: 1, MeanNormSq: norm,
		})
	}
}
