// Package normality says how far a sample, or rows of several dimensions, are from a Gaussian: moments with intervals, and the
// classical tests.
//
// Start with Univariate and Multivariate, which are made of a function for every statistic; BenjaminiHochberg and RejectionRate
// read many p-values at once, and Pursue looks for the direction along which rows are least Gaussian.
//
// It is opinionated about four things. A statistic names its convention: g1 and g2 are moment ratios with divisor n, G1
// and G2 their bias-adjusted forms, a kurtosis is always an excess. A p-value comes with its logarithm, so that "0"
// never hides how small it is. The intervals of g1 and g2 do not assume the normality that they are there to judge.
// Nothing is ever rounded into a number: a statistic that is undefined (a constant sample, too few values, a value that
// is not finite) is NaN, which JSON shows as null.
//
// Samples are only read. Results depend neither on the location nor on the scale of the sample, whose squares and fourth
// powers may lie outside the range of float64; only Variance is undefined there. Rows may be mapped by any invertible affine map.
// Results do not depend on the number of workers either. No function returns an error, and only Rows whose N and D do not fit X
// make one panic.
package normality
