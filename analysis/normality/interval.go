package normality

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// minIntervalN is the smallest sample size with intervals: in smaller samples leaving one value out changes too much.
const minIntervalN = 8

// shapeIntervals returns 95% intervals of the population's skewness and excess kurtosis around g1 and g2, by the
// jackknife, without assuming normality. With theta the statistic and theta_i its value without x_i:
//
//	se^2 = (n-1)/n sum (theta_i - mean theta_i)^2
//	theta +- t_df se,    df = 2n / (kurtosis of the theta_i - 1)
//
// df (Satterthwaite) accounts for the uncertainty of se. theta is g1 for the skewness, and -(g2 + 3)^-3 for the kurtosis: near a normal
// distribution, the sampling standard deviation of b = g2 + 3 grows as b^4.5 (in Pearson's symmetric family), so that a power near -3.5
// makes it constant. The resulting interval of the kurtosis is asymmetric, as it must be, and its upper end is unbounded where the
// sample does not limit the fourth moment. An interval is undefined where the theta_i are all equal, or undefined.
//
// Measured coverage in % of g1 and g2, 6000 samples (1000 at n = 20000; standard error 0.3, 0.7):
//
//	n        normal       uniform      Laplace      Student t10  exponential
//	64       95.5 95.6    95.7 94.2    94.5 93.7    95.3 91.3    72.2 99.1
//	256      95.7 95.1    95.7 95.0    96.6 90.6    96.9 89.7    81.3 94.2
//	1000     95.3 94.8    95.1 95.2    96.9 92.4    96.6 90.6    88.0 93.8
//	20000    93.9 95.3    94.8 95.4    95.5 95.2    96.3 93.8    94.2 94.2
//
// Share of unbounded upper ends of the second, in %: normal 44, 16, 1, 0; Laplace 78, 65, 42, 1; uniform none.
func shapeIntervals(dev []float64, g1, g2 float64) (skewness, kurtosis estimate.Interval) {
	theta1, theta2 := leaveOneOut(dev)
	for i, g := range theta2 {
		theta2[i] = stabilise(g)
	}
	skewness = estimate.Around(g1, halfWidth(theta1))
	h := estimate.Around(stabilise(g2), halfWidth(theta2))
	// No population has an excess kurtosis below -2.
	return skewness, estimate.Interval{Lo: max(-2, destabilise(h.Lo)), Hi: destabilise(h.Hi)}
}

// stabilise maps excess kurtosis to the scale on which its interval is symmetric.
func stabilise(g2 float64) float64 {
	b := g2 + 3
	return -1 / (b * b * b)
}

// destabilise is the inverse of stabilise; 0 and above stand for infinite kurtosis.
func destabilise(h float64) float64 {
	if h >= 0 {
		return math.Inf(1)
	}
	return math.Cbrt(-1/h) - 3
}

// halfWidth returns t se for the leave-one-out values theta, NaN where they do not vary.
func halfWidth(theta []float64) float64 {
	n := float64(len(theta))
	mean := floats.Sum(theta) / n
	var second, fourth float64
	for _, v := range theta {
		sq := (v - mean) * (v - mean)
		second += sq
		fourth += float64(sq * sq)
	}
	if second == 0 {
		return math.NaN()
	}
	kurtosis := n * fourth / (second * second)
	// With a million degrees of freedom Student's t is the normal; equal squares would give infinitely many.
	df := min(max(1, 2*n/(kurtosis-1)), 1e6)
	t := estimate.Student(df)
	return t * math.Sqrt(second*(n-1)/n)
}

// leaveOneOut returns g1 and g2 of every sample with one value left out, in O(n) from the power sums.
func leaveOneOut(dev []float64) (g1, g2 []float64) {
	sum := sumPowers(dev)
	g1, g2 = make([]float64, len(dev)), make([]float64, len(dev))
	for i, v := range dev {
		sq := v * v
		rest := [5]float64{sum[0] - 1, sum[1] - v, sum[2] - sq, sum[3] - float64(sq*v), sum[4] - float64(sq*sq)}
		if rest[4] < sq*sq { // the difference would be rounding; at most two values are that large
			g1[i], g2[i] = centre(slices.Concat(dev[:i], dev[i+1:])).shape()
		} else {
			g1[i], g2[i] = shapeOfSums(rest)
		}
	}
	return g1, g2
}
