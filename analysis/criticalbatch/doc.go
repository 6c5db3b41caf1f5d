// Package criticalbatch finds the batch size that pays from runs to one loss at several batch sizes B.
//
// The steps S that a training needs to reach a loss fall with B, and the samples E = B S that it reads grow. McCandlish, Kaplan, Amodei et al.
// (2018, arXiv:1812.06162, eq. 2.11) write
//
//	(S / S_min - 1) (E / E_min - 1) = 1,    that is    S = S_min + E_min / B,    B_crit = E_min / S_min
//
// with the fewest steps S_min of any B and the fewest samples E_min: at B_crit a training needs twice of both.
//
// Start with [Trend.Crossing], which finds S of one run, and [Of], which fits the law. It is opinionated about three things. A loss is reached
// where the monotone trend of the run reaches it, not at its first dip. The fit is on the scale of log S, where the spread over seeds is about
// as large at every B, and the interval of B_crit is by the profile of its sum of squares, so that it has no upper end where the runs do not
// show that steps cease to fall, and begins at 0 where they do not show that they fall. And where it has an open end, or the estimate is none
// of the tested range, the verdict is that there is none in this range.
//
// Measured coverage is in docs/calibration.md.
package criticalbatch
