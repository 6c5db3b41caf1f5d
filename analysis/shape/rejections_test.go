package analysis

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

func rowOf(evidence, test string, p float64) report.Normality {
	t := normality.Test{Name: test, LogP: estimate.Number(math.Log(p))}
	return report.Normality{Evidence: evidence, Tests: []normality.Test{t}}
}

// TestRejections counts by hand. Sorted, the p-values that count are 0.001, 0.012, 0.04, 0.045, 0.5; at a rate of 5% of m = 5 the
// i-th is compared with 0.01 i: 0.001 <= 0.01 and 0.012 <= 0.02, but 0.04 > 0.03, 0.045 > 0.04 and 0.5 > 0.05.
func TestRejections(t *testing.T) {
	var rows []report.Normality
	for _, p := range []float64{0.04, 0.001, 0.5, math.NaN(), 0.012, 0.045} {
		rows = append(rows, rowOf(enhancement.Resampled, rejectionTest, p))
	}
	rows = append(rows, rowOf(enhancement.Direct, rejectionTest, 1e-9), rowOf(enhancement.Resampled, "anderson-darling", 1e-9))
	r := rejections(rows)
	if r == nil || r.Rows != 5 || r.Rejected != 4 || r.Discoveries != 2 || r.Rate != 0.8 || !r.RateCI.Contains(0.8) {
		t.Errorf("%+v", r)
	}
	if r := rejections([]report.Normality{rowOf(enhancement.Resampled, rejectionTest, math.NaN())}); r != nil {
		t.Errorf("no row has a p-value: %+v", r)
	}
}
