package shape

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// blockDraws share one random stream, so that blocks can be drawn by any number of workers.
const blockDraws = 64

// resample draws the noise of minibatches with replacement from units, numbers along one direction, divided by its standard deviation: NE and SGD
// at their sizes. An arm without spread is left out.
func resample(units []float64, arms []enhancement.Minibatch, draws int, root uint64, step int) (samples []Sample) {
	mean := 0.0
	for _, v := range units {
		mean += v / float64(len(units))
	}
	for k, a := range arms {
		x := make([]float64, draws)
		w, wPrime := noise.Weights(a.Alpha, a.Units)
		parallel.For((draws+blockDraws-1)/blockDraws, 1, func(lo, hi int) {
			counts := make([]float64, len(units))
			for block := lo; block < hi; block++ {
				rng := seed.New(root, "minibatches of the Q-Q plot", uint64(step), uint64(k), uint64(block))
				for m := block * blockDraws; m < min((block+1)*blockDraws, draws); m++ {
					noise.Counts(rng, a.Units, counts)
					x[m] = w * weighted(counts, units, mean)
					if a.Alpha != 1 {
						noise.Counts(rng, a.Units, counts)
						x[m] += float64(wPrime * weighted(counts, units, mean))
					}
				}
			}
		})
		if standardise(x) {
			samples = append(samples, Sample{a.Arm, x})
		}
	}
	return samples
}

func weighted(counts, x []float64, mean float64) (sum float64) {
	for i, c := range counts {
		sum += float64(c * (x[i] - mean))
	}
	return sum
}

// standardise divides draws of mean 0 by their standard deviation; it is false where that is 0.
func standardise(x []float64) bool {
	squares := 0.0
	for _, v := range x {
		squares += v * v / float64(len(x))
	}
	for i := range x {
		x[i] /= math.Sqrt(squares)
	}
	return squares > 0
}
