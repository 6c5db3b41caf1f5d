package curvature

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Settings say which training the gradients belong to. LearningRate is not positive, or Alpha NaN, where they belong to none.
type Settings struct {
	Alpha        float64
	Batch        int
	Pairing      noise.Pairing
	LearningRate float64
	// Frozen says that the units are samples of a network whose normalisation is frozen, unlike in training.
	Frozen bool
}

// reason says why nothing is known of a step of the training.
func (s Settings) reason(u *probe.Units) string {
	samples := u.Population * max(u.UnitSize, 1)
	switch {
	case !(s.LearningRate > 0) || math.IsNaN(s.Alpha):
		return "the gradients belong to no training with a learning rate"
	case s.Frozen:
		return "the gradients are those of samples with frozen normalisation, and training has ghost batches"
	case samples < 2 || noise.CheckBatch(s.Pairing, samples, s.Batch) != nil:
		return "the number of training samples is not known"
	}
	return ""
}

// stepper has the factor of Sigma_xi over Sigma (divisor n) and over its unbiased estimate.
type stepper struct {
	Settings
	plugin, unbiased float64
	size             float64 // samples in a unit
}

// newStepper takes Eq. 4: of m ghost batches a minibatch has B/size, and the factor is the same in samples if their covariance is taken times their size.
func newStepper(s Settings, u *probe.Units) stepper {
	size := max(u.UnitSize, 1)
	samples := u.Population * size
	factor := noise.CovarianceFactor(s.Pairing, samples, s.Batch, s.Alpha) * float64(size)
	n := float64(samples)
	return stepper{Settings: s, plugin: factor, unbiased: factor * (n - 1) / n, size: float64(size)}
}

func (p stepper) gain(norm, curvature float64) float64 {
	return float64(p.LearningRate*norm) - float64(p.LearningRate*p.LearningRate/2*curvature)
}

func (p stepper) gainOf(s sums) float64 { return p.gain(s.norm, s.gradientCurvature()) }

// straight reports whether the curvature along the gradient takes less than a tenth of what the step gains, so that its own interval does not matter.
func (p stepper) straight(s sums) bool {
	return math.Abs(p.LearningRate/2*s.gradientCurvature()) < 0.1*s.norm
}

func (p stepper) costOf(s sums) float64 {
	return p.LearningRate * p.LearningRate / 2 * p.unbiased * s.noiseTrace()
}

// step needs the plug-in tr(F Sigma) and gbar' F gbar of c.
func (p stepper) step(m *meeting, s sums, c *Curvature) Step {
	half := p.LearningRate * p.LearningRate / 2
	gain, cost := p.gainOf(s), p.costOf(s)
	step := Step{
		StepGain: estimate.Number(p.gain(m.u.MeanNormSq, float64(c.GradientCurvature))), StepGainUnbiased: estimate.Number(gain),
		StepCost: estimate.Number(half * p.plugin * float64(c.NoiseTrace)), StepCostUnbiased: estimate.Number(cost),
		CostOverGain: positiveRatio(cost, gain),
	}
	raised := s.gradientCurvature() + float64(p.unbiased*s.noiseTrace())
	batch := positiveRatio(half*noise.Factor(p.Alpha)*p.size*s.noiseTrace(), gain)
	step.BreakEven = &BreakEven{LearningRate: positiveRatio(2*s.norm, raised), Batch: batch, Alpha: estimate.Undefined()}
	if f := noise.Factor(p.Alpha) * float64(p.Batch) / float64(batch); f >= 1 {
		step.BreakEven.Alpha = estimate.Number((1 + math.Sqrt(float64(2*f)-1)) / 2)
	}
	return step
}

// positiveRatio is x/y, undefined unless both are positive.
func positiveRatio(x, y float64) estimate.Number {
	if !(x > 0 && y > 0) {
		return estimate.Undefined()
	}
	return estimate.Number(x / y)
}

func noStep() Step {
	u := estimate.Undefined()
	return Step{StepGain: u, StepGainUnbiased: u, StepCost: u, StepCostUnbiased: u, CostOverGain: u}
}
