// Package identity holds what is known in closed form about the noise of SGD and of noise enhancement (package noise) against
// synthetic data: it is what `noiseprobe verify` runs.
//
// It is opinionated about three things. The data go through the product: its samplers ([noise.NewOrder], [noise.Draw] and
// [noise.Counts]), its recorder (package probe) and its estimators (packages covariance, enhancement and normality), so that a
// wrong line in any of them fails a check and not only a wrong formula. Every identity is checked twice where it can be: by
// enumeration of everything that can be drawn from a small population, to rounding, and by Monte Carlo on a larger one, against
// its own standard error. And a verdict is not "the interval holds the prediction", which one check in twenty would fail by
// chance: the chance that any of the checks fails although all identities hold is [FalseAlarmRate].
//
// Start with [Verify]. The command tools/calibrate measures the intervals and tests of all packages, and the
// family-wise rate of Verify itself; its page is docs/calibration.md.
package identity
