package covariance

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/eigen"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Spectrum returns the n eigenvalues of the covariance (divisor n), descending. They are those of the centred Gram matrix
// over n, which has the same non-zero ones at any P; at least one is zero, and rounding errors below zero are shown as 0.
// Gradients that are not finite have the spectrum NaN.
func Spectrum(u *probe.Units) []float64 {
	values, ok := eigen.Values(u.N, u.Centred)
	if !ok {
		return slices.Repeat([]float64{math.NaN()}, u.N)
	}
	for i, v := range values {
		values[i] = max(v, 0) / float64(u.N)
	}
	return values
}

// entropyRank is exp(-sum p log p) (Roy and Vetterli, 2007), p the eigenvalues over their sum; undefined without variance.
func entropyRank(eigenvalues []float64) float64 {
	total := sum(eigenvalues)
	if !(total > 0) {
		return math.NaN()
	}
	entropy := 0.0
	for _, v := range eigenvalues {
		if v > 0 {
			entropy -= v / total * math.Log(v/total)
		}
	}
	return math.Exp(entropy)
}

// participation is (sum lambda)^2 / sum lambda^2; undefined without variance.
func participation(eigenvalues []float64) float64 {
	squares := 0.0
	for _, v := range eigenvalues {
		squares += v * v
	}
	total := sum(eigenvalues)
	return ratio(total*total, squares)
}

func sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}
