package report

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

func TestMatchedWords(t *testing.T) {
	row := func(quantity string, lo, hi float64) enhancement.Comparison {
		return enhancement.Comparison{Quantity: quantity, Direction: "noise top1", Effective: 200, Predicted: 0.328, Measured: 0.4,
			CI: estimate.Interval{Lo: lo, Hi: hi}}
	}
	fourth, third, inf := enhancement.FourthCumulantRatio, enhancement.ThirdCumulantRatio, math.Inf(1)
	for _, c := range []struct {
		name string
		rows []enhancement.Comparison
		want string
	}{
		{"nothing", nil, ""},
		{"trace alone", []enhancement.Comparison{row(enhancement.TraceRatio, 0.9, 1.1)}, ""},
		{"nearer", []enhancement.Comparison{row(fourth, 0.2, 0.6)},
			"At equal covariance NE is nearer to Gaussian than SGD at B_eff = 200: fourth cumulant ratio along top1 0.400 [0.200, 0.600], predicted 0.328."},
		{"further", []enhancement.Comparison{row(fourth, 1.1, 1.6)}, "is further from Gaussian than"},
		{"further, other sign", []enhancement.Comparison{row(fourth, -1.6, -1.1)}, "is further from Gaussian than"},
		{"unbounded", []enhancement.Comparison{row(third, -inf, inf), row(fourth, -inf, inf)}, "cannot be told from SGD at B_eff = 200: fourth"},
		{"by the third", []enhancement.Comparison{row(third, 0.3, 0.7), row(fourth, -inf, inf)}, "is nearer to Gaussian than SGD at B_eff = 200: third"},
		{"no interval", []enhancement.Comparison{row(fourth, math.NaN(), math.NaN())}, "cannot be told from"},
	} {
		got := strings.Join(matchedWords(Checkpoint{Matched: c.rows}), " ")
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestExponentWords(t *testing.T) {
	if lines := exponentWords(Checkpoint{}); lines != nil {
		t.Errorf("lines %q of nothing", lines)
	}
	lines := exponentWords(sampleReport().Checkpoints[5])
	want := "Scale exponent along top1 at B = 500 (resampled, 8,192 pairs): s = 1.98 [1.86, 2.10], Gaussian pairs [1.88, 2.12]: finite variance."
	if len(lines) != 2 || lines[0] != want || !strings.HasSuffix(lines[1], "undecided.") {
		t.Errorf("lines %q", lines)
	}
}
