// Package normality measures how far a sample, or rows of several dimensions, are from a Gaussian, by moments with intervals and
// by the classical tests.
//
// Start with Univariate and Multivariate, which call a function for every statistic. BenjaminiHochberg and RejectionRate judge many
// p-values together, and Pursue looks for the direction along which rows are least Gaussian.
//
// It is opinionated about four things. A statistic names its convention: g1 and g2 are moment ratios with divisor n, G1 and G2 their
// bias-adjusted forms, and a kurtosis is always an excess. A p-value comes with its logarithm, which shows how small it is where it
// rounds to 0. The intervals of g1 and g2 do not assume the normality that they are to judge. And a statistic that is undefined (a
// constant sample, too few values, a value that is not finite) is NaN, null in JSON, and never a number.
//
// Samples are only read. Results do not depend on the location and the scale of a sample, even where its squares and fourth powers are
// outside the range of float64, in which case only Variance is undefined. Results for rows do not change under invertible affine maps.
// None depend on the number of workers. No function returns an error, and the only panic is for Rows whose N and D do not fit X.
package normality
