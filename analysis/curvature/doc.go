// Package curvature says how the noise of gradients meets the curvature of the loss: what tr(F Sigma) is, how far noise and curvature point the same
// way, and what a step of plain SGD gains and what its noise costs.
//
// The curvature is the Gauss-Newton matrix, which for cross-entropy is the Fisher matrix of the model's own labels,
//
//	F = (1/K) sum_k F_k,    F_k = J_k' (diag p_k - p_k p_k') J_k = E_(c ~ p_k) grad l_k(c) grad l_k(c)'
//
// with J_k the derivative of the logits of unit k and grad l_k(c) its gradient if its label were c. Under ghost batch normalisation the unit is a
// ghost batch, whose loss is the mean over its samples, and F_k the mean of theirs. F is never formed: it comes as [probe.Curvature], which a
// checkpoint stores.
//
// It is opinionated about which units meet. A sample's gradient and its own F_k are made of the same inputs and grow together, so that tr(F Sigma) of a few
// units is biased up; estimates whose names end in Unbiased therefore run over distinct units, and are unbiased for what all N units would give by the same
// formula. The others take the recorded units as the population. Intervals belong to the former.
//
// Start with [Of].
package curvature
