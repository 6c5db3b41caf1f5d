package curvature

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
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
	// place is the number of a recorded unit among those whose curvature is known, -1 for others.
	place []int
	// all is tr Sigma and such of all units.
	all noise.NormMoments
	// others is the sum of tr F_k F_l over l other than k, spread that of Deviation over all units.
	others, spread []float64
}

func meet(c *probe.Curvature, u *probe.Units) *meeting {
	m := &meeting{Curvature: c, u: u, place: make([]int, u.N), all: covariance.NormMoments(u)}
	for i := range m.place {
		m.place[i] = -1
	}
	k := c.K()
	m.others, m.spread = make([]float64, k), make([]float64, k)
	for a, unit := range c.Unit {
		m.place[unit] = a
		for b, v := range c.Pair[a*k : (a+1)*k] {
			if b != a {
				m.others[a] += v
			}
		}
		m.spread[a] = total(c.Deviation[a*u.N : (a+1)*u.N])
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

// sumsWithout leaves out a recorded unit, or none for -1, in O(K).
func (m *meeting) sumsWithout(out int, moments noise.NormMoments) sums {
	s := sums{n: float64(moments.N), square: moments.Polykays().TraceOfSquareAt(m.u.Population)}
	s.sigma = moments.Trace * s.n / (s.n - 1)
	s.norm = m.normWithout(out) - float64(s.sigma/s.n*m.correction(s.n))
	for k := range m.Unit {
		if m.Unit[k] == out {
			continue
		}
		s.k++
		s.trace += m.Trace[k]
		s.pairs += m.others[k]
		v, g := m.unbiased(k, out)
		s.noise, s.gradient = s.noise+v, s.gradient+g
	}
	if out >= 0 && m.place[out] >= 0 {
		s.pairs -= m.others[m.place[out]]
	}
	return s
}

// correction is 1 - n/N, 1 where N is unknown.
func (m *meeting) correction(n float64) float64 {
	if m.u.Population < m.u.N {
		return 1
	}
	return 1 - n/float64(m.u.Population)
}

// normWithout is |gbar|^2 of the others: without c = g_i - gbar the mean is gbar - c/(n-1).
func (m *meeting) normWithout(out int) float64 {
	if out < 0 {
		return m.u.MeanNormSq
	}
	n := float64(m.u.N)
	along := m.u.MeanDot[out] - m.u.MeanNormSq
	return m.u.MeanNormSq - 2*along/(n-1) + m.u.Centred[out*m.u.N+out]/((n-1)*(n-1))
}

// unbiased are tr(F_k S_k), with the covariance (divisor one less than their number) of all units but k and the one that is left out, and the estimate
// of gbar' F_k gbar from the same units:
//
//	mean' F_k mean - tr(F_k S_k) / (their number)
//
// With x the vector of the columns' products with c_i, and d the sum of those that are left out, the mean of the others is that of all less d/(n - left out),
// and their sum of squares that of all less the squares left out and |d|^2/(n - left out).
func (m *meeting) unbiased(k, out int) (noise, gradient float64) {
	row, self := k*m.u.N, m.Unit[k]
	left := float64(m.u.N - 1)
	squares, d, along := m.Deviation[row+self], m.Deviation[row+self], m.Along[row+self]
	if out >= 0 {
		left--
		squares += m.Deviation[row+out]
		d += m.Deviation[row+out] + float64(2*m.Own[row+out])
		along += m.Along[row+out]
	}
	noise = (m.spread[k] - squares - d/left) / (left - 1)
	return noise, m.MeanSq[k] - 2*along/left + d/(left*left) - noise/left
}

func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}
