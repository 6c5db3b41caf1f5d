// Package enhancement measures what noise enhancement did to the gradient noise, and holds it against package noise.
//
// It is opinionated about evidence. Pairs of minibatches give three scalars a draw, |x|^2, |x'|^2 and <x, x'>, which settle
// every alpha at once: the measured factors are one number in disguise, the correlation rho of the two noises, so rho comes
// first, with its test ([MeasureCorrelation]), and the factors follow from it ([Factors]). The row that could really fail
// is the effective batch ([AgainstUnits]): it compares noise from the trainer's own weighted pass with the covariance of
// separately recorded units, through Eqs. 4, 10 and 11 of the paper together.
//
// Start with [Analyse], which gives all of these rows over a grid of alpha from recorded units, direct draws or both. What the second
// moment cannot see is compared at equal covariance, NE at B against SGD at B_eff ([Matching.Along]: variances, third and fourth
// cumulants; [Matching.Tails]), and the exponent with which the noise's scale follows alpha tells finite variance from stable
// laws ([Exponent]).
//
// Intervals have level 95%: Student-t intervals of ratio estimates by linearisation, on the log scale where the ratio is
// positive. Measured on linear-Gaussian gradients they cover 94 to 96%, and [AgainstUnits] 91% where the gradients are
// Student t with 5 degrees of freedom. Agreement is a test of equivalence against a stated margin, not a p-value above 0.05; an
// error in the trainer's alpha is found by that of B_eff at the number of draws that [DrawsToDetect] computes.
package enhancement
