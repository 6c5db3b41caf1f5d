package enhancement

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// fewestShare is the share of the draws that have to count as equally noisy for an interval where the norms of all samples are not known. Of Gaussian
// noise along a single direction half of them do, which is the least that noise without rare, long gradients gives. Where a rare sample carries the noise,
// pairs in which it is in both minibatches are not seen, and rho comes out near -B/N with an interval that does not contain 0.
const fewestShare = 1.0 / 3

// Withheld says why what rests on direct minibatches of batch samples has no interval: too few of the samples in them carry the noise
// ([covariance.Population.TooFewDrawn]), or where the norms of all samples are not known, few of the draws. It is empty where they are enough.
func Withheld(d *probe.Draws, batch int) string {
	s := OfDraws(d)
	s.Batch = batch
	return s.few()
}

// few counts draws by sums of m = (|x|^2 + |x'|^2) / 2, (sum m)^2 / sum m^2.
func (s Scalars) few() string {
	switch {
	case s.Evidence != Direct:
		return ""
	case s.all != nil:
		return s.all.TooFewDrawn(len(s.NormSq), s.Batch)
	}
	m, square := 0.0, 0.0
	for i, v := range s.NormSq {
		both := (v + s.PrimeNormSq[i]) / 2
		m, square = m+both, square+float64(both*both)
	}
	if effective := m * m / square; effective < fewestShare*float64(len(s.NormSq)) {
		return fmt.Sprintf("few draws carry the noise (%d count as %.1f equally noisy ones), as where rare samples have long gradients", len(s.NormSq), effective)
	}
	return ""
}

// withhold takes away what has a sampling error that cannot be known.
func (c *Correlation) withhold(why string) {
	if c.Withheld = why; why != "" {
		c.CI, c.PValue = estimate.None(), estimate.Undefined()
	}
}

func (f *Factor) withhold(why string) {
	if f.Kind == Identity {
		return
	}
	if f.Withheld = why; why != "" {
		f.CI, f.Verdict, f.Reason = estimate.None(), Undecided, ""
		f.Equivalence.PValue, f.Equivalence.Equivalent = estimate.Undefined(), false
	}
}

// Withhold takes away the interval, the test and the verdict of a measured row, unless the reason is empty.
func (e *EffectiveBatch) Withhold(why string) {
	if e.Kind != Measured {
		return
	}
	if e.Withheld = why; why != "" {
		e.CI, e.PValue, e.Verdict, e.Reason = estimate.None(), estimate.Undefined(), Undecided, ""
	}
}
