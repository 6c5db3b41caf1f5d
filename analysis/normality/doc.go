// Package normality says how far one sample is from a Gaussian: its moments with intervals, and the classical tests.
//
// Start with Describe for the moments and Tests for the tests.
//
// It is opinionated about four things. A statistic names its convention: g1 and g2 are moment ratios with divisor n, G1
// and G2 their bias-adjusted forms, a kurtosis is always an excess. A p-value comes with its logarithm, so that "0"
// never hides how small it is. The intervals of g1 and g2 do not assume the normality that they are there to judge.
// Nothing is ever rounded into a number: a statistic that is undefined (a constant sample, too few values, a value that
// is not finite) is NaN, which JSON shows as null.
//
// Samples are only read. Results depend neither on the location nor on the scale of the sample, whose squares and fourth
// powers may lie outside the range of float64; only Variance is undefined there. No function returns an error or panics.
package normality
