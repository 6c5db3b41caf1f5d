// Package noise holds what is known in closed form about the noise of minibatch gradients under noise enhancement (NE),
// and the one sampler of minibatch indices that training, direct draws and resampling share.
//
// Mori and Ueda, "Improved generalization by noise enhancement" (arXiv:2009.13094), replace the minibatch gradient by
//
//	alpha grad L_B(w) + (1 - alpha) grad L_B'(w)        (Eq. 6)
//
// which keeps its mean and multiplies the covariance of its noise by
//
//	f(alpha) = alpha^2 + (1 - alpha)^2                   (Eq. 10)
//
// so that a minibatch of B acts like one of B_eff = B / f (Eq. 11). The package is opinionated about one thing: the exact
// result depends on how B and B' are drawn, so every prediction takes a [Pairing] and, where it matters, the size N of
// the training set. Start with [Factor], [CovarianceFactor] and [EffectiveBatch]; [Moments] goes beyond the covariance.
//
// Notation, used by every package of the module:
//
//	N      population    samples in the training set
//	n      units         per-unit gradients recorded at a checkpoint, n <= N
//	P      parameters    number of model parameters
//	B      batch         minibatch size
//	alpha  alpha         enhancement; 1 is plain SGD, and 0 < alpha < 1 averages B and B', so that f < 1
//	g_i                  gradient of the loss of unit i
//	Sigma                population covariance of g_i, divisor N (Eq. 4)
//	eta    learningRate  a gradient noise carries no eta; an update noise does, and is named so
//
// Functions panic for shapes and sizes that the caller can know beforehand (B > N, 2B > N for disjoint pairs); values that
// come from users are checked by [CheckBatch] and [ParsePairing], which return errors. Undefined values are NaN.
package noise
