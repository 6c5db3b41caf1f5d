// Package optimizer describes the noise of the updates that Adam makes, where theory and the rest of the analysis speak of the gradient.
//
// Adam multiplies a gradient by a diagonal matrix D, d_p = 1 / (sqrt(v_p / (1 - beta2^t)) + eps), where v_p is a running mean of squares. This
// asks for three things. In the metric D the noise scale and the spectrum are other than in the gradient's own coordinates ([Noise]). As long
// as the moments stay as they are, the noise of the update is that of the gradient times D: noise enhancement multiplies it by f
// ([Frozen]). But v follows the squared gradient, noise included, v_p -> mu_p^2 + f s_p, so that in the long run it is multiplied by
//
//	f_u = sum_p f s_p D_p(f)^2 / sum_p s_p D_p(1)^2,      D_p(f) = 1 / (sqrt(mu_p^2 + f s_p) + eps)
//
// which lies between 1, where noise dominates, and f, where the gradient or eps does ([Stationary]). Plain SGD at B_eff has the same mu and f s
// as NE at B, and hence the same D: the effective batch size holds for Adam up to the third and fourth cumulants of the noise, f does not.
//
// Start with [Analyse].
package optimizer
