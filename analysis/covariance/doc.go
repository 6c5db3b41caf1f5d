// Package covariance describes the covariance of per-unit gradients: how large the noise is, along how many directions, and
// how it compares with the gradient.
//
// It is opinionated about bias: n gradients of P >> n parameters make every plug-in "effective rank" mostly a plot of n, so
// each such number has an unbiased companion, and each estimate an interval from the delete-one jackknife over units. A ratio
// whose denominator may be zero or negative (the noise scale near a minimum) gets an interval that may be unbounded, never a
// clamp. On linear-Gaussian gradients the intervals cover 93 to 97%, more where the gradient is lost in the noise; where a
// few long gradients dominate, 90%.
//
// What n gradients cannot show is said beside what they do: eigenvalues stand out only above an edge that knows the scales of
// the parameters ([Covariance], null_edge), estimates come with how they move with n and where they tend to ([BySize], [Extrapolation]),
// and subspaces at two checkpoints are compared by different units, beside what sampling alone leaves of their overlap ([Overlap]).
//
// Start with [Analyse], and with [Lead] for two checkpoints.
package covariance
