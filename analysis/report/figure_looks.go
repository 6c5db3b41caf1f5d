package report

import (
	"slices"
	"strings"
)

// look is everything about a figure but its numbers.
type look struct {
	title, caption, xLabel, yLabel string
	// empty says why there may be no data.
	empty      string
	logX, logY bool
	// kind is the kind of the series that kinds does not name.
	kind  Kind
	kinds map[string]Kind
	// categories name the places 1, 2, ... of an x axis without a scale.
	categories []string
}

// FigureNames are the names of the figures of a run, in reading order.
func FigureNames() []string {
	return []string{"loss", "accuracy", "trace", "noise-scale", "spectrum", "enhancement", "kurtosis", "shape", "hill",
		"diversity", "kurtosis-training"}
}

// The series names that have a fixed role.
const (
	seriesPredicted = "predicted"
	seriesGaussian  = "Gaussian"
	seriesSurrogate = "Gaussian surrogate"
	seriesChosen    = "chosen k"
)

// The three arms whose shapes are compared, in the order of the figures and tables.
const (
	armNE        = "NE at B"
	armSGD       = "SGD at B"
	armEffective = "SGD at B_eff"
)

func arms() []string { return []string{armNE, armSGD, armEffective} }

func (l look) kindOf(series string) Kind {
	if strings.HasSuffix(series, predictedSuffix) {
		return Ticks
	}
	if k, ok := l.kinds[series]; ok {
		return k
	}
	return l.kind
}

// known reports whether a figure of that name exists.
func known(name string) bool { return slices.Contains(FigureNames(), name) }

var looks = map[string]look{
	"loss": {
		title:  "Loss during training",
		xLabel: "step", yLabel: "mean cross-entropy loss", logY: true, kind: Line,
		empty: "metrics.csv holds no rows",
		caption: "Mean loss over (up to -eval) training and test samples after each epoch and at each checkpoint. " +
			"What to expect: the training loss falls towards zero; a test loss that turns upwards while the training loss " +
			"still falls is overfitting.",
	},
	"accuracy": {
		title:  "Test accuracy during training",
		xLabel: "step", yLabel: "test accuracy", kind: Line,
		empty: "no row of metrics.csv has a test accuracy",
		caption: "Share of test samples classified correctly. What to expect: a fast rise, then a plateau; jitter from row " +
			"to row of about sqrt(p (1 - p) / samples) is sampling error of the test set, not noise of the training.",
	},
	"trace": {
		title:  "Size of the gradient noise",
		xLabel: "step (logarithmic)", yLabel: "tr Sigma, unbiased", logX: true, kind: Track,
		empty: "no checkpoint holds a covariance",
		caption: "Unbiased trace of the covariance of the recorded units' gradients at each checkpoint, with 95% " +
			"intervals. What to expect: it changes with the training loss, often by a factor of ten or more, since samples " +
			"that are already classified well have small gradients.",
	},
	"noise-scale": {
		title:  "Noise scale",
		xLabel: "step (logarithmic)", yLabel: "tr Sigma / |gradient|^2, in samples", logX: true, logY: true, kind: Track,
		empty: "the noise scale is undefined at every checkpoint",
		caption: "The batch size at which noise and signal of a minibatch gradient are equally large (McCandlish et al., " +
			"B_simple), with 95% intervals. What to expect: it grows as the gradient shrinks, and is undefined " +
			"where the gradient cannot be told from zero. A bar that reaches the edge is an unbounded interval.",
	},
	"diversity": {
		title:  "Gradient diversity",
		xLabel: "step (logarithmic)", yLabel: "n sum |g|^2 / |sum g|^2", logX: true, logY: true, kind: Track,
		empty: "no checkpoint holds a covariance",
		caption: "Diversity of the recorded units' gradients (Yin et al.), times their number n, with 95% intervals: 1 where all are " +
			"alike, n where they cancel or are orthogonal. What to expect: it rises as the gradients of samples stop " +
			"pointing the same way, and cannot be told from infinity where the mean gradient cannot be told from 0.",
	},
	"kurtosis-training": {
		title:  "Distance from Gaussian along training",
		xLabel: "step (logarithmic)", yLabel: "excess kurtosis of the noise", logX: true, kind: Track,
		empty: "no checkpoint holds draws along directions",
		caption: "Excess kurtosis of resampled minibatch noise along the leading direction at each checkpoint, with 95% intervals; 0 is " +
			"Gaussian. What to expect: NE at B lies below SGD at B_eff, which has the same covariance; all three grow when few " +
			"samples carry most of the gradient.",
	},
	"spectrum": {
		title:  "Spectrum of the noise covariance",
		xLabel: "rank", yLabel: "eigenvalue of Sigma (divisor n)", logX: true, logY: true, kind: Line,
		empty: "no checkpoint holds eigenvalues above zero",
		caption: "Eigenvalues of the covariance of the recorded gradients against their rank. What to expect: a few large " +
			"eigenvalues, about as many as there are classes, then a power-law bulk. There are at most n - 1 of them for n units, so the " +
			"drop at the right end is the number of units and not a property of the network.",
	},
	"enhancement": {
		title:  "What noise enhancement does to the covariance",
		xLabel: "alpha", yLabel: "f: covariance of NE over that of SGD at B", kind: Points,
		kinds: map[string]Kind{seriesPredicted: Reference},
		empty: "no checkpoint holds draws",
		caption: "Measured factor f with 95% intervals against the curve alpha^2 + (1 - alpha)^2. What to expect: f measured " +
			"from direct draws falls on the curve if the noises of B and B' are uncorrelated. All points of one evidence come " +
			"from the same draws, so they are right or wrong together. Resampled points must fall on it: they check the arithmetic.",
	},
	"kurtosis": {
		title:  "Distance from Gaussian, beyond the covariance",
		xLabel: "", yLabel: "excess kurtosis of the noise", kind: Points,
		categories: arms(),
		empty:      "no checkpoint holds draws along directions",
		caption: "Excess kurtosis of minibatch noise projected on fixed directions, measured with 95% intervals, and " +
			"predicted from the recorded units (short bars); 0 is Gaussian. What to expect: NE at B and SGD at B_eff have the same covariance, but NE " +
			"is closer to Gaussian: its excess is (alpha^4 + (1 - alpha)^4) / f^3 times that of the small batch.",
	},
	"shape": {
		title:  "Shape of the noise: normal Q-Q plot",
		xLabel: "quantile of the standard normal", yLabel: "quantile of the standardised noise", kind: Points,
		kinds: map[string]Kind{seriesGaussian: Reference},
		empty: "no checkpoint holds draws along directions",
		caption: "Quantiles of minibatch noise along one direction, divided by its standard deviation, against those of a " +
			"normal distribution. What to expect: points on the diagonal are Gaussian; ends that bend away from it (left end down, " +
			"right end up) are heavier tails. The outermost points scatter even for Gaussian noise.",
	},
	"thresholds": {
		title:  "Tail estimates against the threshold",
		xLabel: "k: number of largest values used", yLabel: "gamma (tail index 1/gamma)", logX: true, kind: Line,
		kinds: map[string]Kind{seriesChosen: Points},
		empty: "no estimate is defined at any k",
		caption: "Estimates of gamma over k, and the k that each method chose. What to expect: over the k of a power-law tail all are " +
			"flat and agree; a slope is bias. Gamma at or below 0 is no power law; hill and kernel cannot say so, moment and gpd can.",
	},
	"hill": {
		title:  "Tail index against the number of order statistics",
		xLabel: "k: number of largest values used", yLabel: "tail index 1/gamma (Hill)", logX: true, logY: true, kind: Band,
		kinds: map[string]Kind{seriesSurrogate: Band},
		empty: "the tail sample is too small or constant",
		caption: "Hill estimate of the tail index with its 95% interval, and the same estimate for Gaussian samples of the same " +
			"size and scale. What to expect: a power-law tail shows a plateau below the Gaussian curve; a curve inside " +
			"the grey band is what Gaussian data give at this n. An index below 2 would mean infinite variance.",
	},
}
