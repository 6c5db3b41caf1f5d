package tail

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// KChoice is the k chosen by a double bootstrap, with measures of its uncertainty, which is tens of percent at best.
type KChoice struct {
	K     int    `json:"k"` // 0 where there is no choice
	Rule  string `json:"rule"`
	N1    int    `json:"n1"` // sizes of the resamples, and where their criterion is smallest
	N2    int    `json:"n2"`
	K1    int    `json:"k1"`
	K2    int    `json:"k2"`
	KRoot int    `json:"k_root"` // k with the other published constant, the root of the one used
	// AtBound says that k, or the k of a resample, is the largest that it may be: the best k may be larger.
	AtBound bool   `json:"at_bound"`
	Warning string `json:"warning,omitempty"`

	// Band is the smallest and the largest tail index of Hill for k from half to twice the chosen one.
	Band estimate.Interval `json:"band"`
}

const (
	minBootstrapN = 100 // for fewer values the bounds of k in the smaller resample are too close
	minBootstrapK = 10
	resamples     = 100
)

// DoubleBootstrapK chooses k for Hill's estimate by the double bootstrap of Danielsson, de Haan, Peng and de Vries. k_1 and k_2 minimise
// the mean of (M_2 - 2 M_1^2)^2 over 100 resamples of size n1 = n^0.9, and over 100 of size n2 = n1^2/n. Then
//
//	k = (k_1^2/k_2) c^2,    c = (log k_1 / (2 log n1 - log k_1))^((log n1 - log k_1)/log n1)
//
// c^2 is the constant of Danielsson et al.; that of Qi (2008) is c, and gives KRoot. On Burr samples the best k lies between the two, so
// that the choice is uncertain by tens of percent either way. A deviation from the paper: n1 is fixed, not chosen by a search over
// exponents.
//
// k_1 and k_2 are between 10 and half the size of their resamples: because of ties among resampled values the criterion can have its
// minimum at a k of 2 or 3, which is meaningless. There is no choice, but K = 0 and a Warning, if n < 100, if k_1 or k_2 is 10, if k is below
// 10, or if not more than half of the values of a resample are positive.
//
// Source: Danielsson, de Haan, Peng & de Vries, Using a bootstrap method to choose the sample fraction in tail index
// estimation, Journal of Multivariate Analysis 76 (2001).
func DoubleBootstrapK(x []float64, side Side, rng *rand.Rand) KChoice {
	return chooseDescending(largest(x, side, len(x)), rng)
}

func chooseDescending(y []float64, rng *rand.Rand) KChoice {
	n := len(y)
	c := KChoice{Rule: "double bootstrap (Danielsson et al. 2001)", Band: estimate.None()}
	if n < minBootstrapN {
		c.Warning = "the double bootstrap needs at least 100 values"
		return c
	}
	c.N1 = int(math.Pow(float64(n), 0.9))
	c.N2 = c.N1 * c.N1 / n
	logs := logsOf(positive(y))
	c.K1, c.K2 = bestK(logs, n, c.N1, rng), bestK(logs, n, c.N2, rng)
	if c.K1 <= minBootstrapK || c.K2 <= minBootstrapK {
		c.Warning = "the criterion of the double bootstrap has no minimum away from its lower bound of 10"
		return c
	}
	n1, k1 := math.Log(float64(c.N1)), math.Log(float64(c.K1))
	constant := math.Pow(k1/(float64(2*n1)-k1), (n1-k1)/n1)
	k := float64(c.K1) * float64(c.K1) / float64(c.K2) * constant
	c.K, c.KRoot = min(int(k*constant), len(logs)-1), min(int(k), len(logs)-1)
	if c.K < minBootstrapK {
		c.Warning, c.K, c.KRoot = fmt.Sprintf("the double bootstrap gives k = %d, which is too small", c.K), 0, 0
		return c
	}
	if c.K1 == c.N1/2 || c.K2 == c.N2/2 || c.K == len(logs)-1 {
		c.AtBound = true
		c.Warning = fmt.Sprintf("k = %d is at an upper bound of the double bootstrap (half of a resample): all of the sample may belong to the tail", c.K)
	}
	c.Band = hillBand(logs, c.K)
	return c
}

// logsOf returns logarithms relative to the middle value, so that the accuracy of their sums does not depend on the unit of the data.
func logsOf(y []float64) []float64 {
	logs := make([]float64, len(y))
	for i, v := range y {
		logs[i] = logRatio(v, y[len(y)/2])
	}
	return logs
}

// bestK is the k with the smallest mean criterion over resamples of size m from n values; logs are the logarithms of the positive ones in
// descending order. It is 0 if a resample leaves the criterion undefined.
func bestK(logs []float64, n, m int, rng *rand.Rand) int {
	end := m / 2
	sums := make([]float64, end+1)
	for range resamples {
		if !addCriterion(sums, logs, n, m, rng) {
			return 0
		}
	}
	best := minBootstrapK
	for k := best; k <= end; k++ {
		if sums[k] < sums[best] {
			best = k
		}
	}
	return best
}

// addCriterion adds the criterion of one resample, of which it draws only the largest values: they are at the smallest of m uniform ranks,
// which are partial sums of exponentials divided by the sum of all.
func addCriterion(sums, logs []float64, n, m int, rng *rand.Rand) bool {
	end := len(sums) - 1
	ranks := make([]float64, end+1)
	total := 0.0
	for i := range ranks {
		total += rng.ExpFloat64()
		ranks[i] = total
	}
	total += distuv.Gamma{Alpha: float64(m - end), Beta: 1, Src: rng}.Rand()
	at := func(i int) int { return min(int(ranks[i]/total*float64(n)), n-1) }
	if at(end) >= len(logs) {
		return false
	}
	var s1, s2 float64 // sums of l and l^2 above the threshold, which moves down by d
	above := logs[at(0)]
	for k := 1; k <= end; k++ {
		threshold := logs[at(k)]
		d := above - threshold
		s2 += float64(2*d*s1) + float64(float64(k)*d*d)
		s1 += float64(float64(k) * d)
		m1, m2 := s1/float64(k), s2/float64(k)
		sums[k] += float64((m2 - float64(2*m1*m1)) * (m2 - float64(2*m1*m1)))
		above = threshold
	}
	return true
}

// hillBand is the range of Hill's tail index for k from half to twice the given one.
func hillBand(logs []float64, k int) estimate.Interval {
	band := estimate.Interval{Lo: math.Inf(1), Hi: 0}
	sum := 0.0
	for i := 1; i <= min(2*k, len(logs)-1); i++ {
		sum += float64(float64(i) * (logs[i-1] - logs[i]))
		if 2*i >= k && sum > 0 {
			index := float64(i) / sum
			band.Lo, band.Hi = min(band.Lo, index), max(band.Hi, index)
		}
	}
	if band.Hi == 0 {
		return estimate.None()
	}
	return band
}
