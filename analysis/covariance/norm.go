package covariance

import (
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// NormMoments are the moments of the units' gradients, less their mean, that the variance of a minibatch's |xi|^2 depends on.
func NormMoments(u *probe.Units) noise.NormMoments {
	m := momentsOf(u)
	return m.norm(traceOfSquare(u))
}

// NormMomentsWithout are the same without each of the units, in O(n) for each.
func NormMomentsWithout(u *probe.Units) []noise.NormMoments {
	without := leaveOneOut(u, momentsOf(u))
	out := make([]noise.NormMoments, len(without))
	for i, d := range without {
		out[i] = d.norm(d.traceSquare)
	}
	return out
}

// norm is given tr S^2, divisor n-1.
func (m moments) norm(traceSquare float64) noise.NormMoments {
	share := (m.n - 1) / m.n
	return noise.NormMoments{N: int(m.n), Trace: m.trace, TraceSquare: traceSquare * share * share, Fourth: m.fourth / m.n}
}
