// Package tail estimates how heavy the tail of one sample is, P(X > x) ~ x^(-1/gamma), from its largest values.
//
// Start with Analyse, which runs every method beside Gaussian surrogates and fits of a stable law; or with Hill and Moment, and
// ask GaussianBand what the same estimator says of Gaussian values.
//
// It is opinionated about three things. The threshold is always the (k+1)-th largest value, and k values lie above it:
//
//	y_1 >= y_2 >= ... >= y_n,    M_r(k) = (1/k) sum_(i<=k) log(y_i / y_(k+1))^r
//
// (with y_k in its place, as some programs have it, the value at k is (k-1)/k times the one at k-1: an off-by-one that
// looks like bias). An estimate of the tail index 1/gamma means nothing alone, since Hill gives one for any data: the
// surrogate band says what Gaussian data of the same size, mean and scale give at the same k. And what is undefined stays
// so: an estimate is NaN, null in JSON, where k < 1, k >= n, a value is not finite, or y_(k+1) <= 0 for those that take logs
// (all but Pickands and GPD), and the tail index is also undefined where gamma <= 0, since no power law is that light.
// PowerLaw alone counts its threshold among the k values.
//
// Stable fits stable laws instead, and so speaks of the whole sample; any sample gets an alpha from it. What many coordinates of
// different scales make of that, pooled, is what ScaleArtefact is about.
//
// Samples are only read. The values are taken to be independent; nothing is centred, but by ScaleArtefact.
package tail
