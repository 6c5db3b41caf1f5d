package report

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// TestFindingsOfWhatIsNotKnown: where the usual number does not exist, another one is the answer, and no dash.
func TestFindingsOfWhatIsNotKnown(t *testing.T) {
	r := &Report{Checkpoints: []Checkpoint{{Step: 7, Units: 64, Population: 100, UnitSize: 1, Unit: "sample", Shape: &shape.Shape{},
		Curvature:   &curvature.Curvature{Units: 64, AlignmentUnbiased: estimate.Undefined(), NoiseTraceUnbiased: 12.5},
		Enhancement: []enhancement.Factor{{Alpha: 3, Draws: 8, Measured: 12, Predicted: 13, CI: estimate.None()}, {Alpha: 2, Draws: 8, Measured: 4}}}}}
	if got := curvatureFinding(r, figure.Figure{}).words; got != "tr(F Sigma) = 12.5 at step 7; alignment not known" {
		t.Errorf("%q", got)
	}
	if got := factorFinding(r, figure.Figure{}).words; got != "f = 12.0, predicted 13.0 if alpha were 3" {
		t.Errorf("plain SGD: %q", got)
	}
	along := kurtosisAlongFinding(r, figure.Figure{Series: []figure.Series{{Name: "SGD at B", X: []float64{7}, Y: []float64{0.5}}}})
	if along.words != "SGD at B: 0.500 at step 7" || !strings.Contains(along.basis, "64 samples") {
		t.Errorf("one checkpoint: %+v", along)
	}
}

// TestFindingsOfOtherFigures: the figures of a directory may say what its report does not, which an earlier version wrote, or be damaged.
func TestFindingsOfOtherFigures(t *testing.T) {
	for _, f := range WithFindings(&Report{}, sampleFigures(sampleReport(), 1)) {
		if f.Name != "loss" && f.Name != "accuracy" && f.Finding != "" {
			t.Errorf("%s: a report without checkpoints says %q", f.Name, f.Finding)
		}
	}
	r, test := sampleReport(), figure.Series{Name: seriesTest, X: []float64{0, 10}, Y: []float64{math.NaN(), 1}}
	if got := lossFinding(r, figure.Figure{Series: []figure.Series{test}}); strings.Contains(got.basis, "was least") {
		t.Errorf("the least of what is not known: %q", got.basis)
	}
}

// TestNoIntervalOnCards: where intervals are withheld there is none, and not one of [0, 0].
func TestNoIntervalOnCards(t *testing.T) {
	r := sampleReport()
	last := &r.Checkpoints[5]
	last.Covariance.CI, last.Optimizer.CI = nil, nil
	for _, card := range cards(r) {
		if strings.Contains(card.Note, "[0, 0]") {
			t.Errorf("%+v", card)
		}
	}
	if s := optimizerSection(r); s.Table.Rows[0][1] != "8,700" || s.Table.Rows[1][1] != "218" {
		t.Errorf("%q", s.Table.Rows)
	}
}

// TestManyDecadesHaveALogarithmicAxis: beside the largest value the others would all lie at 0.
func TestManyDecadesHaveALogarithmicAxis(t *testing.T) {
	for _, c := range []struct {
		y   []float64
		log bool
	}{{[]float64{1, 900}, false}, {[]float64{1e-4, math.NaN(), 1e4}, true}, {[]float64{0, 1e4}, false}, {[]float64{-1, 1e4}, false}, {nil, false}} {
		f := newFigure("trace", figure.Series{Name: "s", X: make([]float64, len(c.y)), Y: c.y})
		if f.LogY != c.log || f.ZeroY == c.log {
			t.Errorf("%v: logarithmic %t, with zero %t", c.y, f.LogY, f.ZeroY)
		}
	}
}
