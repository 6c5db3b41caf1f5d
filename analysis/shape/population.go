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
	p := &PopulationNorms{Population: covariance.PopulationOf(s)}
	norms := make([]float64, len(s.NormSq))
	for i, v := range s.NormSq {
		norms[i] = math.Sqrt(v)
	}
	for _, m := range methods {
		p.Tails = append(p.Tails, m.estimate(norms, tail.Absolute, tail.DefaultK(len(norms))))
	}
	return p
}

// PopulationShape is gamma and norm_excess_unit of the training set, with tr Sigma and E|x|^4 of all its samples. Only tr Sigma^2 rests on the recorded
// units, and little of gamma on that: it is
//
//	E|x|^4 / (tr Sigma)^2 - 1 - 2 tr Sigma^2 / (tr Sigma)^2          (N large)
//
// whose last term is at most 2, and 2 over the participation ratio.
type PopulationShape struct {
	Gamma          estimate.Number `json:"gamma"`
	NormExcessUnit estimate.Number `json:"norm_excess_unit"`
	// CI are jackknife intervals over the units. Where few units carry the noise that of gamma has the bounds 0 and (tr Sigma)^2 of
	// tr Sigma^2 in place of an estimate, so that it always holds, and there is none of NormExcessUnit.
	CI Intervals `json:"ci"`
}

// ofPopulation takes tr Sigma and E|x|^4 of the population in place of the units', and of these tr Sigma^2 alone.
func (c cumulants) ofPopulation(p covariance.Population) cumulants {
	size := float64(p.Samples)
	share := (size - 1) / size
	exact := func(m noise.NormMoments) noise.NormMoments {
		ofSquare := m.Polykays().TraceOfSquareAt(p.Samples) * share * share
		return noise.NormMoments{N: p.Samples, Trace: float64(p.Trace), TraceSquare: ofSquare, Fourth: float64(p.Fourth)}
	}
	whole := c
	whole.all, whole.without = exact(c.all), make([]noise.NormMoments, len(c.without))
	for i, m := range c.without {
		whole.without[i] = exact(m)
	}
	return whole
}

func (c cumulants) populationShape() *PopulationShape {
	w := &PopulationShape{Gamma: estimate.Number(gamma(c.all)), NormExcessUnit: estimate.Number(normExcess(c.all))}
	if c.withheld == "" {
		w.CI = Intervals{c.interval(gamma), c.excessInterval()}
		return w
	}
	least, most := c.all, c.all
	least.TraceSquare, most.TraceSquare = c.all.Trace*c.all.Trace, 0
	w.CI = Intervals{estimate.Interval{Lo: gamma(least), Hi: gamma(most)}, estimate.None()}
	return w
}
