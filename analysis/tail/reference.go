package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Matrix holds one number for each draw and coordinate, row i = draw i. It is only read.
type Matrix struct {
	Draws, Coordinates int
	Data               []float64
}

func (m Matrix) check() {
	if len(m.Data) != m.Draws*m.Coordinates {
		panic("tail: a matrix has as many numbers as draws times coordinates")
	}
}

// column returns the numbers of one coordinate.
func (m Matrix) column(j int) []float64 {
	c := make([]float64, m.Draws)
	for i := range c {
		c[i] = m.Data[i*m.Coordinates+j]
	}
	return c
}

// ReferenceAlpha returns, for comparison, alpha and K1 as they are computed in the literature on SGD noise. The mean over draws is
// subtracted from every coordinate, and all K = draws x coordinates numbers, draw after draw, are taken as one sample:
//
//	1/alpha = (mean log(|Y| + eps) - mean log(|x| + eps)) / log K1,    eps = 2^-52
//
// with Y the sums of K1 neighbours, K1 the largest divisor of K that is at most sqrt(K). A block thus consists of neighbouring parameters
// of one draw. Three things besides tails change it. For Gaussian coordinates whose log scales have standard deviation s it is
// 1/(1/2 + s^2/log K1), 1.55 for s = 1 and K1 = 1000. Each exact zero enters as log eps, so that a sample of which half is zeros has 0.33.
// And K1 depends on the divisors of K. It is NaN if K1 = 1, if 1/alpha is not positive, or if draws differ only by rounding.
//
// Source: Simsekli, Sagun & Gurbuzbalaban, A tail-index analysis of stochastic gradient noise in deep neural networks, ICML (2019),
// and the code published with it.
func ReferenceAlpha(m Matrix) (alpha estimate.Number, k1 int) {
	m.check()
	k1 = 1
	for _, d := range divisors(len(m.Data)) {
		if d <= len(m.Data)/d {
			k1 = d
		}
	}
	if k1 == 1 {
		return estimate.Undefined(), k1
	}
	mean := make([]float64, m.Coordinates)
	for i, v := range m.Data {
		mean[i%m.Coordinates] += v / float64(m.Draws)
	}
	const eps = 0x1p-52
	var values, sums, block, largest, furthest float64
	for i, v := range m.Data {
		largest = max(largest, math.Abs(v))
		v -= mean[i%m.Coordinates]
		furthest = max(furthest, math.Abs(v))
		values += math.Log(math.Abs(v) + eps)
		if block += v; (i+1)%k1 == 0 {
			sums += math.Log(math.Abs(block) + eps)
			block = 0
		}
	}
	if furthest <= 1e-12*largest {
		return estimate.Undefined(), k1
	}
	k := float64(len(m.Data))
	return estimate.Reciprocal((sums*float64(k1)/k - values/k) / math.Log(float64(k1))), k1
}
