package curvature

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// sums are what every unbiased estimate is a function of: of all units, or of all but one.
type sums struct {
	n, k float64 // recorded units, and those whose curvature is known
	// trace is the sum of tr F_k, pairs that of tr F_k F_l over different units.
	trace, pairs float64
	// noise is the sum of tr(F_k S_k), gradient that of the unbiased estimates of gbar' F_k gbar; the unit k itself is in neither.
	noise, gradient float64
	// sigma is tr Sigma, square tr Sigma^2 and norm |gbar|^2, unbiased.
	sigma, square, norm float64
}

func (s sums) traceF() float64            { return s.trace / s.k }
func (s sums) frobenius() float64         { return math.Sqrt(s.pairs / (s.k * (s.k - 1))) }
func (s sums) noiseTrace() float64        { return s.noise / s.k }
func (s sums) gradientCurvature() float64 { return s.gradient / s.k }
func (s sums) alignment() float64         { return s.noiseTrace() / (s.frobenius() * math.Sqrt(s.square)) }
func (s sums) anisotropy(parameters int) float64 {
	return float64(parameters) * s.noiseTrace() / (s.traceF() * s.sigma)
}

// meeting is the curvature of some units and the gradients of the recorded ones.
type meeting struct {
	*probe.Curvature
	u *probe.Units
	// met is what the curvature sees of the gradients, or of D g_i in the metric of an optimizer.
	met probe.Meeting
	// place is the number of a recorded unit among those whose curvature is known, -1 for others.
	place []int
	// all is tr Sigma and such of all units.
	all noise.NormMoments
	// others is the sum of tr F_k F_l over l other than k.
	others []float64
}

func meet(c *probe.Curvature, u *probe.Units) *meeting {
	m := &meeting{Curvature: c, u: u, met: c.Meeting(u), place: make([]int, u.N), all: covariance.NormMoments(u)}
	for i := range m.place {
		m.place[i] = -1
	}
	k := c.K()
	m.others = make([]float64, k)
	for a, unit := range c.Unit {
		m.place[unit] = a
		for b, v := range c.Pair[a*k : (a+1)*k] {
			if b != a {
				m.others[a] += v
			}
		}
	}
	return m
}

// sums are those of all units.
func (m *meeting) sums() sums { return m.sumsWithout(-1, m.all) }

// replicates are the sums without each of the recorded units.
func (m *meeting) replicates() []sums {
	out := make([]sums, m.u.N)
	for i, moments := range covariance.NormMomentsWithout(m.u) {
		out[i] = m.sumsWithout(i, moments)
	}
	return out
}

// sumsWithout leaves out a recorded unit, or none for -1.
func (m *meeting) sumsWithout(out int, moments noise.NormMoments) sums {
	s := m.seenWithout(out)
	s.square = moments.Polykays().TraceOfSquareAt(m.u.Population)
	s.trace, s.pairs = estimate.Sum(m.Trace), estimate.Sum(m.others)
	if out >= 0 && m.place[out] >= 0 {
		s.trace -= m.Trace[m.place[out]]
		s.pairs -= 2 * m.others[m.place[out]]
	}
	return s
}

// inMetric is the meeting with D g_i. Of its sums only those of seenWithout are in the metric.
func (m *meeting) inMetric(met probe.Meeting) *meeting {
	in := *m
	in.met = met
	return &in
}

// correction is 1 - n/N, 1 where N is unknown.
func (m *meeting) correction(n float64) float64 {
	if m.u.Population < m.u.N {
		return 1
	}
	return 1 - n/float64(m.u.Population)
}

// seenWithout has the sums that gradients are in. They run over k of tr(F_k S_k), with the covariance S_k (divisor one less than their number) of all units but k and the
// one that is left out, and of the estimate of gbar' F_k gbar from the same units:
//
//	mean' F_k mean - tr(F_k S_k) / (their number)
//
// With x the vector of the columns' products with c_i, and d the sum of those that are left out, the mean of the others is that of all less d/(n - left out),
// and their sum of squares that of all less the squares left out and |d|^2/(n - left out). Without c_i the mean is gbar - c_i/(n-1).
func (m *meeting) seenWithout(out int) sums {
	t, n := m.met, float64(m.u.N)
	s := sums{n: n, k: float64(m.K())}
	spread, squares, along, mean := estimate.Sum(t.Spread), estimate.Sum(t.Self), estimate.Sum(t.SelfAlong), estimate.Sum(t.MeanSq)
	d, sigma, norm := squares, estimate.Sum(t.Square), t.MeanNormSq
	if out >= 0 {
		s.n--
		squares += t.Deviation[out]
		d += t.Deviation[out] + float64(2*t.Own[out])
		along += t.Along[out]
		sigma -= t.Square[out] * n / (n - 1)
		norm += t.Square[out]/((n-1)*(n-1)) - float64(2*t.MeanAlong[out]/(n-1))
	}
	if out >= 0 && m.place[out] >= 0 { // the unit's own curvature is in squares and along twice, and in d four times
		k := m.place[out]
		s.k--
		spread, mean = spread-t.Spread[k], mean-t.MeanSq[k]
		squares, along, d = squares-float64(2*t.Self[k]), along-float64(2*t.SelfAlong[k]), d-float64(4*t.Self[k])
	}
	left := s.n - 1
	s.noise = (spread - squares - d/left) / (left - 1)
	s.gradient = mean - 2*along/left + d/(left*left) - s.noise/left
	s.sigma = sigma / (s.n - 1)
	s.norm = norm - float64(s.sigma/s.n*m.correction(s.n))
	return s
}
