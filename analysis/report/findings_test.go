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
