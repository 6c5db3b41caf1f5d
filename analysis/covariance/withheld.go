package covariance

import (
	"cmp"
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// FewestEffective is the smallest effective number of units for which intervals are given. With fewer, a few units carry the noise. Units that
// were not recorded may then carry more of it, and no interval computed from the recorded ones covers: that of a trace at convergence,
// where 1% of the samples hold 73% of it, covers 64% at n = 64 and 83% at n = 512.
const FewestEffective = 30

// BelowFewest is the most that is printed of a number that is too small, which must not be rounded to one that is not.
const BelowFewest = FewestEffective - 0.1

// EffectiveUnits is (sum d)^2 / sum d^2 of the squared lengths d of the units' gradients less their mean: n if all are equally long, and 1 if
// one of them carries everything.
func EffectiveUnits(m noise.NormMoments) float64 {
	return float64(m.N) * m.Trace * m.Trace / m.Fourth
}

// Effective is the same number for other sums: (sum x)^2 / sum x^2, NaN where all x are 0.
func Effective(x []float64) float64 {
	squares := 0.0
	for _, v := range x {
		squares += float64(v * v)
	}
	return estimate.Sum(x) * estimate.Sum(x) / squares
}

// Withheld says why no intervals are computed from these units, and no verdicts or counts that need them: because too few of them carry the
// noise. It says how many units would do. It is the one such rule of a report. It is empty if intervals are computed, and if the whole population
// is recorded, which has no sampling error.
func Withheld(u *probe.Units) estimate.Reason {
	m := momentsOf(u)
	e := EffectiveUnits(m.norm(0))
	switch {
	case m.correction == 0:
		return estimate.Reason{}
	case math.IsNaN(e):
		return estimate.Reason{Why: "all recorded gradients are alike"}
	case u.N < FewestEffective:
		return m.wouldDo(fmt.Sprintf("%d units are too few", u.N), max(FewestEffective, m.n*FewestEffective/e))
	case e < FewestEffective:
		why := fmt.Sprintf("few units carry the noise (%d count as %.1f of equal length, and %d are needed)", u.N, min(e, BelowFewest), FewestEffective)
		return m.wouldDo(why, m.n*FewestEffective/e)
	}
	return estimate.Reason{}
}

// wouldDo adds how many units would be enough, if the effective number grows in proportion; all of the population always are. Mostly it grows less,
// since a sample has too few of the long gradients that a heavy tail has. From 64 to 512 units the number that is said turns out to be enough in 2 to 22%
// of cases where the logarithm of the length has a standard deviation of 1.5, in 25 to 76% where that is 1, and in 0 to 35% where 1% of the units carry 73%.
func (m moments) wouldDo(why string, units float64) estimate.Reason {
	reason := MoreUnits(why, estimate.Enough(units), m.population)
	if units == FewestEffective && reason.Needs.Units != m.population {
		reason.Remedy = fmt.Sprintf("%d would do", FewestEffective)
	}
	return reason
}

// MoreUnits is a reason whose remedy are so many units, or all of a population that has no more; this is 0 where it is not known.
func MoreUnits(why string, enough, population int) estimate.Reason {
	remedy := fmt.Sprintf("it takes %d or more", enough)
	if population > 0 && enough >= population {
		enough, remedy = population, fmt.Sprintf("all %d would do", population)
	}
	return estimate.Reason{Why: why, Remedy: remedy, Needs: estimate.Needs{Units: enough}}
}

// TooFew says why n of the samples of a population are too few for intervals, whether or not those that carry the noise are among them, and how many
// would do. It is empty where they are enough.
func (p *Population) TooFew(n int) estimate.Reason {
	count := float64(n) * float64(p.EffectiveUnits) / float64(p.Samples)
	switch {
	case math.IsNaN(count):
		return estimate.Reason{Why: "all gradients are alike"}
	case count >= FewestEffective || n >= p.Samples:
		return estimate.Reason{}
	}
	enough := estimate.Enough(float64(n) * FewestEffective / count)
	remedy := fmt.Sprintf("about %d would do", enough)
	if enough >= p.Samples {
		enough = p.Samples
		remedy = fmt.Sprintf("all %d would do", enough)
	}
	why := fmt.Sprintf("few samples carry the noise (%d recorded ones count as %.1f of equal length, and %d are needed)", n, min(count, BelowFewest), FewestEffective)
	return estimate.Reason{Why: why, Remedy: remedy, Needs: estimate.Needs{Units: enough}}
}

// TooFewDrawn says why the noise of so many minibatches gives no interval: too few of the samples in them carry it. It is empty where they are enough, and
// says how many draws would be. Where 1 or 2% of the samples carry 73 or 50% of the noise, or lengths are those of a Student t3, the interval of B_eff against
// single minibatches of B_eff covers 93.7% where these count as 30 to 90 samples (13 cases of 400 sets of draws), and 86% where they count as fewer.
func (p *Population) TooFewDrawn(draws, batch int) estimate.Reason {
	count := float64(draws) * float64(batch) * float64(p.EffectiveUnits) / float64(p.Samples)
	if !(count < FewestEffective) {
		return estimate.Reason{}
	}
	enough := estimate.Enough(float64(draws) * FewestEffective / count)
	why := fmt.Sprintf("few samples carry the noise (those of %d minibatches of %d count as %.1f of equal length, and %d are needed)", draws, batch, min(count, BelowFewest), FewestEffective)
	return estimate.Reason{Why: why, Remedy: fmt.Sprintf("%d draws would do", enough), Needs: estimate.Needs{Draws: enough}}
}

// WithheldOf is [Withheld] where the population may be known, and then decides too; p is nil where it is not.
func WithheldOf(u *probe.Units, p *Population) estimate.Reason {
	why := Withheld(u)
	if p != nil && u.N >= FewestEffective && p.Trace.Defined() {
		return cmp.Or(p.TooFew(u.N), why)
	}
	return why
}

// Withhold takes away everything that has a sampling error which cannot be known: intervals and counts of eigenvalues.
func (c *Covariance) Withhold(why estimate.Reason) {
	c.Withheld, c.Needs, c.CI, c.EigenvaluesCI = why.String(), why.Needs, map[string]estimate.Interval{}, nil
	c.Outstanding, c.OutstandingUnitScales = nil, nil
	for _, x := range c.Extrapolated {
		if x != nil {
			x.CI = estimate.None()
		}
	}
}

// Unseen is the largest share of a population of which n units, drawn without replacement, hold none with a probability of 5%: about 3/n ("rule of
// three"). The population is 0 where it is not known. However much of the noise such units carry, nothing that is computed from the recorded ones
// knows of it, and no interval holds it: if 1% of the units carry 73% of the trace, 64 units have none of them in half of the samples and 128 in a
// quarter; it is then that they pass the rule of [Withheld], and the intervals that they are given cover the trace in 0%.
func Unseen(n, population int) float64 {
	const miss = 1 - estimate.Level
	switch {
	case population <= 0:
		return 1 - math.Pow(miss, 1/float64(n))
	case n >= population:
		return 0
	}
	return min(1, math.Log(miss)/math.Log1p(-float64(n)/float64(population))/float64(population))
}
