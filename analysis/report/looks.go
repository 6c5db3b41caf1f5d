package report

import (
	"crypto/sha256"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

// FigureNames are the names of the figures of a run, in reading order.
func FigureNames() []string {
	return []string{"loss", "accuracy", "trace", "noise-scale", "spectrum", "enhancement", "kurtosis", "shape", "hill",
		"curvature", "update-noise", "diversity", "kurtosis-training"}
}

// IsAlongTraining reports whether a figure has the step on its axis, and needs several checkpoints.
func IsAlongTraining(name string) bool {
	return strings.HasPrefix(looks[name].XLabel, "step")
}

const (
	seriesPredicted = "predicted"
	seriesTraining  = "training"
	seriesTest      = "test"
	seriesEqual     = "noise equal to curvature"
	seriesGaussian  = "Gaussian"
	seriesSurrogate = "Gaussian surrogate"
)

func armNames() (names []string) {
	for _, arm := range enhancement.Arms() {
		names = append(names, arm.String())
	}
	return names
}

// newFigure puts series under the words of a name, which is one of [FigureNames].
func newFigure(name string, series ...figure.Series) figure.Figure {
	f, ok := looks[name]
	if !ok {
		panic("report: no figure is named " + name)
	}
	f.Name, f.Series = name, series
	if f.ZeroY && decades(series) > 3 { // beside the largest the others would all be 0
		f.ZeroY, f.LogY = false, true
	}
	f.Check()
	return f
}

// decades is the range of the values and intervals on a logarithmic scale, 0 where any of them is not positive.
func decades(series []figure.Series) float64 {
	lo, hi := math.Inf(1), 0.0
	for _, s := range series {
		for _, v := range slices.Concat(s.Y, s.Lo, s.Hi) {
			if finite(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo <= 0 || hi == 0 {
		return 0
	}
	return math.Log10(hi / lo)
}

// ReadFigure reads the figure at path, which is NAME.csv for one of [FigureNames]. The error names the file and the line.
func ReadFigure(path string) (figure.Figure, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".csv")
	if !slices.Contains(FigureNames(), name) {
		return figure.Figure{}, fmt.Errorf("%s: no figure is named %q", path, name)
	}
	series, err := figure.ReadCSV(path)
	if err != nil {
		return figure.Figure{}, err
	}
	for i := range series {
		if name == "loss" && series[i].Kind == figure.Faint { // which a file does not say
			series[i].For = seriesTraining
		}
	}
	return newFigure(name, series...), nil
}

// FigureChecksum is a checksum of the numbers of a figure, those of its .csv.
func FigureChecksum(f figure.Figure) string {
	h := sha256.New()
	_ = f.WriteCSV(h) // a hash takes everything
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}

// looks are the words around each figure and what its axes need. Captions say what is drawn; what it shows of a report, and what that rests on, is
// added by [WithFindings].
var looks = map[string]figure.Figure{
	"loss": {
		Title:  "Loss during training",
		XLabel: "step", YLabel: "mean cross-entropy loss", LogY: true,
		Empty:   "metrics.csv holds no rows",
		Caption: "Evaluated after each epoch and at each checkpoint; the pale line is of minibatches, averaged over blocks of steps in a long run.",
	},
	"accuracy": {
		Title:  "Test accuracy during training",
		XLabel: "step", YLabel: "test accuracy",
		Empty:   "no row of metrics.csv has a test accuracy",
		Caption: "Evaluated after each epoch and at each checkpoint.",
	},
	"trace": {
		Title:  "Size of the gradient noise",
		XLabel: "step (logarithmic)", YLabel: "tr Sigma, unbiased", LogX: true, ZeroY: true,
		Empty:   "no checkpoint holds a covariance",
		Caption: "Trace of the covariance of single gradients at each checkpoint.",
	},
	"noise-scale": {
		Title:  "Noise scale",
		XLabel: "step (logarithmic)", YLabel: "tr Sigma / |gradient|^2, in samples", LogX: true, LogY: true,
		Empty: "the noise scale is undefined at every checkpoint",
		Caption: "The batch size at which noise and signal of a minibatch gradient are equally large (McCandlish et al., B_simple), undefined where the gradient " +
			"cannot be told from zero. A bar that reaches the edge is an unbounded interval.",
	},
	"diversity": {
		Title:  "Gradient diversity",
		XLabel: "step (logarithmic)", YLabel: "n times diversity, n sum |g|^2 / |sum g|^2", LogX: true, LogY: true,
		Empty: "no checkpoint holds a covariance",
		Caption: "Diversity of the recorded gradients (Yin et al.), times their number n: 1 where all are alike, n where they are orthogonal, more where they cancel. " +
			"For the population it is 1 + noise scale, whose figure has the interval.",
	},
	"kurtosis-training": {
		Title:  "Distance from Gaussian along training",
		XLabel: "step (logarithmic)", YLabel: "excess variance of |noise|^2", LogX: true, ZeroY: true,
		Empty: "no checkpoint has gradients of units, or few of them carry the noise at every one",
		Caption: "How much more the squared length of a minibatch's noise varies than that of a Gaussian of the same covariance, which has 0, by the fourth cumulant " +
			"of the gradients" + figure.WithIntervals + ". NE at B and SGD at B_eff have the same covariance, and their excess a constant ratio.",
	},
	"spectrum": {
		Title:  "Spectrum of the noise covariance",
		XLabel: "rank", YLabel: "eigenvalue of Sigma (divisor n)", LogX: true, LogY: true,
		Empty:   "no checkpoint holds eigenvalues above zero",
		Caption: "Eigenvalues of the covariance of the recorded gradients against their rank.",
	},
	"enhancement": {
		Title:  "What noise enhancement does to the covariance",
		XLabel: "alpha", YLabel: "f: covariance of NE over SGD at B", ZeroY: true,
		Empty:   "no checkpoint holds direct draws",
		Caption: "The line is alpha^2 + (1 - alpha)^2, where the noises of B and B' are uncorrelated. All points come from the same draws: they are right or wrong together.",
	},
	"kurtosis": {
		Title:      "Distance from Gaussian, beyond the covariance",
		YLabel:     "excess variance of |noise|^2",
		Categories: armNames(), ZeroY: true,
		Empty: "no checkpoint holds recorded gradients",
		Caption: "How much more the squared length of a minibatch's noise varies than that of a Gaussian of the same covariance, which has 0" + figure.WithIntervals + ". NE at B " +
			"and SGD at B_eff have the same covariance; by a theorem the excess of NE is (alpha^4 + (1 - alpha)^4) / f^3 times the other.",
	},
	"curvature": {
		Title:  "Noise along the eigenvectors of the curvature",
		XLabel: "curvature v'Fv", YLabel: "noise v' Sigma v", LogX: true, LogY: true, Scatter: true,
		Empty: "no checkpoint holds a curvature",
		Caption: "Variance of the gradient noise along the leading eigenvectors v of the Gauss-Newton matrix F, against the curvature along them" + figure.WithIntervals + ". The " +
			"vectors come from one half of the units; curvature and noise along them are those of other units. On the line the two are equal, as they are, but " +
			"for the mean gradient, where the model's probabilities are right.",
	},
	"update-noise": {
		Title:  "What noise enhancement does to the updates",
		XLabel: "step (logarithmic)", YLabel: "noise of the update over SGD at B", LogX: true, ZeroY: true,
		Empty: "no checkpoint has updates of noise enhancement and what their moments settle to",
		Caption: "Factor by which noise enhancement multiplies the covariance of the update (its trace)" + figure.WithIntervals + ", and f of the gradient: with the moments as " +
			"they are, and once they have settled to the noise, where it lies between 1 (noise much larger than the gradient) and f (much smaller).",
	},
	"shape": {
		Title:  "Noise along the leading direction, normal Q-Q plot",
		XLabel: "quantile of the standard normal", YLabel: "quantile of the standardised noise",
		Empty: "no checkpoint holds draws along directions",
		Caption: "Quantiles of the noise of minibatches along the leading direction, divided by its standard deviation, against those of a normal distribution, which is the line. The " +
			"minibatches are resampled from the half of the recorded gradients that did not choose the direction. The outermost points scatter even for Gaussian noise.",
	},
	"hill": {
		Title:  "Tail index against the number of order statistics",
		XLabel: "k: number of largest values used", YLabel: "tail index 1/gamma (Hill)", LogX: true, LogY: true,
		Empty: "the tail sample is too small or constant",
		Caption: "Hill estimate with its 95% interval, and the same for norms of Gaussian vectors of the same mean and covariance. A power-law tail has a plateau below the " +
			"Gaussian curve; an index below 2 is an infinite variance.",
	},
}
