// Package noisescale estimates the noise scale of any training from a log of two squared gradient norms a step: that of a small batch,
// a micro-batch or what one rank sees, and that of the whole batch.
//
// Start with Read and Log.Analyse. From the norms of a step follow unbiased estimates of tr Sigma and of |G|^2, the squared norm of the
// gradient without noise (McCandlish, Kaplan, Amodei et al. 2018, arXiv:1812.06162, appendix A.1); either may be negative. The noise scale of a
// range of steps is
//
//	B_noise = (mean of the estimates of tr Sigma) / (mean of the estimates of |G|^2)        samples
//
// It is opinionated about three things. The ratio is that of means: a mean of ratios is biased, and a smoothed ratio has no interval. Intervals
// allow for steps that are correlated and for slow drift along training, see meanCovariance, and that of the ratio is Fieller's (1954): where |G|^2 is not
// told from 0 it has no upper end. Nothing is clamped. And a log may have any length: beyond a fixed number of steps
// neighbouring ones are merged, which changes no mean, so that memory does not grow.
//
// What is estimated over a range in which training moves on is the ratio of the means of what was true at its steps.
//
// Measured coverage (docs/calibration.md) is 93 to 97% from 20 steps on where they are independent, also while tr Sigma grows fourfold and |G|^2
// falls as much, and from 500 steps on where the noise of consecutive steps has a correlation of 0.9; it is 92 to 94% at 200 such
// steps, which are worth about 10 independent ones. Where there is no gradient at all, the interval of the noise scale has no upper
// end in 97.5% of the logs.
package noisescale
