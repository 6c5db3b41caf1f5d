package compare

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
)

// number is one of a checkpoint, with its interval.
type number struct {
	value float64
	ci    estimate.Interval
}

var undefined = number{math.NaN(), estimate.None()}

// checkpointQuantities are those of the recorded gradients at the checkpoint that at returns, which may be nil.
func checkpointQuantities(at func(*Run) *report.Checkpoint) []Quantity {
	of := func(key, label, evidence string, scale Scale, get func(*Run, *report.Checkpoint) number) Quantity {
		read := func(r *Run) number {
			if c := at(r); c != nil {
				return get(r, c)
			}
			return undefined
		}
		return Quantity{Key: key, Label: label, Evidence: evidence, Scale: scale,
			value:  func(r *Run) float64 { return read(r).value },
			within: func(r *Run) estimate.Interval { return read(r).ci }}
	}
	return []Quantity{
		of("trace_units", "tr Sigma, units", Units, Log, unitsTrace),
		of("noise_scale", "noise scale", Units, Log, noiseScale),
		of("kurtosis_loss", "g2 of losses", Units, Linear, unitKurtosis(shape.Loss)),
		of("kurtosis_gradient_norm", "g2 of norms", Units, Linear, unitKurtosis(shape.GradientNorm)),
		of("kurtosis_noise", "g2 of NE noise", Units, Linear, noiseKurtosis),
		of("gamma", "gamma", Units, Linear, gamma),
		of("curvature", "tr F", Units, Log, curvatureTrace),
		of("anisotropy", "anisotropy", Units, Log, anisotropy),
		of("update_noise", "update noise", Direct, Log, updateNoise),
		of("drift", "drift of updates", Units, Log, drift),
	}
}

func gamma(_ *Run, c *report.Checkpoint) number {
	if c.Shape == nil || c.Shape.Conclusion == nil {
		return undefined
	}
	return number{float64(c.Shape.Conclusion.Gamma), c.Shape.Conclusion.CI}
}

func curvatureTrace(_ *Run, c *report.Checkpoint) number {
	if c.Curvature == nil {
		return undefined
	}
	return number{float64(c.Curvature.Trace), c.Curvature.Interval(curvature.KeyTrace)}
}

func anisotropy(_ *Run, c *report.Checkpoint) number {
	if c.Curvature == nil {
		return undefined
	}
	return number{float64(c.Curvature.AnisotropyUnbiased), c.Curvature.Interval(curvature.KeyAnisotropy)}
}

// updateNoise is that of the run's own updates over real minibatches.
func updateNoise(r *Run, c *report.Checkpoint) number {
	u := ownUpdate(r, c, optimizer.Direct)
	if u == nil {
		return undefined
	}
	return number{float64(u.Trace), estimate.None()}
}

// drift is the squared length of the run's own mean update once the moments have settled; reports of earlier versions do not have it.
func drift(r *Run, c *report.Checkpoint) number {
	u := ownUpdate(r, c, optimizer.Stationary)
	if u == nil || !(u.MeanNormSq > 0) {
		return undefined
	}
	return number{float64(u.MeanNormSq), estimate.None()}
}

func ownUpdate(r *Run, c *report.Checkpoint, evidence string) *optimizer.Update {
	own := enhancement.ArmNE
	if r.Alpha() == 1 {
		own = enhancement.ArmSGD
	}
	if c.Optimizer == nil {
		return nil
	}
	return c.Optimizer.Row(evidence, own)
}

func unitsTrace(_ *Run, c *report.Checkpoint) number {
	if c.Covariance == nil {
		return undefined
	}
	return number{float64(c.Covariance.TraceUnbiased), c.Covariance.Interval(covariance.KeyTraceUnbiased)}
}

func noiseScale(_ *Run, c *report.Checkpoint) number {
	if c.Covariance == nil {
		return undefined
	}
	return number{float64(c.Covariance.NoiseScale), c.Covariance.Interval(covariance.KeyNoiseScale)}
}

// unitKurtosis is g2 of one number for each recorded unit.
func unitKurtosis(of string) func(*Run, *report.Checkpoint) number {
	return func(_ *Run, c *report.Checkpoint) number {
		for _, row := range c.Normality {
			if row.Of == of && row.Axis == shape.AxisUnits {
				return number{float64(row.ExcessKurtosisG2), row.CI}
			}
		}
		return undefined
	}
}

// noiseKurtosis is the excess kurtosis of the run's own minibatch noise along the first eigenvector of Sigma: in closed form sum w^4 / (f^2 m) times
// that of single units, with m units in a minibatch and w the weights of the minibatches of a step; of NE s_4 / (f^2 m).
func noiseKurtosis(r *Run, c *report.Checkpoint) number {
	if c.Shape == nil {
		return undefined
	}
	for _, d := range c.Shape.Directions {
		if d.Of == enhancement.LeadingNoise {
			units := float64(enhancement.WholeUnits(r.Batch(), c.UnitSize))
			w := r.Report.Run.MinibatchWeights()
			share := noise.CumulantFactor(w, 4) / math.Pow(noise.CumulantFactor(w, 2), 2) / units
			return number{share * float64(d.ExcessKurtosisG2), d.CI.Times(share)}
		}
	}
	return undefined
}
