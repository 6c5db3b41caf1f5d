package covariance

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// What a [Size] is computed from.
const (
	FromAllSamples    = "all-samples"
	FromRecordedUnits = "recorded-units"
)

// Size is the answer to how large the noise is at a checkpoint: from the gradients of all training samples where their norms are known, which
// leaves no sampling error, and else from those of the recorded units.
type Size struct {
	From string `json:"from"`
	// Samples counts the samples, or units, that it is computed from.
	Samples int               `json:"samples"`
	Trace   estimate.Number   `json:"trace"`
	TraceCI estimate.Interval `json:"trace_ci"`
	// GradientNormSq is |grad L|^2, without bias; NoiseScale is Trace over that, in samples.
	GradientNormSq estimate.Number   `json:"gradient_norm_sq"`
	NoiseScale     estimate.Number   `json:"noise_scale"`
	NoiseScaleCI   estimate.Interval `json:"noise_scale_ci"`
	// Unseen is the share of the population below which a kind of sample may be missing among the recorded ones, see [Unseen]; 0 where none can be.
	Unseen float64 `json:"unseen_share,omitempty"`
	// Withheld says why there are no intervals, though there is a sampling error.
	Withheld string         `json:"withheld,omitempty"`
	Needs    estimate.Needs `json:"needs,omitzero"`
	// Undefined says why there is no noise scale.
	Undefined      string         `json:"undefined,omitempty"`
	UndefinedNeeds estimate.Needs `json:"undefined_needs,omitzero"`
}

// Exact reports whether there is no sampling error.
func (s *Size) Exact() bool { return s.From == FromAllSamples }

// SizeOf chooses between the recorded units, whose covariance is c, and all samples; p is nil where their norms are not known, and u where nothing
// is recorded. It is nil where there is neither.
func SizeOf(u *probe.Units, c *Covariance, p *Population) *Size {
	if p != nil && p.Trace.Defined() {
		s := &Size{
			From: FromAllSamples, Samples: p.Samples, Trace: p.Trace, TraceCI: estimate.None(), GradientNormSq: p.GradientNormSq,
			NoiseScale: p.NoiseScale, NoiseScaleCI: estimate.None(),
		}
		if !s.NoiseScale.Defined() {
			s.Undefined = "the mean gradient is 0"
		}
		return s
	}
	if u == nil {
		return nil
	}
	s := &Size{
		From: FromRecordedUnits, Samples: u.N, Trace: c.TraceUnbiased, TraceCI: c.Interval(KeyTraceUnbiased), GradientNormSq: c.GradientNormSqUnbiased,
		NoiseScale: c.NoiseScale, NoiseScaleCI: c.Interval(KeyNoiseScale), Withheld: c.Withheld, Needs: c.Needs,
		Unseen: Unseen(u.N, u.Population),
	}
	if !s.NoiseScale.Defined() && s.GradientNormSq.Defined() {
		why := c.noGradient(u)
		s.Undefined, s.UndefinedNeeds = why.String(), why.Needs
	}
	return s
}

// noGradient says why the noise scale is undefined, and how many units might do. A gradient of 0 has an estimate of its squared length with the
// standard error tr Sigma sqrt(2/participation) / n; two of them have to be below the largest squared length that is possible.
func (c *Covariance) noGradient(u *probe.Units) estimate.Reason {
	why := estimate.Reason{Why: fmt.Sprintf("the mean gradient is not told apart from 0 (unbiased estimate of |grad L|^2: %.3g)", float64(c.GradientNormSqUnbiased))}
	most := c.Interval(KeyGradientNormSq).Hi
	needed := estimate.Enough(2 * float64(c.TraceUnbiased) * math.Sqrt(2/float64(c.EffectiveRankParticipationUnbiased)) / most)
	switch {
	case needed == 0: // there is no interval: withheld
	case u.Population > 0 && needed >= u.Population:
		why.Remedy, why.Needs.Units = fmt.Sprintf("all %d units would do", u.Population), u.Population
	default:
		why.Remedy = fmt.Sprintf("that takes more than %d units", max(needed, u.N))
	}
	return why
}
