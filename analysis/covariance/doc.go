// Package covariance describes the covariance of per-unit gradients: how large the noise is, along how many directions, and
// how it compares with the gradient.
//
// It is opinionated about bias. With n gradients of P >> n parameters a plug-in "effective rank" mostly reflects n, so each such
// number has an unbiased companion, and each estimate an interval from the delete-one jackknife over units. A ratio whose
// denominator may be zero or negative (the noise scale near a minimum) has an interval that may be unbounded; it is never clamped.
// On linear-Gaussian gradients the intervals cover 93 to 97%, and more where the gradient is lost in the noise; where a few long
// gradients dominate, they cover 90%.
//
// Results come with what n gradients cannot show. An eigenvalue counts as outstanding only above an edge that takes account of the
// scales of the parameters ([Covariance], null_edge); estimates have their dependence on n and their limit beside them ([BySize],
// [Extrapolation]); and subspaces at two checkpoints are compared by different units, beside the overlap that sampling alone leaves
// of equal ones ([Overlap]).
//
// Start with [Analyse], and with [Lead] for two checkpoints.
package covariance
