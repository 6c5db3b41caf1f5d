package enhancement

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// fewestShare is the share of the draws that have to count as equally noisy for an interval. Of Gaussian noise along a single direction half
// of them do, which is the least that noise without rare, long gradients gives. Where a rare sample carries the noise, pairs in which it is in
// both minibatches are not seen, and rho comes out near -B/N with an interval that does not contain 0.
const fewestShare = 1.0 / 3

// few says why direct draws have no interval: because a few of them carry the noise, counted by sums of m = (|x|^2 + |x'|^2) / 2,
//
//	(sum m)^2 / sum m^2
//
// It is empty where they have one.
func (s Scalars) few() string {
	if s.Evidence != Direct {
		return ""
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
	if f.Kind != Measured {
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
