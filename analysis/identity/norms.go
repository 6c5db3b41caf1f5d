package identity

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// The variance of |xi|^2 is checked in some directions at once, so that its square is not too skewed.
const normDimension = 4

// normSchemes have plain SGD with replacement beside the others.
var normSchemes = append(slices.Clone(schemes), scheme{singleName[noise.Replacement], noise.Replacement, 1})

// normsEnumerated compares the variance of |xi|^2 over every outcome with the prediction from the fourth cumulant of the population, and checks
// that the estimates from samples of it are unbiased.
func (v *verification) normsEnumerated() (checks []Check) {
	g := v.population("norms", fewSamples, 2)
	m := covariance.NormMoments(g.units(everyIndex(fewSamples)))
	for _, s := range normSchemes {
		all := g.outcomes(s.pairing, everyPair(s.pairing, fewSamples, fewBatch), s.alpha)
		variance := momentsOf(all.squares(g.mean(nil))).Mu2
		want := v.want.normVariance(v.want.polykays(m), s.pairing, fewSamples, fewBatch, s.alpha)
		checks = append(checks, exact(s.name+": variance of |xi|^2, enumeration", want, variance, rounding*max(1, variance)))
		if s.pairing == noise.Replacement {
			excess := variance/(2*traceOfSquare(all.covariance())) - 1
			checks = append(checks, exact(s.name+": excess of the variance of |xi|^2, enumeration",
				v.want.normExcess(m.Kappa(), m.TraceSquare, fewBatch, s.alpha), excess, rounding))
		}
	}
	return append(checks, v.polykays()...)
}

// polykays averages the unbiased estimates over every sample of 5 units out of 8.
func (v *verification) polykays() []Check {
	const n, recorded = 8, 5
	g := v.population("polykays", n, 3)
	samples := everyMinibatch(noise.Independent, n, recorded)
	var got noise.NormPolykays
	for _, index := range samples {
		k := v.want.polykays(covariance.NormMoments(g.units(index)))
		got.K4 += k.K4 / float64(len(samples))
		got.TraceSquared += k.TraceSquared / float64(len(samples))
		got.TraceOfSquare += k.TraceOfSquare / float64(len(samples))
	}
	want := v.want.polykays(covariance.NormMoments(g.units(everyIndex(n))))
	size := rounding * max(1, want.K4, want.TraceSquared)
	return []Check{
		exact("K4: mean over every sample of units", want.K4, got.K4, size),
		exact("(tr Sigma)^2, unbiased: mean over every sample of units", want.TraceSquared, got.TraceSquared, size),
		exact("tr Sigma^2, unbiased: mean over every sample of units", want.TraceOfSquare, got.TraceOfSquare, size),
	}
}

// norms measures the variance of |xi|^2 over the order of training.
func (v *verification) norms() []Check {
	g := v.clumped("population/norms in order", orderedSamples, normDimension)
	m := covariance.NormMoments(g.units(everyIndex(orderedSamples)))
	found := make([]Check, len(normSchemes))
	parallel.Run(parallel.Workers(), len(normSchemes), func(k int) {
		s := normSchemes[k]
		want := v.want.normVariance(v.want.polykays(m), s.pairing, orderedSamples, orderedBatch, s.alpha)
		found[k] = mean(s.name+": variance of |xi|^2, order of training", want, v.normVariances(g, s))
	})
	return found
}

// normVariances are the mean squared distances of |xi|^2 in each block from its expectation, which Eq. 4 gives, and so are unbiased.
func (v *verification) normVariances(g population, s scheme) []float64 {
	expected := v.want.covariance(s.pairing, orderedSamples, orderedBatch, s.alpha) * g.trace()
	full, blocked := g.mean(nil), make([]float64, blocks)
	v.overSteps(s, len(g), func(block int, share float64, b, prime []int) {
		square := 0.0
		for j, m := range full {
			xi := s.alpha * (g.meanOf(j, b) - m)
			if s.pairing != noise.Naive && s.alpha != 1 {
				xi += float64((1 - s.alpha) * (g.meanOf(j, prime) - m))
			}
			square += float64(xi * xi)
		}
		blocked[block] += float64(share * (square - expected) * (square - expected))
	})
	return blocked
}

// clumped has clumps in every coordinate, each in an order of its own.
func (v *verification) clumped(label string, n, d int) population {
	rng, g := seed.New(v.root, label), make(population, n)
	for range d {
		x := clumps(rng, n)
		for i, j := range rng.Perm(n) {
			g[i] = append(g[i], x[j])
		}
	}
	return g
}

// meanOf is a coordinate's mean over the samples with these indices.
func (g population) meanOf(j int, index []int) float64 {
	sum := 0.0
	for _, i := range index {
		sum += g[i][j]
	}
	return sum / float64(len(index))
}

// squares are the squared distances from a point.
func (g population) squares(from []float64) []float64 {
	all := make([]float64, len(g))
	for i, row := range g {
		for j, x := range row {
			all[i] += float64((x - from[j]) * (x - from[j]))
		}
	}
	return all
}

func traceOfSquare(sigma [][]float64) (sum float64) {
	for _, row := range sigma {
		for _, c := range row {
			sum += float64(c * c)
		}
	}
	return sum
}
