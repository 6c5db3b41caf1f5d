package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Estimate is a tail estimate from the K largest values. CI is the 95% interval of the tail index.
type Estimate struct {
	Method    string            `json:"method"`
	K         int               `json:"k"`
	Gamma     estimate.Number   `json:"gamma"`
	TailIndex estimate.Number   `json:"tail_index"` // 1/gamma, undefined where gamma <= 0
	CI        estimate.Interval `json:"ci"`
	// Reason says why a number is undefined or the interval is missing; only Analyse sets it.
	Reason string `json:"reason,omitempty"`
}

// newEstimate computes the tail index and its interval from those of gamma.
func newEstimate(method string, k int, gamma float64, ci estimate.Interval) Estimate {
	if math.IsInf(gamma, 0) {
		gamma = math.NaN()
	}
	return Estimate{
		Method: method, K: k, Gamma: estimate.Number(gamma),
		TailIndex: estimate.Reciprocal(gamma), CI: ci.Reciprocal(),
	}
}

func undefined(method string, k int) Estimate {
	return newEstimate(method, k, math.NaN(), estimate.None())
}

// DefaultK is a default number of largest values: the smallest integer >= sqrt(n), at most n-1.
//
// With n, k grows and k/n, the share of the sample that is taken for its tail, falls, as a consistent estimate requires. The relative
// standard error of Hill is then n^(-1/4), 18% at n = 1000. A fixed share of 10% would have less variance, but for most distributions it
// reaches into the body at any n.
func DefaultK(n int) int {
	return max(0, min(int(math.Ceil(math.Sqrt(float64(n)))), n-1))
}
