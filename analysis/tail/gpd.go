package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// GPD fits a generalised Pareto law to the excesses z_i = y_i - y_(k+1) of the k largest values, by maximum likelihood
// (peaks over threshold):
//
//	P(Z > z) = (1 + gamma z/sigma)^(-1/gamma),    exp(-z/sigma) where gamma = 0
//
// It holds for every gamma > -1 and does not change with shift and scale of the data, so that it can show that a tail is not heavy. With
// theta = gamma/sigma the likelihood depends on one parameter, gamma(theta) = mean log(1 + theta z), and the equation is
//
//	0 = d/dtheta (-log(gamma(theta)/theta) - gamma(theta)) = mean(z^2 G(theta z)) / mean(z L(theta z)) - mean(z / (1 + theta z))
//	L(t) = log(1+t)/t,    G(t) = (L(t) - 1/(1+t))/t
//
// theta = 0, the exponential law, is an ordinary point of it. The sign at theta = 0, which is that of the coefficient of variation minus
// 1, tells on which side the maximum is. Starting values do not come from moments, which do not exist for gamma > 1. If there is no maximum
// with gamma > -1 the likelihood is largest at the edge: gamma is -1. (Where there is one it is taken, as is usual, even if the likelihood at the
// edge is larger, as it is for some samples of bounded laws.) It needs k >= 5 and values above the threshold: where a share p of them equals it,
// the profile likelihood grows without bound, as p log theta, and the estimate is undefined.
//
// The interval contains those gamma whose profile log likelihood is within 1.96^2/2 of the maximum. Measured coverage on Pareto with
// gamma = 1/2, 4000 samples of 1000, in %: 73.5, 86.8, 90.4, 93.5, 94.1, 95.0 at k = 5, 10, 16, 32, 100, 200: below
// k = 50 it is too short.
//
// Source: Grimshaw, Computing maximum likelihood estimates for the generalized Pareto distribution, Technometrics 35 (1993),
// for the reduction to one dimension; del Castillo & Daoudi, Estimation of the generalized Pareto distribution, Statistics &
// Probability Letters 79 (2009), for the coefficient of variation.
func GPD(x []float64, side Side, k int) Estimate { return gpd.of(x, side, k) }

func gpdOf(int) fit {
	return func(y []float64) (float64, func() estimate.Interval) {
		z := excesses(y)
		if z == nil {
			return math.NaN(), nil
		}
		gamma, sigma := gpdFit(z)
		return gamma, func() estimate.Interval { return gpdInterval(z, gamma, sigma) }
	}
}

const minGPD = 5

// excesses returns the differences of the first k of k+1 descending values from the last one, divided by the largest difference; nil if
// one of them is 0.
func excesses(y []float64) []float64 {
	if len(y) == 0 {
		return nil
	}
	k := len(y) - 1
	scale := max(math.Abs(y[0]), math.Abs(y[k])) // differences may overflow
	largest := y[0]/scale - y[k]/scale
	if !(largest > 0) {
		return nil
	}
	z := make([]float64, k)
	for i := range z {
		z[i] = (y[i]/scale - y[k]/scale) / largest
	}
	if z[k-1] == 0 {
		return nil
	}
	return z
}

// gpdFit returns the maximum likelihood estimate from descending excesses, the largest of which is 1.
func gpdFit(z []float64) (gamma, sigma float64) {
	score := func(theta float64) float64 { return gpdScore(z, theta) }
	if score(0) < 0 {
		return gpdLight(z, score)
	}
	// theta = (2^gamma - 1)/median in the law: doubling 2^gamma brackets in a step or two.
	lo, hi := 0.0, 1/z[len(z)/2]
	for score(hi) > 0 && hi < 1e300 {
		lo, hi = hi, 4*hi
	}
	return gpdAt(z, root(score, lo, hi))
}

// gpdLight looks for the maximum at theta in (-1, 0), down to gamma = -1.
func gpdLight(z []float64, score func(float64) float64) (gamma, sigma float64) {
	hi := 0.0
	for gap := 0.5; gap > 1e-15; gap /= 2 {
		lo := gap - 1
		if gamma, _ := gpdAt(z, lo); gamma < -1 {
			break
		}
		if score(lo) > 0 {
			return gpdAt(z, root(score, lo, hi))
		}
		hi = lo
	}
	return -1, 1
}

// gpdAt returns gamma and sigma for theta.
func gpdAt(z []float64, theta float64) (gamma, sigma float64) {
	for _, v := range z {
		sigma += float64(v * logOver(theta*v))
	}
	sigma /= float64(len(z))
	return theta * sigma, sigma
}

// gpdScore is the derivative of the profile likelihood of theta over k.
func gpdScore(z []float64, theta float64) float64 {
	var a, b, c float64
	for _, v := range z {
		t := theta * v
		inverse := 1 / (1 + t)
		l := logOver(t)
		g := (l - inverse) / t
		if math.Abs(t) < 0.01 {
			g = 0.5 + float64(t*(-2./3+float64(t*(3./4+float64(t*(-4./5+float64(t*(5./6+float64(t*(-6./7+t*7./8))))))))))
		}
		a += float64(v * v * g)
		b += float64(v * l)
		c += float64(v * inverse)
	}
	return a/b - c/float64(len(z))
}

// logOver is log(1+t)/t, 1 at 0.
func logOver(t float64) float64 {
	switch size := math.Abs(t); {
	case size > 0.01:
		return math.Log(1+t) / t
	case size > 0:
		return math.Log1p(t) / t
	}
	return 1
}

// gpdInterval is the positive part of the 95% interval of gamma.
func gpdInterval(z []float64, gamma, sigma float64) estimate.Interval {
	best, _ := gpdProfile(z, gamma, sigma)
	k := float64(len(z))
	// excess is the signed root of the likelihood ratio less 1.96, which is nearly linear.
	excess := func(g float64) float64 {
		var l float64
		l, sigma = gpdProfile(z, g, sigma)
		return math.Sqrt(max(0, 2*k*(best-l))) - normalQuantile
	}
	ci := estimate.Interval{Lo: 0, Hi: 0}
	atZero := excess(0)
	if gamma > 0 && atZero > 0 {
		ci.Lo = root(excess, 0, gamma)
	}
	if gamma <= 0 && atZero > 0 {
		return ci
	}
	lo := max(gamma, 0)
	hi := lo + 3*(1+lo)/math.Sqrt(k)
	for excess(hi) < 0 && hi < 1e6 {
		lo, hi = hi, 2*hi
	}
	ci.Hi = root(excess, lo, hi)
	return ci
}

// gpdProfile returns the largest log likelihood, divided by k, for a given gamma > -1, and the sigma at which it is attained. Newton's steps
// begin at the given sigma: 1 - (1+gamma) mean z/(sigma + gamma z) is concave and increasing, so that from the second step on they rise to
// its zero.
func gpdProfile(z []float64, gamma, sigma float64) (l, best float64) {
	if gamma <= -1 {
		return 0, 1 // the uniform law on excesses up to 1
	}
	edge := max(0, -gamma)
	if sigma <= edge {
		sigma = edge + estimate.Mean(z)
	}
	for range 100 {
		f, slope := gpdNewton(z, gamma, sigma)
		next := sigma - f/slope
		if next <= edge {
			next = edge + (sigma-edge)/2
		}
		change := math.Abs(next - sigma)
		if sigma = next; change <= 1e-12*sigma {
			break
		}
	}
	for _, v := range z {
		l += float64(v * logOver(gamma*v/sigma))
	}
	return -math.Log(sigma) - (1+gamma)*l/(sigma*float64(len(z))), sigma
}

func gpdNewton(z []float64, gamma, sigma float64) (f, slope float64) {
	for _, v := range z {
		d := 1 / (sigma + float64(gamma*v))
		f += float64(v * d)
		slope += float64(v * d * d)
	}
	c := (1 + gamma) / float64(len(z))
	return 1 - float64(c*f), c * slope
}
