package covariance

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// FewestEffective is the smallest effective number of units for which intervals are given. With fewer, a few units carry the noise. Units that
// were not recorded may then carry more of it, and no interval computed from the recorded ones covers: that of a trace at convergence,
// where 1% of the samples hold 73% of it, covers 64% at n = 64 and 83% at n = 512.
const FewestEffective = 30

// EffectiveUnits is (sum d)^2 / sum d^2 of the squared lengths d of the units' gradients less their mean: n if all are equally long, and 1 if
// one of them carries everything.
func EffectiveUnits(m noise.NormMoments) float64 {
	return float64(m.N) * m.Trace * m.Trace / m.Fourth
}

// Withheld says why no intervals are computed from these units: because too few of them carry the noise. It is empty if intervals are
// computed, and if the whole population is recorded, which has no sampling error.
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
