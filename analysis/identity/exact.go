package identity

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// rounding is the tolerance of enumerations in float64, whose terms are of order 1.
const rounding = 1e-11

// The population of the enumerations: 6 samples give 15 minibatches of 2, and 36 with replacement.
const (
	fewSamples = 6
	fewBatch   = 2
)

// enumerated compares the covariance and the third and fourth moments over all outcomes with the predictions.
func (v *verification) enumerated() (checks []Check) {
	g := v.population("enumeration", fewSamples, 2)
	line := noise.NewPopulation(g.along())
	for _, s := range schemes {
		pairs := everyPair(s.pairing, fewSamples, fewBatch)
		all := g.outcomes(s.pairing, pairs, s.alpha)
		c := v.want.covariance(s.pairing, fewSamples, fewBatch, s.alpha)
		got, want := momentsOf(all.along()), v.want.moments(s.pairing, line, fewBatch, s.alpha)
		checks = append(checks,
			exact(s.name+": covariance factor, enumeration", c, c+farthest(all.covariance(), g.covariance(), c), rounding),
			exact(s.name+": third moment, enumeration", want.Mu3, got.Mu3, rounding),
			exact(s.name+": fourth moment, enumeration", want.Mu4, got.Mu4, rounding*max(1, want.Mu4)))
		if s.pairing != noise.Naive && s.alpha != 1 {
			rho := enhancement.MeasureCorrelation(g.scalars(s.pairing, pairs))
			checks = append(checks, exact(s.name+": correlation of B and B', enumeration",
				v.want.correlation(s.pairing, fewSamples, fewBatch), float64(rho.Measured), rounding))
		}
	}
	return checks
}

// scalars are what direct draws of these pairs would measure.
func (g population) scalars(p noise.Pairing, pairs []pair) enhancement.Scalars {
	s := enhancement.Scalars{Evidence: enhancement.Direct, Pairing: p, Batch: len(pairs[0].b), Population: len(g)}
	full := g.mean(nil)
	for _, q := range pairs {
		x, prime, cross := 0.0, 0.0, 0.0
		other := g.mean(q.prime)
		for j, m := range g.mean(q.b) {
			d, e := m-full[j], other[j]-full[j]
			x, prime, cross = x+float64(d*d), prime+float64(e*e), cross+float64(d*e)
		}
		s.NormSq, s.PrimeNormSq, s.Cross = append(s.NormSq, x), append(s.PrimeNormSq, prime), append(s.Cross, cross)
	}
	return s
}

// effectiveEnumerated finds the size of the single minibatch whose enumerated noise is that of an NE step, in cases with a whole B_eff.
func (v *verification) effectiveEnumerated() (checks []Check) {
	for _, c := range []struct {
		pairing  noise.Pairing
		n, batch int
		alpha    float64
	}{
		{noise.Independent, 6, 5, alpha}, // 4, where B/f is 2
		{noise.Disjoint, 10, 5, alpha},   // 2
		{noise.Replacement, 6, 1, .5},    // 2
	} {
		g := v.population(effectiveName[c.pairing], c.n, 2)
		trace := g.outcomes(c.pairing, everyPair(c.pairing, c.n, c.batch), c.alpha).trace()
		measured := g.batchAsNoisyAs(trace, c.pairing.Single(), min(c.n, 4))
		checks = append(checks, exact(effectiveName[c.pairing]+": enumeration", v.want.effective(c.pairing, c.n, c.batch, c.alpha), measured, rounding))
	}
	return checks
}

// batchAsNoisyAs enumerates single minibatches of 1 to most samples, and returns the size whose covariance has the given trace. It interpolates
// between the sizes, and is exact if one of them has that trace. It is NaN outside their range.
func (g population) batchAsNoisyAs(trace float64, p noise.Pairing, most int) float64 {
	last := math.NaN()
	for b := 1; b <= most; b++ {
		means := make(population, 0)
		for _, index := range everyMinibatch(p, len(g), b) {
			means = append(means, g.mean(index))
		}
		now := means.trace()
		if b > 1 && trace >= now*(1-rounding) && trace <= last*(1+rounding) {
			return float64(b) - (trace-now)/(last-now)
		}
		last = now
	}
	return math.NaN()
}

// independentEnumerated checks the cumulants of independent draws, and the shape of NE at B = 5 against that of SGD at B_eff = 2,
// over all 3^10 outcomes for a population of 3.
func (v *verification) independentEnumerated() []Check {
	const batch, effective = 5, 2
	// The third value makes the skewness lie between 0.3 and 0.6: near 0 the ratio would be dominated by rounding.
	x := []float64{0, 1, 3 + seed.New(v.root, "independent draws").Float64()}
	c := noise.NewPopulation(x)
	minibatches := means(x, everyMinibatch(noise.Replacement, len(x), batch))
	var all []float64
	for _, m := range minibatches {
		for _, other := range minibatches {
			all = append(all, float64(alpha*m)+float64((1-alpha)*other))
		}
	}
	ne, sgd := momentsOf(all), momentsOf(means(x, everyMinibatch(noise.Replacement, len(x), effective)))
	return []Check{
		exact("cumulant of order 3, i.i.d. draws: enumeration", v.want.powerSum(alpha, 3)*c.C3/(batch*batch), ne.Mu3, rounding),
		exact("cumulant of order 4, i.i.d. draws: enumeration",
			v.want.powerSum(alpha, 4)*(c.C4-float64(3*c.C2*c.C2))/(batch*batch*batch), ne.Mu4-float64(3*ne.Mu2*ne.Mu2), rounding*max(1, c.C4)),
		exact("variance of NE over that of SGD at B_eff, i.i.d. draws: enumeration", 1, ne.Mu2/sgd.Mu2, rounding),
		exact("skewness ratio at equal covariance: enumeration", v.want.skewness(alpha), ne.Skewness()/sgd.Skewness(), rounding),
		exact("kurtosis ratio at equal covariance: enumeration", v.want.kurtosis(alpha), ne.ExcessKurtosis()/sgd.ExcessKurtosis(), rounding),
	}
}

func means(x []float64, minibatches [][]int) []float64 {
	m := make([]float64, len(minibatches))
	for k, index := range minibatches {
		for _, i := range index {
			m[k] += x[i] / float64(len(index))
		}
	}
	return m
}
