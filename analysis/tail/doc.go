// Package tail estimates how heavy the tail of one sample is, P(X > x) ~ x^(-1/gamma), from its largest values.
//
// Start with Analyse, whose Conclusion says whether the variance is finite and whether the tail is heavier than one of Gaussian data; it
// applies every method to the sample and to samples of its Counterpart, and fits stable laws. Or with Hill and Moment, and with GaussianBand,
// which gives the range of the same estimator for Gaussian values.
//
// It is opinionated about three things. The threshold is always the (k+1)-th largest value, and k values lie above it:
//
//	y_1 >= y_2 >= ... >= y_n,    M_r(k) = (1/k) sum_(i<=k) log(y_i / y_(k+1))^r
//
// (With y_k as the threshold, as in some programs, the value at k is (k-1)/k times the one at k-1: an off-by-one that looks like bias.
// Here only PowerLaw counts its threshold among the k values.) An estimate of the tail index 1/gamma means nothing by itself, since
// Hill gives one for any data: the surrogate band shows the estimates from Gaussian data of the same size, mean and scale at the same k.
// And what is undefined remains so: an estimate is NaN, null in JSON, if k < 1, k >= n, a value is not finite, or, for those that take
// logarithms (all but Pickands and GPD), y_(k+1) <= 0. The tail index is also undefined where gamma <= 0, since no power law is that
// light.
//
// Stable fits stable laws to the whole sample; it gives an alpha for any sample. ScaleArtefact shows how alpha is changed by pooling
// coordinates of different scales.
//
// Samples are only read. The values are assumed to be independent. Nothing is centred except by ScaleArtefact.
package tail
