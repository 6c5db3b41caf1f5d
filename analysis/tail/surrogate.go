package tail

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Replicates is the default number of surrogates: their central 95% range is from order statistic 5 to 195, without interpolation.
const Replicates = 199

// Surrogate returns len(x) Gaussian values with the mean and the standard deviation (divisor n-1) of x. It is meant for values of one scale:
// for a sample that is pooled from several scales each needs a surrogate of its own.
func Surrogate(x []float64, rng *rand.Rand) []float64 {
	mean, sd := meanStdDev(x)
	y := make([]float64, len(x))
	for i := range y {
		y[i] = mean + float64(sd*rng.NormFloat64())
	}
	return y
}

// meanStdDev is stat.MeanStdDev for values whose squares may overflow.
func meanStdDev(x []float64) (mean, sd float64) {
	scale := floats.Norm(x, math.Inf(1))
	if len(x) < 2 || scale == 0 {
		return stat.Mean(x, nil), 0
	}
	y := slices.Clone(x)
	for i := range y {
		y[i] /= scale
	}
	mean, sd = stat.MeanStdDev(y, nil)
	return mean * scale, sd * scale
}

// Method is Hill, Moment or another estimator of this form.
type Method func(x []float64, side Side, k int) Estimate

// SurrogateBand describes the estimates of a method from Gaussian surrogates at the same k: the median and the central 95% range of the
// tail index, for readers, and the range of gamma, for the comparison. The range of the tail index is unbounded above if surrogates have
// gamma <= 0.
type SurrogateBand struct {
	Method    string            `json:"method"`
	TailIndex estimate.Number   `json:"tail_index"`
	Band      estimate.Interval `json:"band"`
	GammaBand estimate.Interval `json:"gamma_band"`
}

// GaussianBand applies a method to surrogates of x. The band lies between the order statistics
//
//	j = floor(0.025 (replicates+1)) and replicates + 1 - j
//
// of gamma, so that an estimate from Gaussian values is inside with probability 1 - 2j/(replicates+1), apart from the effect of estimating
// mean and scale (measured with 199 replicates at n = 20, 64 and 500, 3000 samples each: Hill 95.2, 95.0, 94.3%, Moment 93.6, 95.6,
// 94.9%). It panics for fewer than 39 replicates, for which there is no j >= 1. The band is undefined if the estimate of a surrogate is.
func GaussianBand(x []float64, side Side, k int, method Method, replicates int, rng *rand.Rand) SurrogateBand {
	if replicates < 39 {
		panic("tail: a 95% band needs at least 39 surrogates")
	}
	gamma := make([]float64, replicates)
	var name string
	for i := range gamma {
		e := method(Surrogate(x, rng), side, k)
		gamma[i], name = float64(e.Gamma), e.Method
	}
	return BandOf(name, gamma)
}

// BandOf is the band of the gammas that a method has given for surrogates of the caller's own, undefined where one of them is. There must be at
// least 39; they are sorted in place.
func BandOf(method string, gamma []float64) SurrogateBand {
	if len(gamma) == 0 || floats.HasNaN(gamma) {
		return noBand(method)
	}
	slices.Sort(gamma)
	return newBand(method, gamma, estimate.Central(gamma))
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Contains reports whether e is consistent with Gaussian data, that is, whether its gamma is in the band. It compares gamma, since the tail
// index is undefined for many estimates from Gaussian data.
func (b SurrogateBand) Contains(e Estimate) bool { return b.GammaBand.Contains(float64(e.Gamma)) }
