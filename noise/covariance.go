package noise

// CovarianceFactor is c in Cov = c Sigma, the covariance of the gradient of one step, with Sigma of divisor N. It is exact for every N:
//
//	SGD (alpha = 1), Eq. 4    (N - B) / (B (N - 1))
//	independent             f (N - B) / (B (N - 1))
//	disjoint                (f N - B) / (B (N - 1))
//	replacement             f / B
//	naive, Eq. 5      alpha^2 (N - B) / (B (N - 1))
//
// With alpha = 1 every pairing but [Replacement] is SGD without replacement. N must be at least 2.
func CovarianceFactor(p Pairing, n, batch int, alpha float64) float64 {
	mustCheckBatch(p, n, batch)
	if n < 2 {
		panic("noise: a covariance needs at least 2 samples")
	}
	N, B, f := float64(n), float64(batch), Factor(alpha)
	switch p {
	case Independent:
		return f * (N - B) / (B * (N - 1))
	case Disjoint:
		return (float64(f*N) - B) / (B * (N - 1))
	case Replacement:
		return f / B
	case Naive:
		return alpha * alpha * (N - B) / (B * (N - 1))
	}
	panic("noise: unknown pairing " + string(p))
}

// Enhancement is the ratio of [CovarianceFactor] at alpha to that of SGD with the same B, drawn in the same way:
//
//	independent, replacement  f
//	disjoint                  (f N - B) / (N - B)
//	naive                     alpha^2
//
// It is NaN where SGD has no noise, B = N without replacement.
func Enhancement(p Pairing, n, batch int, alpha float64) float64 {
	return CovarianceFactor(p, n, batch, alpha) / CovarianceFactor(p, n, batch, 1)
}

// Correlation is E<x, x'> / E|x|^2 for the noises x of B and x' of B':
//
//	independent, replacement  0
//	disjoint                  -B / (N - B)
func Correlation(p Pairing, n, batch int) float64 {
	mustCheckBatch(p, n, batch)
	if p != Disjoint {
		return 0
	}
	return -float64(batch) / float64(n-batch)
}

// EnhancementAt is the enhancement that a measured correlation rho of the two noises implies:
//
//	alpha^2 + (1 - alpha)^2 + 2 alpha (1 - alpha) rho
func EnhancementAt(alpha, rho float64) float64 {
	return Factor(alpha) + float64(2*alpha*(1-alpha)*rho)
}

// EffectiveBatch is the size of the single minibatch whose noise has the covariance of one NE step. It is drawn without
// replacement, for [Replacement] with. The size tends to B / f (Eq. 11) as N grows; it need not be an integer and can be below 1:
//
//	independent            N / (1 + f (N/B - 1))
//	disjoint, replacement  B / f
//	naive                  N / (1 + alpha^2 (N/B - 1))
func EffectiveBatch(p Pairing, n, batch int, alpha float64) float64 {
	mustCheckBatch(p, n, batch)
	N, B, f := float64(n), float64(batch), Factor(alpha)
	switch p {
	case Independent:
		return N / (1 + float64(f*(N/B-1)))
	case Disjoint, Replacement:
		return B / f
	case Naive:
		return N / (1 + float64(alpha*alpha*(N/B-1)))
	}
	panic("noise: unknown pairing " + string(p))
}

// EffectiveBatchOf inverts Eq. 4: it is the size b of the single minibatch whose noise has a covariance of trace v, where s is
// the trace of the population's covariance with divisor N-1 (the unbiased one):
//
//	without replacement  1/b = v/s + 1/N
//	with replacement     1/b = v/s N/(N-1)
func EffectiveBatchOf(p Pairing, n int, v, s float64) float64 {
	N := float64(n)
	if p == Replacement {
		return s / v * (N - 1) / N
	}
	return 1 / (v/s + 1/N)
}
