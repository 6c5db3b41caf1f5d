package tail

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// McCulloch returns the quantile estimate of all four parameters. With q the quantiles at 5, 25, 50, 75 and 95% (type 7, linear
// between order statistics),
//
//	nu_alpha = (q95 - q05) / (q75 - q25),    nu_beta = (q95 + q05 - 2 q50) / (q95 - q05)
//
// are converted by McCulloch's tables with bilinear interpolation: alpha and beta follow from the two nu, scale = (q75 - q25) /
// T5(alpha, |beta|) and location = q50 + scale sign(beta) T7(alpha, |beta|), his zeta, which is the location of S0. This is the only
// method whose alpha is at most 2, where the tables end: for samples with lighter shoulders than the Gaussian (nu_alpha < 2.439) alpha
// is 2 and beta is the sign of nu_beta, which is arbitrary. A warning says so, and also if nu_alpha > 25, the other end. The estimate is
// undefined if the quartiles are equal.
//
// The interval is the percentile interval of 999 bootstrap samples. Their quantiles are drawn without the samples: the order statistics of
// n uniforms at the ten ranks needed are ratios of sums of gamma variables, so that a million values take no longer than a hundred. An upper
// end of 2 is the end of the table. Measured coverage, 400 samples for each law with alpha 0.8, 1, 1.2, 1.5, 1.8, 2 and beta 0, 0.8, in
// %: 93 to 99 at n = 5000, 95 to 99 at n = 1000, 95 to 99 at n = 400, 97 to 100 at n = 100.
//
// Source: McCulloch, Simple consistent estimators of stable distribution parameters, Communications in Statistics - Simulation
// and Computation 15 (1986), tables III, IV, V and VII.
func McCulloch(x []float64, root uint64) StableEstimate {
	if why := unfit(x); why != "" {
		return noStable(NameMcCulloch, why)
	}
	if len(x) < len(levels) {
		return noStable(NameMcCulloch, fmt.Sprintf("needs at least %d values for its %d quantiles, got %d", len(levels), len(levels), len(x)))
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	return mcculloch(sorted, root)
}

func mcculloch(sorted []float64, root uint64) StableEstimate {
	fit := fitQuantiles(quantilesOf(sorted))
	if math.IsNaN(fit.alpha) {
		return noStable(NameMcCulloch, "the quartiles are equal")
	}
	e := StableEstimate{
		Method: NameMcCulloch, Alpha: estimate.Number(fit.alpha), Beta: estimate.Number(fit.beta),
		Scale: estimate.Number(fit.scale), Location: estimate.Number(fit.zeta),
		CI: quantileBootstrap(sorted, seed.New(root, "mcculloch bootstrap")), Warnings: fit.warnings(),
	}
	if !e.CI.Defined() {
		e.Warnings = append(e.Warnings, "no interval: the quartiles of some bootstrap samples are equal")
	}
	return e
}

// levels are the probabilities of the quantiles.
var levels = [5]float64{0.05, 0.25, 0.5, 0.75, 0.95}

// quantileFit is the fit to the quantiles; everything is NaN if the quartiles are equal.
type quantileFit struct{ nuAlpha, nuBeta, alpha, beta, scale, zeta float64 }

func fitQuantiles(q [5]float64) quantileFit {
	f := quantileFit{nuAlpha: (q[4] - q[0]) / (q[3] - q[1]), nuBeta: ((q[4] - q[2]) - (q[2] - q[0])) / (q[4] - q[0])}
	if !(q[3] > q[1]) || math.IsInf(q[4]-q[0], 0) {
		nan := math.NaN()
		return quantileFit{nan, nan, nan, nan, nan, nan}
	}
	side := sign(f.nuBeta)
	f.alpha, f.beta = 2, side
	if f.nuAlpha >= tableStart {
		f.alpha = min(alphaTable.at(f.nuAlpha, math.Abs(f.nuBeta)), 2)
		f.beta = side * min(betaTable.at(f.nuAlpha, math.Abs(f.nuBeta)), 1)
	}
	f.scale = (q[3] - q[1]) / scaleTable.at(f.alpha, math.Abs(f.beta))
	f.zeta = q[2] + float64(f.scale*sign(f.beta)*zetaTable.at(f.alpha, math.Abs(f.beta)))
	return f
}

func (f quantileFit) warnings() []string {
	switch {
	case f.nuAlpha < tableStart:
		return []string{"lighter shoulders than the Gaussian: alpha is 2, the end of McCulloch's table, and beta is arbitrary"}
	case f.nuAlpha > tableEnd:
		return []string{"alpha and beta are at the end of McCulloch's table"}
	}
	return nil
}

func sign(v float64) float64 { return float64(cmp.Compare(v, 0)) }

func quantilesOf(sorted []float64) (q [5]float64) {
	for i, p := range levels {
		q[i] = quantile(sorted, p)
	}
	return q
}

// quantile is the quantile of type 7: linear between the order statistics around (n-1) p, counted from 0.
func quantile(sorted []float64, p float64) float64 {
	i, t := rank(len(sorted), p)
	return float64(sorted[i]*(1-t)) + float64(sorted[min(i+1, len(sorted)-1)]*t)
}

func rank(n int, p float64) (below int, fraction float64) {
	whole, fraction := math.Modf(float64(n-1) * p)
	return int(whole), fraction
}

// bootstraps is the number of bootstrap samples: the central 95% lie between the order statistics 25 and 975.
const bootstraps = 999

func quantileBootstrap(sorted []float64, rng *rand.Rand) estimate.Interval {
	alphas := make([]float64, 0, bootstraps)
	for range bootstraps {
		if f := fitQuantiles(resampledQuantiles(sorted, rng)); !math.IsNaN(f.alpha) {
			alphas = append(alphas, f.alpha)
		}
	}
	if len(alphas) < bootstraps {
		return estimate.None()
	}
	slices.Sort(alphas)
	return estimate.Central(alphas)
}

// resampledQuantiles draws the quantiles of a sample drawn with replacement from sorted. Its i-th order statistic is sorted[floor(n U)]
// with U the i-th of n ordered uniforms, and those are S_i / S_(n+1) for sums S of standard exponentials.
func resampledQuantiles(sorted []float64, rng *rand.Rand) (q [5]float64) {
	n := len(sorted)
	var sums [2 * len(levels)]float64
	reached, sum := 0, 0.0 // 1 + the rank of the order statistic that sum belongs to
	advance := func(to int) float64 {
		if to > reached {
			sum += distuv.Gamma{Alpha: float64(to - reached), Beta: 1, Src: rng}.Rand()
			reached = to
		}
		return sum
	}
	for i, p := range levels {
		below, _ := rank(n, p)
		sums[2*i] = advance(below + 1)
		sums[2*i+1] = advance(min(below+2, n))
	}
	total := advance(n + 1)
	at := func(s float64) float64 { return sorted[min(int(float64(n)*s/total), n-1)] }
	for i, p := range levels {
		_, t := rank(n, p)
		q[i] = float64(at(sums[2*i])*(1-t)) + float64(at(sums[2*i+1])*t)
	}
	return q
}
