package main

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

// coverage sums up intervals. The first shares are of the intervals that are given, and NaN where none is.
type coverage struct {
	covered float64 // share that holds the truth
	above   float64 // share that lies above the truth
	below   float64 // share that lies below the truth
	open    float64 // share with an unbounded end
	given   int
	absent  float64 // share of the data sets without an interval
	// mean and median difference of the estimates from the truth, relative to it where it is not 0, and the standard error of
	// the mean; undefined estimates are left out.
	mean, median, meanError float64
}

func coverageOf(readings []reading, truth float64) coverage {
	var c coverage
	var differences []float64
	for _, r := range readings {
		if r.ci.Defined() {
			c.given++
		}
		switch {
		case !r.ci.Defined():
		case r.ci.Contains(truth):
			c.covered++
		case r.ci.Lo > truth:
			c.above++
		default:
			c.below++
		}
		if math.IsInf(r.ci.Lo, 0) || math.IsInf(r.ci.Hi, 0) {
			c.open++
		}
		if estimate.Number(r.value).Defined() {
			differences = append(differences, relative(r.value-truth, truth))
		}
	}
	for _, share := range []*float64{&c.covered, &c.above, &c.below, &c.open} {
		*share /= float64(c.given)
	}
	c.absent = 1 - float64(c.given)/float64(len(readings))
	c.mean, c.meanError, c.median = math.NaN(), math.NaN(), math.NaN()
	if len(differences) > 1 {
		var sd float64
		c.mean, sd = stat.MeanStdDev(differences, nil)
		c.meanError = sd / math.Sqrt(float64(len(differences)))
		slices.Sort(differences)
		c.median = stat.Quantile(0.5, stat.LinInterp, differences, nil)
	}
	return c
}

func relative(difference, truth float64) float64 {
	if truth == 0 {
		return difference
	}
	return difference / math.Abs(truth)
}

// binomialError is the standard error of a share.
func binomialError(share float64, n int) float64 { return math.Sqrt(share * (1 - share) / float64(n)) }

// size sums up p-values of true null hypotheses.
type size struct {
	five, one  normality.Rejection // at the levels 5% and 1%
	distance   float64             // Kolmogorov's, from the uniform law
	uniformity float64             // its p-value
}

func sizeOf(readings []reading) size {
	p, logP := make([]float64, len(readings)), make([]float64, len(readings))
	for i, r := range readings {
		p[i], logP[i] = r.p, math.Log(r.p)
	}
	d, uniformity := fromUniform(p)
	return size{five: normality.RejectionRate(logP, 0.05), one: normality.RejectionRate(logP, 0.01), distance: d, uniformity: uniformity}
}

// rateOf counts how often something is said.
func rateOf(readings []reading) normality.Rejection {
	logP := make([]float64, len(readings)) // a rejection is the only thing that this package counts
	for i, r := range readings {
		if r.said {
			logP[i] = math.Inf(-1)
		}
	}
	return normality.RejectionRate(logP, 0.5)
}

// fromUniform is Kolmogorov's distance of the defined values from the uniform law on [0, 1], with its p-value by Stephens'
// approximation (1970), which is good to a few per cent from 8 values on:
//
//	Q((sqrt n + 0.12 + 0.11/sqrt n) D),    Q(x) = 2 sum_k (-1)^(k-1) exp(-2 k^2 x^2)
func fromUniform(values []float64) (distance, p float64) {
	u := slices.Clone(values)
	u = slices.DeleteFunc(u, math.IsNaN)
	slices.Sort(u)
	n := float64(len(u))
	for i, v := range u {
		distance = max(distance, v-float64(i)/n, float64(i+1)/n-v)
	}
	x := (math.Sqrt(n) + 0.12 + 0.11/math.Sqrt(n)) * distance
	if x < 0.3 { // Q is 1 to nine digits, and the series slow
		return distance, 1
	}
	for k := 1; k <= 40; k++ {
		term := 2 * math.Exp(-2*float64(k*k)*x*x)
		if k%2 == 0 {
			term = -term
		}
		p += term
	}
	return distance, min(1, max(0, p))
}
