// Package enhancement measures what noise enhancement does to the gradient noise, and compares it with the theory in package noise.
//
// It is opinionated about evidence. A draw of a pair of minibatches gives three scalars, |x|^2, |x'|^2 and <x, x'>, which determine
// the noise at every alpha: all measured factors are functions of one number, the correlation rho of the two noises. So rho comes
// first, with its test ([MeasureCorrelation]), and the factors are derived from it ([Factors]). The measurement that can really
// contradict the theory is that of the effective batch ([AgainstUnits]): it compares noise from the trainer's own weighted pass with
// the covariance of separately recorded units, through Eqs. 4, 10 and 11 of the paper together.
//
// Start with [Analyse], which gives all of these over a grid of alpha, from recorded units, direct draws or both. The exponent with
// which the scale of the noise depends on alpha tells finite variance from stable laws ([Exponent]).
//
// Intervals have level 95%: Student-t intervals of ratio estimates by linearisation, on the log scale where the ratio is
// positive. Measured on linear-Gaussian gradients they cover 94 to 96%, and [AgainstUnits] 91% where the gradients follow
// Student t with 5 degrees of freedom. Agreement is shown by a test of equivalence against a stated margin, not by a p-value above
// 0.05.
package enhancement
