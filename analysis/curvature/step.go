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

// step is that of the gradients that m meets, with its intervals where there is a jackknife.
func (p stepper) step(m *meeting, s sums, j *jackknife) (step Step, ci map[string]estimate.Interval) {
	k, n, half := float64(m.K()), float64(m.u.N), p.LearningRate*p.LearningRate/2
	gain, cost := p.gainOf(s), p.costOf(s)
	step = Step{
		StepGain: estimate.Number(p.gain(m.met.MeanNormSq, estimate.Sum(m.met.MeanSq)/k)), StepGainUnbiased: estimate.Number(gain),
		StepCost: estimate.Number(half * p.plugin * estimate.Sum(m.met.Deviation) / (k * n)), StepCostUnbiased: estimate.Number(cost),
		CostOverGain: positiveRatio(cost, gain),
	}
	if j == nil || m.few("", m.met.MeanSq).Why != "" && !p.straight(s) {
		return step, nil
	}
	ratio := j.ratio(s, p.costOf, p.gainOf)
	step.StepVerdict = verdict(ratio)
	return step, map[string]estimate.Interval{KeyStepGain: j.around(gain, p.gainOf), KeyStepCost: j.positive(cost, p.costOf), KeyCostOverGain: ratio}
}

// breakEven is where the cost of a step of plain SGD equals its gain.
func (p stepper) breakEven(s sums) *BreakEven {
	raised := s.gradientCurvature() + float64(p.unbiased*s.noiseTrace())
	batch := positiveRatio(p.LearningRate*p.LearningRate/2*noise.Factor(p.Alpha)*p.size*s.noiseTrace(), p.gainOf(s))
	even := &BreakEven{LearningRate: positiveRatio(2*s.norm, raised), Batch: batch, Alpha: estimate.Undefined()}
	if f := noise.Factor(p.Alpha) * float64(p.Batch) / float64(batch); f >= 1 {
		even.Alpha = estimate.Number((1 + math.Sqrt(float64(2*f)-1)) / 2)
	}
	return even
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
