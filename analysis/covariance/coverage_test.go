package covariance

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

const (
	keyTrace = "trace_unbiased"
	keyNorm  = "gradient_norm_sq_unbiased"
	keyScale = "noise_scale"
	keyRank  = "effective_rank_participation_unbiased"
)

// experiment is how samples are drawn whose intervals are counted.
type experiment struct {
	name     string
	exponent float64 // of the spectrum
	signal   float64 // n |grad L|^2 / tr Sigma
	n        int
	heavy    bool // the length of each unit's noise follows Student t with 5 degrees of freedom
}

// hits returns the share of samples in which each interval contains the true value; the key "unbounded" is that of noise scales whose
// interval is unbounded.
func (e experiment) hits(reps int) map[string]float64 {
	l := powerLaw(60, e.exponent, 0)
	l.mean = math.Sqrt(e.signal * l.trace() / float64(60*e.n))
	truth := map[string]float64{
		keyTrace: l.trace(), keyNorm: l.normSq(), keyScale: l.trace() / l.normSq(), keyRank: l.rank(),
	}
	inside := make([]map[string]bool, reps)
	parallel.For(reps, 1, func(lo, hi int) {
		for rep := lo; rep < hi; rep++ {
			rng := seed.New(8, "coverage/"+e.name, uint64(rep))
			u := l.draw(rng, e.n, e.scale(rng)).units()
			ci := intervalsOf(u)
			inside[rep] = map[string]bool{"unbounded": math.IsInf(ci[keyScale].Hi, 1)}
			for key, v := range truth {
				inside[rep][key] = contains(ci, key, v)
			}
		}
	})
	share := map[string]float64{}
	for _, in := range inside {
		for key, hit := range in {
			if hit {
				share[key]++
			}
		}
	}
	for key := range share {
		share[key] /= float64(reps)
	}
	return share
}

func intervalsOf(u *probe.Units) map[string]estimate.Interval {
	m := momentsOf(u)
	return intervals(u, m, leaveOneOut(u, m))
}

func contains(ci map[string]estimate.Interval, key string, v float64) bool {
	in, ok := ci[key]
	return ok && in.Contains(v)
}

func (e experiment) scale(rng *rand.Rand) func() float64 {
	return func() float64 {
		if !e.heavy {
			return 1
		}
		chi2 := 0.0
		for range 5 {
			v := rng.NormFloat64()
			chi2 += v * v
		}
		return math.Sqrt(3 / chi2)
	}
}

// The bounds leave 3.3 standard errors (1 point with 500 samples, 1.1 with 400) or more around the coverage that the
// comment of [intervals] states: with another seed a correct interval is outside them with probability below 1e-3, and one of the 20
// with below 2%. Where the gradient is 0 or lost in the noise, intervals of |grad L|^2 and the noise scale may cover more.
func TestIntervalCoverage(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	const atLeast, atMost = 0.91, 0.985
	type bounds map[string][2]float64
	usual := bounds{keyTrace: {atLeast, atMost}, keyNorm: {atLeast, 0.995}, keyScale: {atLeast, 0.995}, keyRank: {0.895, atMost}}
	lost := bounds{keyTrace: {atLeast, atMost}, keyNorm: {atLeast, 1}, keyScale: {atLeast, 1}, keyRank: {0.895, atMost}}
	for _, c := range []struct {
		experiment
		reps int
		want bounds
	}{
		{experiment{name: "strong gradient", exponent: 1, signal: 60, n: 64}, 500, usual},
		{experiment{name: "weak gradient", exponent: 1, signal: 6, n: 128}, 500, usual},
		{experiment{name: "few directions", exponent: 1.5, signal: 6, n: 64}, 500, usual},
		{experiment{name: "no gradient", exponent: 1, signal: 0, n: 128}, 500, lost},
		{experiment{name: "many units", exponent: 1, signal: 6, n: 256}, 400, usual},
		{experiment{name: "heavy tails", exponent: 1, signal: 6, n: 128, heavy: true}, 500,
			bounds{keyTrace: {0.86, 0.95}, keyRank: {0.87, 0.96}}},
	} {
		if !numtest.Full() && c.n > 64 {
			t.Logf("NOT TESTED: %s; NOISEPROBE_TEST=all has it tested", c.name)
			continue
		}
		got := c.hits(c.reps)
		for key, b := range c.want {
			if got[key] < b[0] || got[key] > b[1] {
				t.Errorf("%s: %s is covered in %.3f of the samples, want %.3f to %.3f", c.name, key, got[key], b[0], b[1])
			}
		}
		if c.signal == 0 && got["unbounded"] < 0.99 {
			t.Errorf("%s: the noise scale is unbounded in %.3f of the samples only", c.name, got["unbounded"])
		}
	}
}

// TestCoverageOfThePopulation: the intervals from units that are recorded without replacement, half of a population, cover the values of
// that population. The bounds are as above.
func TestCoverageOfThePopulation(t *testing.T) {
	numtest.NeedFull(t, "the coverage of intervals from half of a population")
	t.Parallel()
	const reps, n = 600, 128
	all := powerLaw(40, 1, 0.2).gaussian(seed.New(9, "population"), 2*n)
	whole := momentsOf(all.units())
	truth := map[string]float64{
		keyTrace: whole.traceUnbiased(), keyNorm: whole.meanNormSq, keyScale: whole.traceUnbiased() / whole.meanNormSq,
		keyRank: participation(Spectrum(all.units())),
	}
	inside := make([]map[string]bool, reps)
	parallel.For(reps, 1, func(lo, hi int) {
		for rep := lo; rep < hi; rep++ {
			var g rows
			for _, i := range seed.New(9, "units of the population", uint64(rep)).Perm(2 * n)[:n] {
				g = append(g, all[i])
			}
			u := g.units()
			u.Population = 2 * n
			ci := intervalsOf(u)
			inside[rep] = map[string]bool{}
			for key, v := range truth {
				inside[rep][key] = contains(ci, key, v)
			}
		}
	})
	for key := range truth {
		hits := 0.0
		for _, in := range inside {
			if in[key] {
				hits++
			}
		}
		if share := hits / reps; share < 0.91 || share > 0.99 {
			t.Errorf("%s is covered in %.3f of the samples", key, share)
		}
	}
}

// TestParticipationOfAFinitePopulation: in a population of 400 units of which 8 carry most of the trace, the mean of the estimates from
// subsets of 340 is within 5% of the population's participation, and no estimate is above P = 50. (The estimate for an infinite
// population would be half as large again.)
func TestParticipationOfAFinitePopulation(t *testing.T) {
	numtest.NeedFull(t, "many samples")
	const population, n, p, reps = 400, 340, 50, 200
	rng := seed.New(11, "few units carry the noise")
	all := powerLaw(p, 0, 0).gaussian(rng, population)
	for i := range 8 {
		for k := range all[i] {
			all[i][k] *= 20
		}
	}
	want := participation(Spectrum(all.units()))
	mean := 0.0
	for rep := range reps {
		var g rows
		for _, i := range seed.New(11, "subset", uint64(rep)).Perm(population)[:n] {
			g = append(g, all[i])
		}
		u := g.units()
		u.Population = population
		rank := momentsOf(u).participationUnbiased(traceOfSquare(u))
		if rank > p {
			t.Errorf("participation %g of %d parameters", rank, p)
		}
		mean += rank / reps
	}
	if math.Abs(mean/want-1) > 0.05 {
		t.Errorf("participation %.3g on average, of the population %.3g", mean, want)
	}
}
