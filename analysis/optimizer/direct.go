package optimizer

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// AddDirect adds the noise of the updates for real minibatches. The prediction is that of frozen moments, from which it differs since the
// gradient is part of the moments that divide it.
func (n *Noise) AddDirect(d *probe.Draws) {
	if d.Updates == nil {
		return
	}
	plain := d.Updates.SGD
	for _, arm := range []struct {
		arm    enhancement.Arm
		alpha  float64
		batch  int
		values []float64
	}{{enhancement.ArmNE, d.Alpha, d.Batch, d.Updates.NE}, {enhancement.ArmSGD, 1, d.Batch, plain}, {enhancement.ArmEffective, 1, d.Effective, d.Updates.Effective}} {
		if len(arm.values) == 0 || d.Alpha == 1 && arm.arm != enhancement.ArmSGD {
			continue
		}
		n.Updates = append(n.Updates, Update{
			Arm: arm.arm, Alpha: arm.alpha, Batch: arm.batch, Evidence: Direct, Trace: estimate.Number(estimate.Mean(arm.values)),
			Ratio: estimate.Number(estimate.Mean(arm.values) / estimate.Mean(plain)), CI: ratioInterval(arm.values, plain), Drift: estimate.Undefined(), MeanNormSq: estimate.Undefined(),
			Predicted: estimate.Number(noise.CovarianceFactor(d.Pairing, d.Population, arm.batch, arm.alpha) /
				noise.CovarianceFactor(d.Pairing, d.Population, d.Batch, 1)),
		})
	}
	own := enhancement.ArmNE
	if d.Alpha == 1 {
		own = enhancement.ArmSGD
	}
	if direct, settled := n.Row(Direct, own), n.Row(Stationary, own); direct != nil && settled != nil {
		n.Settled = direct.Trace / (settled.Trace * estimate.Number(n.rate*n.rate))
	}
}

// ratioInterval is that of mean(x)/mean(y), on the log scale, for values of the same draws; those of the arm at B_eff come from draws of
// their own, which the residuals allow for as well.
func ratioInterval(x, y []float64) estimate.Interval {
	if len(x) < 5 || len(x) != len(y) {
		return estimate.None()
	}
	mx, my, residual := estimate.Mean(x), estimate.Mean(y), make([]float64, len(x))
	for i := range residual {
		residual[i] = x[i]/mx - y[i]/my
	}
	if se := standardError(residual, 0); se > 0 && !math.IsInf(mx/my, 0) {
		return logInterval(mx/my, se, len(x))
	}
	return estimate.None()
}
