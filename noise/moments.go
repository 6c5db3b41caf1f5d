package noise

import "math"

// Population holds the central moments of the N gradients that minibatches are drawn from, projected onto one direction:
//
//	c_r = (1/N) sum (x - mean)^r
type Population struct {
	N          int
	C2, C3, C4 float64
}

// NewPopulation computes the central moments of x, divisor N, in two passes.
func NewPopulation(x []float64) Population {
	n := float64(len(x))
	mean := 0.0
	for _, v := range x {
		mean += v / n
	}
	p := Population{N: len(x)}
	for _, v := range x {
		d := v - mean
		p.C2 += d * d / n
		p.C3 += d * d * d / n
		p.C4 += d * d * d * d / n
	}
	return p
}

// KStatistics returns Fisher's k-statistics of the population, each of them NaN where N is less than its order, and the polykay
// K22, the unbiased counterpart of K2^2:
//
//	K2 = N c2/(N-1),  K3 = N^2 c3/((N-1)(N-2)),  K4 = N^2 [(N+1) c4 - 3 (N-1) c2^2]/((N-1)(N-2)(N-3))
//	K22 = (K2^2 - K4/N) (N-1)/(N+1)
func (p Population) KStatistics() (k2, k3, k4, k22 float64) {
	n := float64(p.N)
	k2, k3, k4 = math.NaN(), math.NaN(), math.NaN()
	if p.N >= 2 {
		k2 = n * p.C2 / (n - 1)
	}
	if p.N >= 3 {
		k3 = n * n * p.C3 / ((n - 1) * (n - 2))
	}
	if p.N >= 4 {
		k4 = n * n * (float64((n+1)*p.C4) - float64(3*(n-1)*p.C2*p.C2)) / ((n - 1) * (n - 2) * (n - 3))
	}
	return k2, k3, k4, (float64(k2*k2) - k4/n) * (n - 1) / (n + 1)
}

// CentralMoments are the second to fourth central moments of a gradient along one direction.
type CentralMoments struct{ Mu2, Mu3, Mu4 float64 }

// Skewness is mu3 / mu2^1.5, NaN where the variance is 0.
func (m CentralMoments) Skewness() float64 { return m.Mu3 / math.Pow(m.Mu2, 1.5) }

// ExcessKurtosis is mu4 / mu2^2 - 3, NaN where the variance is 0.
func (m CentralMoments) ExcessKurtosis() float64 { return m.Mu4/(m.Mu2*m.Mu2) - 3 }

// Moments returns the exact central moments of the gradient of one step along the direction of p, for minibatches of size
// batch out of the finite population. Let q_r be the sum over all N samples of the r-th powers of their weights, which are
// alpha/B - 1/N on B, (1-alpha)/B - 1/N on B' and -1/N elsewhere. For SGD (alpha = 1) and [Disjoint]
//
//	mu2 = K2 q2,  mu3 = K3 q3,  mu4 = K4 q4 + 3 K22 q2^2
//
// For two minibatches that are independent of each other ([Independent], [Replacement]), with the moments M_r of a single one,
//
//	mu2 = f M2,  mu3 = s_3 M3,  mu4 = s_4 M4 + 6 alpha^2 (1-alpha)^2 M2^2
//
// and for [Naive] alpha^r M_r. Without replacement third moments are NaN for N < 3 and fourth ones for N < 4.
func Moments(pairing Pairing, p Population, batch int, alpha float64) CentralMoments {
	mustCheckBatch(pairing, p.N, batch)
	switch pairing {
	case Replacement:
		return independentPair(p.withReplacement(batch), alpha)
	case Independent:
		return independentPair(p.withoutReplacement(batch, 1), alpha)
	case Disjoint:
		return p.withoutReplacement(batch, alpha)
	case Naive:
		m := p.withoutReplacement(batch, 1)
		return CentralMoments{m.Mu2 * math.Pow(alpha, 2), m.Mu3 * math.Pow(alpha, 3), m.Mu4 * math.Pow(alpha, 4)}
	}
	panic("noise: unknown pairing " + string(pairing))
}

func independentPair(m CentralMoments, alpha float64) CentralMoments {
	cross := 6 * alpha * alpha * (1 - alpha) * (1 - alpha)
	return CentralMoments{
		Mu2: PowerSum(alpha, 2) * m.Mu2,
		Mu3: PowerSum(alpha, 3) * m.Mu3,
		Mu4: float64(PowerSum(alpha, 4)*m.Mu4) + float64(cross*m.Mu2*m.Mu2),
	}
}

func (p Population) withReplacement(batch int) CentralMoments {
	b := float64(batch)
	return CentralMoments{
		Mu2: p.C2 / b,
		Mu3: p.C3 / (b * b),
		Mu4: (p.C4-float64(3*p.C2*p.C2))/(b*b*b) + 3*p.C2*p.C2/(b*b),
	}
}

func (p Population) withoutReplacement(batch int, alpha float64) CentralMoments {
	q := func(r float64) float64 { return weightPower(float64(p.N), float64(batch), alpha, r) }
	k2, k3, k4, k22 := p.KStatistics()
	return CentralMoments{Mu2: k2 * q(2), Mu3: k3 * q(3), Mu4: float64(k4*q(4)) + float64(3*k22*q(2)*q(2))}
}

// weightPower is q_r, the sum of the r-th powers of the weights of n vectors. It adds up the powers of the weights themselves:
// expanded in s_r, B and N the sum has terms that cancel, and so has the difference alpha/B - 1/N; either would leave rounding
// errors where a moment is exactly 0.
func weightPower(n, b, alpha, r float64) float64 {
	inB, inPrime, outside := (float64(alpha*n)-b)/(b*n), (float64((1-alpha)*n)-b)/(b*n), -1/n
	return float64(b*math.Pow(inB, r)) + float64(b*math.Pow(inPrime, r)) + float64((n-float64(2*b))*math.Pow(outside, r))
}
