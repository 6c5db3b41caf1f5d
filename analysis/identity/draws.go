package identity

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// A direct minibatch has a quarter of the samples, so that finite N matters: without the correction for it the trace of SGD's noise would
// be a third too large, and B_eff of independent pairs 20 instead of 23.5.
const (
	drawnSamples   = 200
	drawnDimension = 20
	drawnBatch     = 50
	drawnPairs     = 4096
)

// direct measures minibatches as a run does at its last checkpoint, with all samples recorded as units, and applies the estimators of the
// report.
func (v *verification) direct() []Check {
	g := v.population("direct", drawnSamples, drawnDimension)
	units := g.units(everyIndex(drawnSamples))
	found := make([][]Check, len(noise.Pairings))
	parallel.Run(parallel.Workers(), len(found), func(k int) {
		p := noise.Pairings[k]
		draws, err := probe.Measure(g, probe.Plan{
			Draws: v.draws(drawnPairs, 512), Batch: drawnBatch, Alpha: alpha, Pairing: p,
			Seed: seed.New(v.root, "direct/"+string(p)).Uint64(),
		}, nil, nil)
		if err != nil {
			panic("identity: " + err.Error()) // a population returns no errors
		}
		found[k] = v.directChecks(g, draws, units)
	})
	return slices.Concat(found...)
}

func (v *verification) directChecks(g population, d *probe.Draws, units *probe.Units) []Check {
	p, n, m := d.Pairing, d.Population, d.Plan.Draws
	s := enhancement.OfDraws(d)
	rho, f := enhancement.MeasureCorrelation(s), enhancement.Factors(s, []float64{alpha})[0]
	againstUnits := enhancement.AgainstUnits(d, units)
	againstSGD, _ := enhancement.AgainstSGD(d)
	size := v.want.effective(p, n, d.Batch, alpha)
	name := func(what string) string { return fmt.Sprintf("%s: %s, direct draws", pairName[p], what) }
	checks := []Check{
		mean(singleName[p]+": trace of the noise, direct draws", v.want.covariance(p, n, d.Batch, 1)*g.trace(), d.NormSq),
		mean(name("trace of the noise"), v.want.covariance(p, n, d.Batch, alpha)*g.trace(), d.EnhancedSq),
		estimated(name("correlation of B and B'"), v.want.correlation(p, n, d.Batch), rho.Measured, rho.CI, plain, m),
		estimated(name("enhancement"), v.want.enhancement(p, n, d.Batch, alpha), f.Measured, f.CI, plain, m),
		estimated(effectiveName[p]+": against recorded units, direct draws", size,
			againstUnits.Measured, againstUnits.CI, logNoise(p, n), m),
		estimated(effectiveName[p]+": against SGD at B_eff, direct draws", size,
			againstSGD.Measured, againstSGD.CI, logNoise(p, n), m),
		exact(name("one pass over 2B samples against the combination"), 0, slices.Max(d.UpdateError), rounding32),
	}
	if p == noise.Independent {
		naive := enhancement.Naive(s, alpha)
		checks = append(checks, estimated("naive (Eq. 5): enhancement, direct draws",
			v.want.enhancement(noise.Naive, n, d.Batch, alpha), naive.Measured, naive.CI, math.Log, m))
	}
	return checks
}

// logNoise is the scale on which the interval of an effective batch is symmetric: the logarithm of the trace of the noise
// that Eq. 4 gives a minibatch of that size.
func logNoise(p noise.Pairing, n int) func(size float64) float64 {
	return func(size float64) float64 {
		if p == noise.Replacement {
			return math.Log(1 / size)
		}
		return math.Log(1/size - 1/float64(n))
	}
}

// resampled checks the draws that a report makes from recorded units, without a backward pass.
func (v *verification) resampled() []Check {
	const units, batch, draws = 100, 20, 8192
	g := v.population("resampled", units, drawnDimension)
	s := enhancement.Resample(g.units(everyIndex(units)), batch, v.draws(draws, 512), v.root)
	rho, f := enhancement.MeasureCorrelation(s), enhancement.Factors(s, []float64{alpha})[0]
	p, m := noise.Replacement, len(s.NormSq)
	return []Check{
		mean(singleName[p]+": trace of the noise, resampled units", v.want.covariance(p, units, batch, 1)*g.trace(), s.NormSq),
		estimated(pairName[p]+": correlation of B and B', resampled units", v.want.correlation(p, units, batch), rho.Measured, rho.CI, plain, m),
		estimated(pairName[p]+": enhancement, resampled units", v.want.enhancement(p, units, batch, alpha), f.Measured, f.CI, plain, m),
	}
}
