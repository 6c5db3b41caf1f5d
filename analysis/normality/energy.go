package normality

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Energy is the energy test of multivariate normality, with y_i the rows at mean 0 and covariance 1 (divisor n - 1) and Z, Z'
// independent standard normals:
//
//	E = n ((2/n) sum E|y_i - Z| - E|Z - Z'| - (1/n^2) sum over i, j of |y_i - y_j|)
//
// p is that of a parametric bootstrap: count is the number of replicates, samples of the same size from a normal distribution and each
// standardised by its own mean and covariance, whose E is at least the observed one, and
//
//	p = (1 + count) / (replicates + 1)
//
// It is exact under normality, at least 1/(replicates + 1) (Floor), and depends on the seed. Without replicates there is no p. The test
// is undefined for n < d + 2 and for a singular covariance.
//
// Source: Szekely & Rizzo, A new test for multivariate normality, Journal of Multivariate Analysis 93 (2005).
func Energy(r Rows, replicates int, root uint64) Test { return whiten(r).energyTest(replicates, root) }

func (v whitened) energyTest(replicates int, root uint64) Test {
	if v.reason != "" {
		return undefined(NameEnergy, v.reason)
	}
	e := v.energy()
	t := undefined(NameEnergy, "there is no p-value without replicates")
	t.Statistic = estimate.Number(e)
	if replicates < 1 {
		return t
	}
	t = newTest(NameEnergy, e, math.Log(float64(1+v.exceed(e, replicates, root))/float64(replicates+1)))
	t.Replicates, t.Floor = replicates, estimate.Number(1/float64(replicates+1))
	return t
}

// exceed counts the normal samples whose statistic is at least e.
func (v whitened) exceed(e float64, replicates int, root uint64) int {
	drawn := make([]float64, replicates)
	parallel.Run(parallel.Workers(), replicates, func(k int) {
		drawn[k] = normalDraw(v.n, v.d, seed.New(root, "normality/energy", uint64(k))).energy()
	})
	return floats.Count(func(x float64) bool { return x >= e }, drawn)
}

// normalDraw returns whitened rows of a standard normal. They are well-conditioned, so that whitening needs no second pass.
func normalDraw(n, d int, r *rand.Rand) whitened {
	x, mean := make([]float64, n*d), make([]float64, d)
	for i := range n {
		row := x[i*d:][:d]
		for j := range row {
			row[j] = r.NormFloat64()
		}
		floats.AddScaled(mean, 1/float64(n), row)
	}
	for i := range n {
		floats.Sub(x[i*d:][:d], mean)
	}
	var cholesky mat.Cholesky
	cholesky.Factorize(mat.NewSymDense(d, secondMoments(x, n, d)))
	whitenBy(&cholesky, x, n, d)
	return whitened{n: n, d: d, w: x, norm: squaredNorms(x, d)}
}

func (v whitened) energy() float64 {
	n := float64(v.n)
	// From divisor n to n - 1.
	scale := math.Sqrt((n - 1) / n)
	pairs := scale * v.sumPairs(func(dot float64, i, j int) float64 { return math.Sqrt(v.squaredDistance(dot, i, j)) })
	toNormal := 0.0
	for _, sq := range v.norm {
		toNormal += meanDistance(scale*scale*sq, v.d)
	}
	return float64(2*toNormal) - float64(n*2*gammaRatio(float64(v.d)/2)) - 2*pairs/n
}

// meanDistance returns E|a - Z| for |a|^2 = sq in d dimensions, sqrt(2) c 1F1(-1/2; d/2; -x) with x = sq/2 and
// c = Gamma((d+1)/2)/Gamma(d/2), in a form whose terms are all positive: |a - Z|^2 is chi-squared with d + 2K degrees of freedom,
// K a Poisson variable of mean x,
//
//	E|a - Z| = sqrt(2) sum over k of exp(-x) x^k/k! Gamma(d/2 + k + 1/2)/Gamma(d/2 + k)
//
// The sum starts at the largest weight, proceeds to both sides, and is divided by the sum of the weights.
func meanDistance(sq float64, d int) float64 {
	x, half := sq/2, float64(d)/2
	mode := math.Floor(x)
	top := gammaRatio(half + mode)
	sum, weights := top, 1.0
	weight, ratio := 1.0, top
	for k := mode + 1; ; k++ {
		weight *= x / k
		ratio *= 1 + 0.5/(half+k-1)
		if weight < negligible {
			break
		}
		sum, weights = sum+float64(weight*ratio), weights+weight
	}
	weight, ratio = 1, top
	for k := mode; k >= 1 && weight > negligible; k-- {
		weight *= k / x
		ratio /= 1 + 0.5/(half+k-1)
		sum, weights = sum+float64(weight*ratio), weights+weight
	}
	return math.Sqrt2 * sum / weights
}

// negligible is the share of the largest weight below which the tails of a Poisson sum are left out.
const negligible = 1e-18

// gammaRatio returns Gamma(z + 1/2)/Gamma(z) for z > 0: below 24 by recursion to above, where the series in 1/z
//
//	sqrt z (1 - 1/8z + 1/128z^2 + 5/1024z^3 - 21/32768z^4 - 399/262144z^5 + 869/4194304z^6 + ...)
//
// leaves an error below 1e-15 (Tricomi & Erdelyi, Pacific Journal of Mathematics 1 (1951), at shift 1/2).
func gammaRatio(z float64) float64 {
	factor := 1.0
	for ; z < 24; z++ {
		factor *= z / (z + 0.5)
	}
	return factor * math.Sqrt(z) * polynomial(1/z, 1, -1./8, 1./128, 5./1024, -21./32768, -399./262144, 869./4194304, 39325./33554432)
}
