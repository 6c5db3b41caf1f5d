package shape

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Settings say which training the gradients belong to.
type Settings struct {
	// Alpha is NaN for gradients of no particular training: what is about minibatches is then left out.
	Alpha float64
	// Batch is B, in samples.
	Batch int
	// Seed is the root of all random streams: halves of the units, Gaussian vectors for comparison, the draws of the Q-Q plot.
	Seed uint64
	// Resamples is the number of resampled draws per arm, 0 for [DefaultResamples]; it scales what else is simulated.
	Resamples int
}

// Result is the shape of the gradients of one checkpoint, and of the numbers that each unit has.
type Result struct {
	Shape     *Shape
	Summaries []Summary
	Normality []Normality
	Tails     []Tail
	Pursuit   *Pursuit
	// Leading has draws of minibatches' noise along the leading eigenvector, by arm.
	Leading []Sample
	Hill    HillPlot
}

// Of describes the gradients of recorded units, at least 2.
func Of(u *probe.Units, s Settings) Result {
	arms := s.arms(u)
	c := cumulantsOf(u)
	r := Result{Shape: c.shape(arms)}
	along, found := axes(u, s.Seed)
	r.Pursuit = found
	for _, a := range along {
		d, t := a.describe()
		r.Shape.Directions = append(r.Shape.Directions, d)
		if r.Shape.Withheld == "" {
			r.Shape.Tests = append(r.Shape.Tests, t)
		}
	}
	r.addUnits(u, s)
	if len(along) > 0 && along[0].name == enhancement.LeadingNoise {
		r.Leading = resample(along[0].units, arms, int(s.effort())/4, s.Seed, u.Step)
	}
	r.Hill = hillPlot(u.Norm())
	return r
}

// arms are the ways to draw minibatches that are compared; there are none without an alpha.
func (s Settings) arms(u *probe.Units) []enhancement.Minibatch {
	if math.IsNaN(s.Alpha) || s.Batch < 1 {
		return nil
	}
	return enhancement.Minibatches(s.Alpha, s.Batch, u.UnitSize)
}
