package enhancement

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// scaleLaw is the dependence of the log scale on v = 1/s at a few alphas:
//
//	h(v) = a + v log(1 + exp(-(a - b)/v)),    a >= b the logarithms of |alpha| and |1-alpha|
//
// which is log (|alpha|^s + |1-alpha|^s) / s. It increases with v, and does not depend on it at alpha = 0 and 1.
type scaleLaw struct{ alpha, a, gap []float64 }

// lawAt leaves out alphas that do not depend on s (0 and 1) or are not finite.
func lawAt(alphas []float64) scaleLaw {
	var l scaleLaw
	for _, alpha := range alphas {
		large, small := math.Abs(alpha), math.Abs(1-alpha)
		if large < small {
			large, small = small, large
		}
		if !(small > 0) || math.IsInf(large, 0) {
			continue
		}
		l.alpha, l.a = append(l.alpha, alpha), append(l.a, math.Log(large))
		l.gap = append(l.gap, math.Log(large)-math.Log(small))
	}
	return l
}

// at is h and its derivative for one alpha.
func (l scaleLaw) at(i int, v float64) (h, slope float64) {
	c := l.gap[i] / v
	e := math.Exp(-c)
	log := math.Log1p(e)
	return l.a[i] + float64(v*log), log + c*e/(1+e)
}

// logScales returns, for each alpha, log |alpha x + (1-alpha) x'| - (log |x| + log |x'|)/2 of every pair.
func (l scaleLaw) logScales(x, prime []float64) [][]float64 {
	y := make([][]float64, len(l.alpha))
	unit := make([]float64, len(x))
	for j := range unit {
		unit[j] = (logAbs(x[j]) + logAbs(prime[j])) / 2
	}
	for i, alpha := range l.alpha {
		y[i] = make([]float64, len(x))
		for j := range x {
			y[i][j] = logAbs(float64(alpha*x[j])+float64((1-alpha)*prime[j])) - unit[j]
		}
	}
	return y
}

func logAbs(v float64) float64 { return math.Log(math.Abs(v)) }

// Bounds of v, for s between 1/16 and 1000.
const leastInverse, mostInverse = 1e-3, 16.0

// fit fits v by least squares to the mean log scales. Its standard error is that of its linearisation
//
//	v = sum_alpha w (mean y),   w = h'(v) / sum h'(v)^2
//
// over the pairs. It is undefined for values that are not finite, and for fewer than 3 pairs.
func (l scaleLaw) fit(y [][]float64) quantity {
	if len(y) == 0 || len(y[0]) < 3 {
		return undefinedQuantity
	}
	mean := make([]float64, len(y))
	for i := range y {
		mean[i] = meanOf(y[i]).value
		if math.IsNaN(mean[i]) || math.IsInf(mean[i], 0) {
			return undefinedQuantity
		}
	}
	v := l.leastSquares(mean)
	weight, total := make([]float64, len(y)), 0.0
	for i := range y {
		_, weight[i] = l.at(i, v)
		total += float64(weight[i] * weight[i])
	}
	influence := make([]float64, len(y[0]))
	for i := range y {
		for j, value := range y[i] {
			influence[j] += float64(weight[i] / total * (value - mean[i]))
		}
	}
	q := meanOf(influence)
	return quantity{v, q.se, q.df}
}

// leastSquares is the v at which the sum of the squared differences of mean and law is smallest. It finds the zero of
//
//	sum h'(v) (mean - h(v))
//
// by bisection, and returns 0 if that is at the lower bound.
func (l scaleLaw) leastSquares(mean []float64) float64 {
	lo, hi := leastInverse, mostInverse
	for range 60 {
		v, sum := (lo+hi)/2, 0.0
		for i, m := range mean {
			h, slope := l.at(i, v)
			sum += float64(slope * (m - h))
		}
		if sum > 0 {
			lo = v
		} else {
			hi = v
		}
	}
	if lo == leastInverse {
		return 0
	}
	return (lo + hi) / 2
}

const (
	bandReplicates = 999
	// manyPairs is the number of pairs from which the normal approximation of the range of v has an error of at most 2%.
	manyPairs = 500
	// spreadPairs is the number of pairs from which the standard error of that approximation is estimated, to 1%.
	spreadPairs = 16384
)

// bands holds the bands that have been computed: they depend only on the alphas, the number of pairs, their correlation and the seed.
var bands struct {
	sync.Mutex
	made map[string]estimate.Interval
}

// gaussianBand is the central 95% range of s for Gaussian pairs with correlation rho. For few pairs it is simulated. For many it is a
// normal range about the v of their exact scales, sqrt(f + 2 alpha (1-alpha) rho), with a standard error from simulated pairs.
func (l scaleLaw) gaussianBand(pairs int, rho float64, root uint64) estimate.Interval {
	bands.Lock()
	defer bands.Unlock()
	key := fmt.Sprint(l.alpha, pairs, rho, root)
	band, ok := bands.made[key]
	if !ok {
		if bands.made == nil {
			bands.made = map[string]estimate.Interval{}
		}
		rng := seed.New(root, "Gaussian pairs", uint64(pairs))
		if pairs < manyPairs {
			band = l.simulatedBand(pairs, rho, rng)
		} else {
			se := l.fit(l.logScales(gaussianPairs(spreadPairs, rho, rng))).se * math.Sqrt(spreadPairs/float64(pairs))
			band = estimate.Around(l.gaussianInverse(rho), 1.959963984540054*se)
		}
		band = band.Reciprocal()
		bands.made[key] = band
	}
	return band
}

func (l scaleLaw) gaussianInverse(rho float64) float64 {
	mean := make([]float64, len(l.alpha))
	for i, alpha := range l.alpha {
		mean[i] = math.Log(noise.EnhancementAt(alpha, rho)) / 2
	}
	return l.leastSquares(mean)
}

func (l scaleLaw) simulatedBand(pairs int, rho float64, rng *rand.Rand) estimate.Interval {
	v := make([]float64, bandReplicates)
	for r := range v {
		v[r] = l.fit(l.logScales(gaussianPairs(pairs, rho, rng))).value
	}
	slices.Sort(v)
	return estimate.Central(v)
}

func gaussianPairs(n int, rho float64, rng *rand.Rand) (x, prime []float64) {
	x, prime = make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
		prime[i] = float64(rho*x[i]) + float64(math.Sqrt(1-float64(rho*rho))*rng.NormFloat64())
	}
	return x, prime
}
