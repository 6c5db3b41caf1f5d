package main

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/probe"
)

// cauchy has lengths with an infinite mean, so that the variance of the norms is infinite too.
var cauchy = law{name: "multivariate Cauchy", length: length{func(rng *rand.Rand) float64 { return 1 / chiSquared(rng, 1) }, math.Inf(1)}}

// normCases read the verdicts that rest on the norms of all samples.
func normCases() (all []experiment) {
	for _, l := range []law{gaussian, t5, t3, skewed, few(0.01, 0.73), cauchy} {
		for _, samples := range []int{2000, 10000} {
			all = append(all, normCase(l.of(parameters, samples, 60), samples))
		}
	}
	return all
}

func normCase(l law, samples int) experiment {
	return experiment{
		section: sectionNorms, data: l.name, n: samples, share: 0.5,
		targets: statements("gamma: heavier", "lighter", "not told apart", "variance finite", "infinite"),
		read: func(rng *rand.Rand) []reading {
			set := trainingSet{l.p, l.rows(rng, samples)}
			r := shape.Result{Shape: &shape.Shape{}}
			r.AddDraws(&probe.Draws{Population: samples, Samples: set.norms()}, set.recorded(rng, 256))
			gamma, norms := r.Shape.Population.Verdict, set.norms().NormSq
			for i, square := range norms {
				norms[i] = math.Sqrt(square)
			}
			variance := tail.IndexOf(norms, tail.Absolute).Variance
			return said(gamma == shape.Heavier, gamma == shape.Lighter, gamma == shape.NotToldApart, variance == tail.Finite, variance == tail.Infinite)
		},
	}
}

// norms are those of all samples.
func (s trainingSet) norms() *probe.SampleNorms {
	mean, square := make([]float32, s.p), 0.0
	s.sumTo(mean, 1/float64(s.Population()), indices(s.Population()), 0, nil)
	for _, v := range mean {
		square += float64(v) * float64(v)
	}
	all := &probe.SampleNorms{MeanNormSq: square}
	all.NormSq, all.MeanDot, _ = wholeSet{s}.SampleNorms(mean)
	return all
}

// indices counts from 0.
func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
