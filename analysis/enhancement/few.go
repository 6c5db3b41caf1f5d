package enhancement

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// fewestShare is the share of the draws that have to count as equally noisy for an interval where the norms of all samples are not known. Of Gaussian
// noise along a single direction half of them do, which is the least that noise without rare, long gradients gives. Where a rare sample carries the noise,
// pairs in which it is in both minibatches are not seen, and rho comes out near -B/N with an interval that does not contain 0.
const fewestShare = 1.0 / 3

// Withheld says why what rests on direct minibatches of batch samples has no interval: too few of the samples in them carry the noise
// ([covariance.Population.TooFewDrawn]), or where the norms of all samples are not known, few of the draws. It is empty where they are enough.
func Withheld(d *probe.Draws, batch int) estimate.Reason {
	s := OfDraws(d)
	s.Batch = batch
	return s.few()
}

// few counts draws by sums of m = (|x|^2 + |x'|^2) / 2, (sum m)^2 / sum m^2.
func (s Scalars) few() estimate.Reason {
	switch {
	case s.Evidence != Direct:
		return estimate.Reason{}
	case s.all != nil:
		return s.all.TooFewDrawn(len(s.NormSq), s.Batch)
	}
	if effective := covariance.Effective(s.meanNormSq()); effective < fewestShare*float64(len(s.NormSq)) {
		why := fmt.Sprintf("few draws carry the noise (%d count as %.1f equally noisy ones), as where rare samples have long gradients", len(s.NormSq), effective)
		return estimate.Reason{Why: why}
	}
	return estimate.Reason{}
}

// unseen is the standard error of rho by samples that are in both minibatches of a pair, where these are so few that the draws may have none of them. With E
// the effective number of the N samples, by the norms of all of them, <x, x'> has the variance sum_i |x_i|^4 / (N^2 B^2) = (tr Sigma / B)^2 / E from these, and so
// many are expected in the draws of which E would be equally long:
//
//	1 / sqrt(M E)    where M E (B/N)^2 < 30
//
// Otherwise the draws show it, and it is 0, as for disjoint pairs, and where the norms are not known. It is nothing beside the other part where E is much larger
// than the participation ratio. Where 1% of the samples carry 73% the interval of rho covers 98% with it, and 92 to 93% without.
func (s Scalars) unseen() float64 {
	if s.all == nil || s.Pairing == noise.Disjoint {
		return 0
	}
	draws, e, share := float64(len(s.NormSq)), float64(s.all.EffectiveUnits), float64(s.Batch)/float64(s.Population)
	if !(draws*e*share*share < covariance.FewestEffective) {
		return 0
	}
	return 1 / math.Sqrt(draws*e)
}

// withhold takes away what has a sampling error that cannot be known.
func (c *Correlation) withhold(why estimate.Reason) {
	if c.Withheld, c.Needs = why.String(), why.Needs; c.Withheld != "" {
		c.CI, c.PValue = estimate.None(), estimate.Undefined()
	}
}

func (f *Factor) withhold(why estimate.Reason) {
	if f.Kind == Identity {
		return
	}
	if f.Withheld = why.String(); f.Withheld != "" {
		f.CI, f.Verdict, f.Reason, f.Needs = estimate.None(), Undecided, "", why.Needs
		f.Equivalence.PValue, f.Equivalence.Equivalent = estimate.Undefined(), false
	}
}

// Withhold takes away the interval, the test and the verdict of a measured row, unless the reason is empty.
func (e *EffectiveBatch) Withhold(why estimate.Reason) {
	if e.Kind != Measured {
		return
	}
	if e.Withheld = why.String(); e.Withheld != "" {
		e.CI, e.PValue, e.Verdict, e.Reason, e.Needs = estimate.None(), estimate.Undefined(), Undecided, "", why.Needs
	}
}
