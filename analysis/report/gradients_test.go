package report

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

func gradientText(t *testing.T, g *Report) string {
	t.Helper()
	return textBy(t, TextAlone, g)
}

// The text of gradients without a run names the files, and says nothing of steps, training or a run.
func TestTextOfGradients(t *testing.T) {
	c := sampleReport().Checkpoints[5]
	text := gradientText(t, OfGradients(Analysis{Source: []string{"a.npy", "b.npz"}, Alpha: 1.5, Batch: 500}, []Checkpoint{c}))
	for _, want := range []string{"Gradients from a.npy, b.npz", "From the gradients of all 10,000 training samples", "What batch is the noise worth?",
		"How Gaussian", "Layer by layer"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	for _, not := range []string{"at step", "At step", "this run", "Training", "Checkpoints"} {
		if strings.Contains(text, not) {
			t.Errorf("%q in:\n%s", not, text)
		}
	}
}

// Without an alpha there is no section about one.
func TestTextOfGradientsWithoutAnAlpha(t *testing.T) {
	c := sampleReport().Checkpoints[5]
	text := gradientText(t, OfGradients(Analysis{Source: []string{"a.npy"}, Alpha: estimate.Undefined(), Batch: 500}, []Checkpoint{c}))
	if !strings.Contains(text, "alpha^2 + (1 - alpha)^2") || strings.Contains(text, "What batch") || strings.Contains(text, "NE has") {
		t.Errorf("got:\n%s", text)
	}
}

// Plain SGD has no factor to measure, and its noise is that of its own batch.
func TestTextOfPlainSGD(t *testing.T) {
	c := sampleReport().Checkpoints[5]
	c.NoiseCorrelation, c.EffectiveBatch = nil, nil
	text := gradientText(t, OfGradients(Analysis{Source: []string{"a.npy"}, Alpha: 1, Batch: 500}, []Checkpoint{c}))
	if !strings.Contains(text, "B = 500 itself: alpha = 1 is plain SGD.") || strings.Contains(text, "That is a theorem") || strings.Contains(text, "not measured;") ||
		strings.Contains(text, "By the theorem") {
		t.Errorf("got:\n%s", text)
	}
}

// Parts that are missing, and numbers that are undefined, do not keep the rest from being shown.
func TestTextOfPoorGradients(t *testing.T) {
	u := estimate.Undefined()
	for _, c := range []Checkpoint{{}, {Covariance: &covariance.Covariance{TraceUnbiased: u, NoiseScale: u, Layers: make([]covariance.Layer, 2)}}} {
		for _, alpha := range []float64{math.NaN(), 1, 1.5} {
			gradientText(t, OfGradients(Analysis{Alpha: estimate.Number(alpha)}, []Checkpoint{c}))
		}
	}
}
