// Package identity checks the closed forms for the noise of SGD and of noise enhancement (package noise) on synthetic data: it is
// what `noiseprobe verify` runs.
//
// It is opinionated about three things. The data go through the code that runs use: the samplers ([noise.NewOrder], [noise.Draw] and
// [noise.Counts]), the recorder (package probe) and the estimators (packages covariance, enhancement and normality), so that an error
// in any of them fails a check, and not only a wrong formula. Where possible every identity is checked twice: on a small population by
// enumeration of all draws, up to rounding, and on a larger one by Monte Carlo, with a standard error. And a check does not fail because
// its 95% interval does not contain the prediction, which happens for one correct check in twenty: the probability that any check fails
// although all identities hold is at most [FalseAlarmRate].
//
// Start with [Verify]. The command tools/calibrate measures the intervals and tests of all packages, and the
// family-wise rate of Verify itself; its page is docs/calibration.md.
package identity
