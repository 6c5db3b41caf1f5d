package shape

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// PopulationNorms describes the norms of the gradients of all training samples.
type PopulationNorms struct {
	covariance.Population
	// Tails are estimates from the largest |g_i|.
	Tails []tail.Estimate `json:"tails"`
}

// NormsOf describes the norms of at least 2 samples.
func NormsOf(s *probe.SampleNorms) *PopulationNorms {
	return &PopulationNorms{Population: covariance.PopulationOf(s), Tails: tails(lengths(s))}
}

func lengths(s *probe.SampleNorms) []float64 {
	norms := make([]float64, len(s.NormSq))
	for i, v := range s.NormSq {
		norms[i] = math.Sqrt(v)
	}
	return norms
}

// PopulationShape is gamma and norm_excess_unit of the training set, with tr Sigma and E|x|^4 of all its samples. Only tr Sigma^2 rests on the
// recorded units, and little of gamma on that: it is
//
//	E|x|^4 / (tr Sigma)^2 - 1 - 2 tr Sigma^2 / (tr Sigma)^2          (N large)
//
// whose last term is at most 2, and 2 over the participation ratio.
type PopulationShape struct {
	Gamma          estimate.Number `json:"gamma"`
	NormExcessUnit estimate.Number `json:"norm_excess_unit"`
	// The intervals are those of tr Sigma^2, from a jackknife of its logarithm over the units. Where few samples carry the noise that of gamma has
	// the bounds 0 and (tr Sigma)^2 of tr Sigma^2 in place of an estimate, so that it always holds, and there is none of NormExcessUnit.
	GammaCI          estimate.Interval `json:"gamma_ci"`
	NormExcessUnitCI estimate.Interval `json:"norm_excess_unit_ci"`
	// GaussianGamma is where gamma lies of a training set of as many Gaussian vectors, and Verdict whether the whole of GammaCI is outside.
	GaussianGamma estimate.Interval `json:"gaussian_gamma"`
	Verdict       Verdict           `json:"verdict"`

	unit   float64 // see unitExcess, with its interval
	unitCI estimate.Interval
}

// gaussianDeviations is how many standard errors, or rather bounds of them, a training set of Gaussian vectors is allowed.
const gaussianDeviations = 4

// gaussianGamma bounds gamma of N Gaussian vectors. With y = |x|^2 / tr Sigma - 1 and v its variance, 2 tr Sigma^2 / (tr Sigma)^2, gamma is to
// first order the mean of y^2 - v where tr Sigma^2 is known, and of y^2 - v - 2 v y where v is. The variance of the first is E y^4 - v^2 <= 14 v^2,
// since the fourth cumulant of y is at most 12 v^2, and that of the second
//
//	E y^4 - v^2 + 4 v^3 - 4 v E y^3  <=  14 v^2 + 4 v^3  <=  22 v^2
//
// since its third is positive and v at most 2.
func gaussianGamma(v float64, n int) estimate.Interval {
	return estimate.Around(0, gaussianDeviations*v*math.Sqrt(22/float64(n)))
}

// judge compares gamma with that of Gaussian vectors.
func (w *PopulationShape) judge(largestSquare float64, all noise.NormMoments) {
	w.GaussianGamma = gaussianGamma(2*largestSquare/(all.Trace*all.Trace), all.N)
	switch {
	case !w.GammaCI.Defined() || !w.GaussianGamma.Defined():
		w.Verdict = NotTested
	case w.GammaCI.Lo > w.GaussianGamma.Hi:
		w.Verdict = Heavier
	case w.GammaCI.Hi < w.GaussianGamma.Lo:
		w.Verdict = Lighter
	default:
		w.Verdict = NotToldApart
	}
}

// ofPopulation takes tr Sigma and E|x|^4 of the population in place of the units', and of these tr Sigma^2 alone. The population also says
// how many units of equal length n of its samples count as, whether or not those that carry the noise are among the recorded ones.
func (c cumulants) ofPopulation(p covariance.Population) cumulants {
	size := float64(p.Samples)
	share := (size - 1) / size
	exact := func(m noise.NormMoments) noise.NormMoments {
		ofSquare := m.Polykays().TraceOfSquareAt(p.Samples) * share * share
		return noise.NormMoments{N: p.Samples, Trace: float64(p.Trace), TraceSquare: ofSquare, Fourth: float64(p.Fourth)}
	}
	whole := c
	whole.population = p.Samples
	whole.all, whole.without = exact(c.all), make([]noise.NormMoments, len(c.without))
	for i, m := range c.without {
		whole.without[i] = exact(m)
	}
	if c.withheld.Why == "" && c.correction > 0 {
		whole.withheld = p.TooFew(len(c.without))
	}
	return whole
}

// populationShape is for cumulants with the moments of a population.
func (c cumulants) populationShape() *PopulationShape {
	none := estimate.None()
	w := &PopulationShape{Gamma: estimate.Number(gamma(c.all)), NormExcessUnit: estimate.Number(normExcess(c.all)), NormExcessUnitCI: none,
		unit: c.unitExcess(c.all), unitCI: none}
	// Both fall with tr Sigma^2, since E|x|^4 is at least (tr Sigma)^2.
	between := func(of func(noise.NormMoments) float64, ofSquare estimate.Interval) estimate.Interval {
		low, high := c.all, c.all
		low.TraceSquare, high.TraceSquare = ofSquare.Hi, ofSquare.Lo
		return estimate.Interval{Lo: of(low), Hi: of(high)}
	}
	ofSquare := c.interval(func(m noise.NormMoments) float64 { return math.Log(m.TraceSquare) })
	if c.withheld.Why != "" || !ofSquare.Defined() {
		most := c.all.Trace * c.all.Trace
		w.GammaCI = between(gamma, estimate.Interval{Lo: 0, Hi: most})
		w.judge(most, c.all)
		return w
	}
	ofSquare = estimate.Interval{Lo: math.Exp(ofSquare.Lo), Hi: math.Exp(ofSquare.Hi)}
	w.GammaCI, w.NormExcessUnitCI, w.unitCI = between(gamma, ofSquare), between(normExcess, ofSquare), between(c.unitExcess, ofSquare)
	w.judge(ofSquare.Hi, c.all)
	return w
}
