package noise

import "math"

// NormMoments are the moments of n vectors x_i that the mean and the variance of the squared length of a minibatch's noise depend
// on. Their divisor is n. With G the Gram matrix of the vectors less their mean,
//
//	Trace       = (1/n) sum G_ii         E|x|^2
//	TraceSquare = (1/n^2) sum G_ij^2     tr Sigma^2
//	Fourth      = (1/n) sum G_ii^2       E|x|^4
type NormMoments struct {
	N                          int
	Trace, TraceSquare, Fourth float64
}

// Kappa is the fourth cumulant of the n vectors, taken as the population, contracted over two pairs of its indices:
//
//	E|x|^4 - (tr Sigma)^2 - 2 tr Sigma^2
//
// It is 0 for a Gaussian, and sums up all directions.
func (m NormMoments) Kappa() float64 {
	return m.Fourth - float64(m.Trace*m.Trace) - float64(2*m.TraceSquare)
}

// NormPolykays are unbiased estimates from a sample of vectors: symmetric functions whose expectations are the same functions of the
// population, whether it was drawn from with or without replacement. For an infinite population K4 estimates kappa, TraceSquared
// (tr Sigma)^2 and TraceOfSquare tr Sigma^2.
type NormPolykays struct{ K4, TraceSquared, TraceOfSquare float64 }

// Polykays computes them; for n < 4 they are NaN. With S the covariance of the vectors, divisor n - 1,
//
//	K4 = n^2 / ((n-1)(n-2)(n-3)) ((n+1) E|x|^4 - (n-1)((tr Sigma)^2 + 2 tr Sigma^2))
//	X + 2Y/(n-1)      = (tr S)^2 - K4/n           X: TraceSquared
//	X/(n-1) + Yn/(n-1) = tr S^2 - K4/n             Y: TraceOfSquare
//
// Y is the estimate of Himeno and Yamada (2014), K4 the multivariate k-statistic.
func (m NormMoments) Polykays() NormPolykays {
	if m.N < 4 {
		return NormPolykays{math.NaN(), math.NaN(), math.NaN()}
	}
	n := float64(m.N)
	k4 := n * n / ((n - 1) * (n - 2) * (n - 3)) * (float64((n+1)*m.Fourth) - float64((n-1)*(float64(m.Trace*m.Trace)+float64(2*m.TraceSquare))))
	square := m.Trace*m.Trace*n*n/((n-1)*(n-1)) - k4/n
	ofSquare := m.TraceSquare*n*n/((n-1)*(n-1)) - k4/n
	y := (ofSquare - square/(n-1)) * (n - 1) * (n - 1) / ((n - 2) * (n + 1))
	return NormPolykays{K4: k4, TraceSquared: square - 2*y/(n-1), TraceOfSquare: y}
}

// TraceOfSquareAt is tr S^2 of a population of n vectors with these polykays, S with divisor n - 1; n = 0 stands for an infinite one.
func (k NormPolykays) TraceOfSquareAt(n int) float64 {
	if n == 0 {
		return k.TraceOfSquare
	}
	size := float64(n)
	return (float64(k.TraceOfSquare*size)+k.TraceSquared)/(size-1) + k.K4/size
}

// NormVariance is the variance of the squared length |xi|^2 of the noise of a step at (alpha, B), for minibatches out of a population
// of n vectors with these polykays; n = 0 stands for an infinite one. With q_r the sum of the r-th powers of the weights as in [Moments],
//
//	q_4 K4 + q_2^2 (X + 2Y) - (q_2 tr S)^2                                         SGD, disjoint pairs
//	alpha^4 V, V that of SGD                                                       naive
//	s_4 V + 4 alpha^2 (1-alpha)^2 ((n-B)/(Bn))^2 tr S^2, V that of SGD             independent pairs
//	s_4 K4 / B^3 + 2 f^2 Y / B^2                                                   infinite population
//
// For minibatches with replacement from n vectors the last line holds with the kappa and the tr Sigma^2 (divisor n) of these vectors
// for K4 and Y. The result is exact for the population's own polykays, and unbiased for those of a sample.
//
// Gaussian noise with the covariance Sigma_xi has the variance 2 tr Sigma_xi^2, see [NormExcess].
func (k NormPolykays) NormVariance(p Pairing, n, batch int, alpha float64) float64 {
	if p == Naive {
		return math.Pow(alpha, 4) * k.NormVariance(Independent, n, batch, 1)
	}
	b := float64(batch)
	s4 := PowerSum(alpha, 4)
	if n == 0 {
		return s4*k.K4/(b*b*b) + float64(2*math.Pow(Factor(alpha)/b, 2)*k.TraceOfSquare)
	}
	mustCheckBatch(p, n, batch)
	size := float64(n)
	switch p {
	case Replacement:
		// kappa and tr Sigma^2 of the n vectors, from their polykays.
		t2 := float64(k.TraceOfSquareAt(n) * math.Pow((size-1)/size, 2))
		square := float64((k.TraceSquared + 2*k.TraceOfSquare/(size-1) + k.K4/size) * math.Pow((size-1)/size, 2))
		fourth := (float64((size-1)*(size-2)*(size-3)/(size*size)*k.K4) + float64((size-1)*(square+float64(2*t2)))) / (size + 1)
		return s4*(fourth-square-float64(2*t2))/(b*b*b) + float64(2*math.Pow(Factor(alpha)/b, 2)*t2)
	case Independent:
		single := k.withoutReplacement(size, b, 1)
		pair := 2 * alpha * (1 - alpha) * (size - b) / (b * size)
		return float64(s4*single) + float64(pair*pair*k.TraceOfSquareAt(n))
	}
	return k.withoutReplacement(size, b, alpha)
}

// withoutReplacement is the first line of [NormPolykays.NormVariance] with (tr S)^2 = X + 2Y/(n-1) + K4/n put in, so that the
// leading terms cancel on paper and not in floating point.
func (k NormPolykays) withoutReplacement(n, b, alpha float64) float64 {
	q2, q4 := weightPower(n, b, alpha, 2), weightPower(n, b, alpha, 4)
	return float64(q4*k.K4) + float64(q2*q2*(2*k.TraceOfSquare*(n-2)/(n-1)-k.K4/n))
}

// NormExcess is the relative excess of the variance of |xi|^2 over that of Gaussian noise with the same covariance, for minibatches
// from an infinite population, or drawn with replacement from vectors with this kappa and this tr Sigma^2 (divisor n):
//
//	Var|xi|^2 / (2 tr Sigma_xi^2) - 1 = s_4 kappa / (2 f^2 B tr Sigma^2)
//
// It is 0 for Gaussian gradients. That of NE at B is s_4 / f^3 times that of SGD at B / f.
func NormExcess(kappa, traceOfSquare float64, batch int, alpha float64) float64 {
	f := Factor(alpha)
	return PowerSum(alpha, 4) * kappa / (2 * f * f * float64(batch) * traceOfSquare)
}
