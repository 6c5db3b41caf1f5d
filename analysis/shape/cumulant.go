package shape

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// cumulants are the units' fourth cumulant, and the same without each unit in turn.
type cumulants struct {
	all     noise.NormMoments
	without []noise.NormMoments
	// population is N, 0 where it is unknown; correction is 1 - n/N, or 1.
	population int
	correction float64
	// fourthUnits is (sum d^2)^2 / sum d^4 of the squared lengths d, the effective number of units of the fourth moment.
	fourthUnits float64
	// withheld says why there are no intervals, or is empty.
	withheld estimate.Reason
}

func cumulantsOf(u *probe.Units) cumulants {
	c := cumulants{all: covariance.NormMoments(u), without: covariance.NormMomentsWithout(u), correction: 1, withheld: covariance.Withheld(u)}
	squares, fourths := 0.0, 0.0
	for i := range u.N {
		d := u.Centred[i*u.N+i]
		squares, fourths = squares+float64(d*d), fourths+float64(d*d*d*d)
	}
	c.fourthUnits = squares * squares / fourths
	if u.Population >= u.N {
		c.population, c.correction = u.Population, 1-float64(u.N)/float64(u.Population)
	}
	return c
}

func gamma(m noise.NormMoments) float64 {
	n := float64(m.N)
	trace := m.Trace * n / (n - 1)
	return m.Polykays().K4 / (trace * trace)
}

func normExcess(m noise.NormMoments) float64 {
	k := m.Polykays()
	if !(k.TraceOfSquare > 0) {
		return math.NaN()
	}
	return k.K4 / (2 * k.TraceOfSquare)
}

// unitExcess is the excess of |x|^2 of one unit drawn from the population, of which minibatches with replacement have a share: kappa / (2 tr Sigma^2)
// of its N units, divisor N. Where N is unknown or large it is normExcess.
func (c cumulants) unitExcess(m noise.NormMoments) float64 {
	if c.population == 0 {
		return normExcess(m)
	}
	k, size := m.Polykays(), float64(c.population)
	gaussian := 2 * k.TraceOfSquareAt(c.population) * math.Pow((size-1)/size, 2)
	if !(gaussian > 0) {
		return math.NaN()
	}
	return k.NormVariance(noise.Replacement, c.population, 1, 1)/gaussian - 1
}

// standardError is that of the delete-one jackknife, in a finite population times sqrt(1 - n/N).
func (c cumulants) standardError(of func(noise.NormMoments) float64) float64 {
	n, mean, squares := float64(len(c.without)), 0.0, 0.0
	values := make([]float64, len(c.without))
	for i, m := range c.without {
		values[i] = of(m)
		mean += values[i] / n
	}
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	return math.Sqrt((n - 1) / n * squares * c.correction)
}

func (c cumulants) degrees() float64 { return float64(len(c.without) - 1) }

func (c cumulants) interval(of func(noise.NormMoments) float64) estimate.Interval {
	return estimate.Around(of(c.all), c.standardError(of)*estimate.Student(c.degrees()))
}

// shape has everything that rests on the units' lengths and scalar products.
func (c cumulants) shape(arms []enhancement.Minibatch) *Shape {
	none := estimate.None()
	s := &Shape{
		Kappa: estimate.Number(c.all.Kappa()), KappaUnbiased: estimate.Number(c.all.Polykays().K4), Gamma: estimate.Number(gamma(c.all)),
		NormExcessUnit: estimate.Number(normExcess(c.all)), NormExcessUnitPlugin: estimate.Number(noise.NormExcess(c.all.Kappa(), c.all.TraceSquare, 1, 1)),
		EffectiveUnits: estimate.Number(covariance.EffectiveUnits(c.all)), CI: Intervals{none, none}, Withheld: c.withheld.String(), Needs: c.withheld.Needs,
		NoDirect: "no minibatches were drawn",
	}
	unit, ofUnit := c.unitExcess(c.all), none
	if s.Withheld == "" {
		s.CI = Intervals{c.bounded(c.interval(gamma)), c.bounded(c.excessInterval(normExcess))}
		ofUnit = c.bounded(c.excessInterval(c.unitExcess))
		s.Tests = append(s.Tests, c.test())
	}
	for _, a := range arms {
		share := noise.NormExcess(1, 0.5, a.Units, a.Alpha) // of that of one unit
		s.Rows = append(s.Rows, Row{
			Arm: a.Arm, Alpha: a.Alpha, Batch: a.Batch, Evidence: Exact,
			NormExcess: estimate.Number(noise.NormExcess(c.all.Kappa(), c.all.TraceSquare, a.Units, a.Alpha)), CI: none,
			Unbiased: estimate.Number(share * unit), UnbiasedCI: estimate.Interval{Lo: share * ofUnit.Lo, Hi: share * ofUnit.Hi},
			AllSamples: estimate.Undefined(), AllSamplesCI: none, Predicted: estimate.Undefined(), PValue: estimate.Undefined(),
		})
	}
	return s
}

// addPopulation is for what all samples say, and what that makes of minibatches of units of so many samples.
func (s *Shape) addPopulation(p *PopulationShape, unitSize int) {
	s.Population = p
	for i := range s.Rows {
		r := &s.Rows[i]
		if r.Evidence != Exact {
			continue
		}
		share := noise.NormExcess(1, 0.5, r.Batch/max(unitSize, 1), r.Alpha)
		r.AllSamples = estimate.Number(share * p.unit)
		r.AllSamplesCI = estimate.Interval{Lo: share * p.unitCI.Lo, Hi: share * p.unitCI.Hi}
	}
}

// Withhold takes away the intervals and tests of units of which too few carry the noise.
func (s *Shape) Withhold(why estimate.Reason) {
	none := estimate.None()
	s.Withheld, s.Needs, s.CI, s.Tests = why.String(), why.Needs, Intervals{none, none}, nil
	s.norms.Untested, s.norms.Needs = why.String(), why.Needs
	for i := range s.Rows {
		s.Rows[i].CI, s.Rows[i].UnbiasedCI = none, none
	}
}

// bounded leaves the upper end open where few units carry the fourth moment: others that were not recorded may carry more, and the cumulant is
// then bounded from below alone.
func (c cumulants) bounded(v estimate.Interval) estimate.Interval {
	if c.correction > 0 && c.fourthUnits < covariance.FewestEffective {
		v.Hi = math.Inf(1)
	}
	return v
}

// logRatio is the logarithm of Var|x|^2 over that of a Gaussian of the same covariance, log(1 + norm excess).
func logRatio(m noise.NormMoments) float64 { return math.Log1p(normExcess(m)) }

// excessInterval is that of normExcess or unitExcess, made on the scale of [logRatio], on which the estimate is nearly symmetric.
func (c cumulants) excessInterval(of func(noise.NormMoments) float64) estimate.Interval {
	v := c.interval(func(m noise.NormMoments) float64 { return math.Log1p(of(m)) })
	return estimate.Interval{Lo: math.Expm1(v.Lo), Hi: math.Expm1(v.Hi)}
}

// test is that of no excess, by the jackknife t of [logRatio]. Of Gaussian gradients (n = 48 to 256, participation 13 to 60) 1 to 2% are called
// heavier and 3 to 7% lighter where each should be 2.5%, so that the p-value of lighter ones is doubled: 1 to 3.5% are.
//
// It asks whether the units can be draws of a Gaussian, not whether their training set has a K4 of exactly 0, which no finite set has: the error is
// that of an infinite population, also where all N are recorded.
func (c cumulants) test() Test {
	law := c
	law.correction = 1
	t := logRatio(c.all) / law.standardError(logRatio)
	p := estimate.TwoSided(t, c.degrees())
	if t < 0 {
		p *= 2
	}
	return newTest(AllDirections, ByGamma, t, math.Log(min(1, p)), heavierOrLighter(t))
}
