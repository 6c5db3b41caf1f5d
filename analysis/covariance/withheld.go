package covariance

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// FewestEffective is the smallest effective number of units from which intervals are given. With fewer a few units carry the noise: others that
// were not recorded may carry more, and no interval from those that were covers (a trace at convergence, where 1% of the samples hold 73% of
// it, in 64% at n = 64 and 83% at n = 512).
const FewestEffective = 30

// EffectiveUnits is (sum d)^2 / sum d^2 of the squared lengths d of the units' gradients less their mean: n where all are equally long, 1 where one
// carries everything.
func EffectiveUnits(m noise.NormMoments) float64 {
	return float64(m.N) * m.Trace * m.Trace / m.Fourth
}

// Withheld says why no interval is made from these units, and is empty where one is: because too few carry the noise. Where the whole
// population is recorded there is no sampling error, and nothing to withhold.
func Withheld(u *probe.Units) string {
	m := momentsOf(u)
	e := EffectiveUnits(m.norm(0))
	switch {
	case m.correction == 0:
		return ""
	case math.IsNaN(e):
		return "all gradients are alike"
	case u.N < FewestEffective:
		return fmt.Sprintf("%d units are too few, %d would do", u.N, FewestEffective)
	case e < FewestEffective:
		return fmt.Sprintf("few units carry the noise (%d count as %.1f of equal length, and %d are needed)", u.N, e, FewestEffective)
	}
	return ""
}
