package covariance

import (
	"cmp"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// DefaultEigenvalues is the number of leading eigenvalues that a report shows.
const DefaultEigenvalues = 20

// Analyse describes the covariance of the units' gradients. It keeps at most eigenvalues leading eigenvalues, or all min(n-1, P) if
// that is not positive. It panics for fewer than 2 units. Where the population N is known, standard errors have the factor
// sqrt(1 - n/N) of sampling without replacement.
func Analyse(u *probe.Units, eigenvalues int) Covariance {
	if u.N < 2 {
		panic("covariance: fewer than 2 units")
	}
	m := momentsOf(u)
	d, without := decompose(u), leaveOneOut(u, m)
	spectrum, withheld := d.values, Withheld(u)
	c := Covariance{
		Trace:                  estimate.Number(m.trace),
		TraceUnbiased:          estimate.Number(m.traceUnbiased()),
		GradientNormSq:         estimate.Number(m.meanNormSq),
		GradientNormSqUnbiased: estimate.Number(m.meanNormSqUnbiased()),
		NoiseScale:             m.noiseScale(),
		NoiseScalePlugin:       estimate.Number(m.unitSize * ratio(m.trace, m.meanNormSq)),

		GradientDiversity:       estimate.Number(m.diversity() / m.n),
		GradientDiversityScaled: estimate.Number(m.diversity()),

		EffectiveRankEntropy:               estimate.Number(entropyRank(spectrum)),
		EffectiveRankParticipation:         estimate.Number(participation(spectrum)),
		EffectiveRankParticipationUnbiased: estimate.Number(m.participationUnbiased(traceOfSquare(u))),
		CI:                                 map[string]estimate.Interval{},
		Withheld:                           withheld.String(),
		Needs:                              withheld.Needs,
	}
	count := min(u.N-1, m.parameters)
	if eigenvalues > 0 {
		count = min(count, eigenvalues)
	}
	for _, v := range spectrum[:count] {
		c.Eigenvalues = append(c.Eigenvalues, estimate.Number(v))
	}
	if c.Withheld == "" {
		c.CI, c.EigenvaluesCI = intervals(u, m, without), eigenvalueIntervals(d, m, min(count, DefaultEigenvalues))
	}
	c.addNull(u, spectrum)
	c.ByN = bySize(u, spectrum)
	c.Extrapolated = extrapolate(c.ByN, d, m, without)
	for _, l := range u.Layers {
		c.Layers = append(c.Layers, layer(l, m))
	}
	return c
}

func layer(l probe.LayerMoments, all moments) Layer {
	m := all
	m.trace, m.meanNormSq = l.Trace, withoutRounding(l.MeanNormSq, l.Trace)
	return Layer{
		Name: l.Name, Parameters: estimate.Count(l.Parameters),
		Trace: estimate.Number(l.Trace), GradientNormSq: estimate.Number(l.MeanNormSq), NoiseScale: m.noiseScale(),
	}
}

// moments are the scalars that most estimates are functions of.
type moments struct {
	n, unitSize float64
	// correction is 1 - n/N, or 1 where N is unknown.
	correction float64
	// population is N, 0 where it is unknown, and parameters P, or a bound where that is.
	population, parameters int
	trace                  float64 // divisor n
	meanNormSq             float64
	fourth                 float64 // sum |g_i - gbar|^4
}

// withoutRounding is |gbar|^2, and 0 where it is the rounding error, in float64, of a mean that is exactly 0.
func withoutRounding(meanNormSq, trace float64) float64 {
	if meanNormSq < 0x1p-100*(trace+meanNormSq) {
		return 0
	}
	return meanNormSq
}

func momentsOf(u *probe.Units) moments {
	m := moments{n: float64(u.N), unitSize: float64(max(u.UnitSize, 1)), correction: 1, trace: u.Trace(), parameters: cmp.Or(u.Parameters, math.MaxInt)}
	m.meanNormSq = withoutRounding(u.MeanNormSq, m.trace)
	if u.Population >= u.N {
		m.population, m.correction = u.Population, 1-m.n/float64(u.Population)
	}
	for i := range u.N {
		m.fourth += float64(u.Centred[i*u.N+i] * u.Centred[i*u.N+i])
	}
	return m
}

func (m moments) traceUnbiased() float64 { return m.trace * m.n / (m.n - 1) }

func (m moments) meanNormSqUnbiased() float64 {
	return m.meanNormSq - float64(m.traceUnbiased()/m.n*m.correction)
}

func (m moments) noiseScale() estimate.Number {
	if m.meanNormSqUnbiased() <= 0 {
		return estimate.Undefined()
	}
	return estimate.Number(m.unitSize * m.traceUnbiased() / m.meanNormSqUnbiased())
}

// diversity is n sum |g_i|^2 / |sum g_i|^2 = (tr Sigma + |gbar|^2) / |gbar|^2.
func (m moments) diversity() float64 { return ratio(m.trace+m.meanNormSq, m.meanNormSq) }

// participationUnbiased is traceUnbiased^2 over the unbiased estimate of tr S_N^2 of the population ([noise.NormPolykays]; where N is
// unknown that of Himeno and Yamada), given tr S^2 of the sample. It is undefined where the estimate is not positive, and for n < 4.
func (m moments) participationUnbiased(traceSquare float64) float64 {
	return min(m.participationUnbounded(traceSquare), m.mostDirections())
}

// mostDirections bounds the ranks of the population: P and N - 1.
func (m moments) mostDirections() float64 {
	most := float64(m.parameters)
	if m.population > 0 {
		most = min(most, float64(m.population-1))
	}
	return most
}

// participationUnbounded is participationUnbiased without its bound, under which neither it nor a jackknife would vary.
func (m moments) participationUnbounded(traceSquare float64) float64 {
	unbiased := m.norm(traceSquare).Polykays().TraceOfSquareAt(m.population)
	if !(unbiased > 0) {
		return math.NaN()
	}
	return m.traceUnbiased() * m.traceUnbiased() / unbiased
}

// traceOfSquare is tr S^2 with divisor n-1: the sum of the squares of the centred Gram matrix over (n-1)^2.
func traceOfSquare(u *probe.Units) float64 {
	sum := 0.0
	for _, v := range u.Centred {
		sum += float64(v * v)
	}
	return sum / float64((u.N-1)*(u.N-1))
}

// ratio is x/y, undefined where y is 0.
func ratio(x, y float64) float64 {
	if y == 0 {
		return math.NaN()
	}
	return x / y
}
