package normality

import (
	"math"

	"github.com/montanaflynn/stats"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Summary holds statistics that outliers do not change much: order statistics and counts. Quartiles are of type 7 (linear interpolation
// at (n-1)p, as in NumPy and R), not the medians of the two halves; outliers are counted with the same quartiles.
type Summary struct {
	N               int             `json:"n"`
	Min             estimate.Number `json:"min"`
	Q1              estimate.Number `json:"q1"`
	Median          estimate.Number `json:"median"`
	Q3              estimate.Number `json:"q3"`
	Max             estimate.Number `json:"max"`
	TrimmedMean     estimate.Number `json:"trimmed_mean"`     // without the floor(n/10) smallest and as many largest
	MildOutliers    int             `json:"mild_outliers"`    // beyond 1.5, up to 3 interquartile ranges from the quartiles
	ExtremeOutliers int             `json:"extreme_outliers"` // beyond 3
}

// Summarise returns the summary of x; its numbers are undefined if x is empty or contains a NaN.
func Summarise(x []float64) Summary {
	s := Summary{
		N:           len(x),
		Min:         number(stats.Min(x)),
		Q1:          number(stats.Percentile(x, 25)),
		Median:      number(stats.Median(x)),
		Q3:          number(stats.Percentile(x, 75)),
		Max:         number(stats.Max(x)),
		TrimmedMean: number(stats.TrimmedMean(x, 0.1)),
	}
	s.MildOutliers, s.ExtremeOutliers = countOutliers(x, float64(s.Q1), float64(s.Q3))
	return s
}

func countOutliers(x []float64, q1, q3 float64) (mild, extreme int) {
	iqr := q3 - q1
	for _, v := range x {
		switch beyond := max(q1-v, v-q3); {
		case beyond > 3*iqr:
			extreme++
		case beyond > 1.5*iqr:
			mild++
		}
	}
	return mild, extreme
}

// number is NaN if the statistic could not be computed.
func number(v float64, err error) estimate.Number {
	if err != nil {
		return estimate.Number(math.NaN())
	}
	return estimate.Number(v)
}
