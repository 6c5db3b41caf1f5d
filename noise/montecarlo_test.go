package noise_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// A check fails where |z| > rejected. A correct prediction fails with probability erfc(4.75/sqrt 2) = 2e-6, and any of the 40
// checks of TestIdentityByMonteCarlo with probability at most 1e-4.
const rejected = 4.75

const (
	mcPopulation = 1000
	mcDimension  = 10
	mcDraws      = 2000
)

// syntheticGradients have the covariance diag(1, 1/2, ..., 1/d) in expectation, and a mean that is not 0.
func syntheticGradients() [][]float64 {
	rng := seed.New(20090331, "synthetic gradients")
	rows := make([][]float64, mcPopulation)
	for i := range rows {
		for k := range mcDimension {
			rows[i] = append(rows[i], 0.5+rng.NormFloat64()/math.Sqrt(float64(k+1)))
		}
	}
	return rows
}

// TestIdentityByMonteCarlo draws minibatches with the sampler that training uses.
func TestIdentityByMonteCarlo(t *testing.T) {
	population := syntheticGradients()
	trace := traceOf(population)
	for _, p := range allPairings {
		for _, batch := range []int{20, 300} {
			pairs := drawPairs(p, population, batch)
			for _, alpha := range []float64{0.5, 1.5, 3, -0.5} {
				z := traceZ(pairs, p, alpha, noise.CovarianceFactor(p, mcPopulation, batch, alpha)*trace)
				if math.Abs(z) > rejected {
					t.Errorf("%s B=%d alpha=%g: trace is off by %.1f standard errors", p, batch, alpha, z)
				}
			}
			if z := correlationZ(pairs, noise.Correlation(p, mcPopulation, batch)); math.Abs(z) > rejected {
				t.Errorf("%s B=%d: correlation is off by %.1f standard errors", p, batch, z)
			}
		}
	}
}

// TestWrongPredictionsAreRejected shows that the checks above can fail.
func TestWrongPredictionsAreRejected(t *testing.T) {
	const alpha, batch = 1.5, 300
	population := syntheticGradients()
	trace := traceOf(population)
	sgd := noise.CovarianceFactor(noise.Independent, mcPopulation, batch, 1)
	cases := []struct {
		name    string
		pairing noise.Pairing
		factor  float64
	}{
		{"the misprint in Eq. 10", noise.Independent, sgd * (alpha*alpha + (1 - alpha*alpha))},
		{"f for disjoint pairs at B/N = 0.3", noise.Disjoint, sgd * noise.Factor(alpha)},
		{"no finite-population factor", noise.Independent, noise.Factor(alpha) / batch},
		{"a finite-population factor with replacement", noise.Replacement, sgd * noise.Factor(alpha)},
		{"f for the naive noise", noise.Naive, sgd * noise.Factor(alpha)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			z := traceZ(drawPairs(c.pairing, population, batch), c.pairing, alpha, c.factor*trace)
			if math.Abs(z) < rejected {
				t.Errorf("accepted: only %.1f standard errors off", z)
			}
		})
	}
	t.Run("uncorrelated disjoint pairs", func(t *testing.T) {
		if z := correlationZ(drawPairs(noise.Disjoint, population, batch), 0); math.Abs(z) < rejected {
			t.Errorf("accepted: only %.1f standard errors off", z)
		}
	})
}

// noisePair holds the noises of one pair of minibatches.
type noisePair struct{ x, prime []float64 }

func drawPairs(p noise.Pairing, population [][]float64, batch int) []noisePair {
	rng := seed.New(1, fmt.Sprint("draws ", p), uint64(batch))
	full := mean(population)
	b, prime := make([]int, batch), make([]int, batch)
	pairs := make([]noisePair, mcDraws)
	for k := range pairs {
		noise.Draw(rng, p, len(population), b, prime)
		pairs[k] = noisePair{minibatch(population, b), minibatch(population, prime)}
		floats.Sub(pairs[k].x, full)
		floats.Sub(pairs[k].prime, full)
	}
	return pairs
}

// traceZ is how many standard errors the mean of |alpha x + (1-alpha) x'|^2 lies above the predicted trace.
func traceZ(pairs []noisePair, p noise.Pairing, alpha, predicted float64) float64 {
	excess := make([]float64, len(pairs))
	for k, q := range pairs {
		for j := range q.x {
			v := alpha * q.x[j]
			if p != noise.Naive {
				v += (1 - alpha) * q.prime[j]
			}
			excess[k] += v * v
		}
		excess[k] -= predicted
	}
	return zOfMean(excess)
}

// correlationZ is how many standard errors the mean of <x, x'> lies above rho (|x|^2 + |x'|^2) / 2.
func correlationZ(pairs []noisePair, rho float64) float64 {
	excess := make([]float64, len(pairs))
	for k, q := range pairs {
		for j := range q.x {
			excess[k] += q.x[j]*q.prime[j] - rho*(q.x[j]*q.x[j]+q.prime[j]*q.prime[j])/2
		}
	}
	return zOfMean(excess)
}

// zOfMean is the mean over its standard error.
func zOfMean(v []float64) float64 {
	mean, deviation := stat.MeanStdDev(v, nil)
	return mean / stat.StdErr(deviation, float64(len(v)))
}

func traceOf(rows [][]float64) float64 {
	trace := 0.0
	for i, row := range covariance(rows) {
		trace += row[i]
	}
	return trace
}
