package analysis

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

const (
	// rejectionTest is the one test of a row that is counted: it looks at skewness and kurtosis, of which there are predictions.
	rejectionTest = "jarque-bera"
	// rejectionLevel is the nominal level, and the false discovery rate.
	rejectionLevel = 0.05
)

// rejections counts the resampled rows that differ from Gaussian, one by one and together; nil where no row has a p-value.
func rejections(rows []report.Normality) *report.Rejections {
	var logP []float64
	for _, r := range rows {
		for _, t := range r.Tests {
			if r.Evidence == enhancement.Resampled && t.Name == rejectionTest {
				logP = append(logP, float64(t.LogP))
			}
		}
	}
	each := normality.RejectionRate(logP, rejectionLevel)
	if each.N == 0 {
		return nil
	}
	out := &report.Rejections{
		Test: rejectionTest, Rows: each.N, Nominal: rejectionLevel, Rejected: each.Rejected,
		Rate: each.Rate, RateCI: each.CI, FDR: rejectionLevel,
	}
	for _, p := range normality.BenjaminiHochberg(logP) {
		if p <= math.Log(rejectionLevel) {
			out.Discoveries++
		}
	}
	return out
}
