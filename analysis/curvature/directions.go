package curvature

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"gonum.org/v1/gonum/stat"
)

// directions describe what is seen along the eigenvectors, with intervals if they are sound.
func (m *meeting) directions(intervals bool) (all []Direction) {
	b := m.Basis
	for d := range b.Count {
		curvature, noise := part(b.Curvature, d, b.Count), part(b.Noise, d, b.Count)
		mean, variance := stat.Mean(curvature, nil), stat.Variance(noise, nil)
		v := Direction{
			Curvature: estimate.Number(mean), CurvatureCI: estimate.None(), Noise: estimate.Number(variance), NoiseCI: estimate.None(),
		}
		if intervals {
			v.CurvatureCI = logAround(mean, math.Sqrt(stat.Variance(curvature, nil)/float64(len(curvature))), len(curvature))
			v.NoiseCI = logAround(variance, errorOfVariance(noise, variance), len(noise))
		}
		all = append(all, v)
	}
	return all
}

func part(x []float64, at, count int) []float64 {
	length := len(x) / count
	return x[at*length : (at+1)*length]
}

// errorOfVariance is the delete-one jackknife standard error of a variance, divisor n-1: without x_i the sum of squares falls by n/(n-1) times its squared
// distance from the mean.
func errorOfVariance(x []float64, variance float64) float64 {
	n, mean := float64(len(x)), stat.Mean(x, nil)
	without := make([]float64, len(x))
	for i, v := range x {
		without[i] = (float64((n-1)*variance) - float64(n/(n-1)*(v-mean)*(v-mean))) / (n - 2)
	}
	_, spread := stat.PopMeanVariance(without, nil)
	return math.Sqrt((n - 1) * spread)
}

// logAround is the interval of a positive estimate from n values with this standard error.
func logAround(x, standardError float64, n int) estimate.Interval {
	if n < 3 {
		return estimate.None()
	}
	return estimate.AroundLog(x, estimate.Student(float64(n-1))*standardError/x)
}
