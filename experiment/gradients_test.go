package experiment_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/probe"
)

// normalGradients are n rows of p normal numbers with mean 0.3.
func normalGradients(n, p int) *probe.Gradients {
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	x := make([]float64, n*p)
	for i := range x {
		x[i] = 0.3 + rng.NormFloat64()
	}
	return &probe.Gradients{Layers: []probe.Layer{probe.NewDense("w", n, p, x)}}
}

// constantGradients are n equal rows.
func constantGradients(n int, values ...float64) *probe.Gradients {
	var x []float64
	for range n {
		x = append(x, values...)
	}
	return &probe.Gradients{Layers: []probe.Layer{probe.NewDense("w", n, len(values), x)}}
}

// Degenerate gradients, with and without an alpha, end in a document and a text: no panic, no NaN.
func TestDegenerateGradients(t *testing.T) {
	cases := map[string]*probe.Gradients{"equal": constantGradients(8, 1, 2, 3), "zero": constantGradients(8, 0, 0)}
	for _, n := range []int{2, 3, 4, 5, 9} {
		cases[fmt.Sprintf("n = %d", n)] = normalGradients(n, 6)
		cases[fmt.Sprintf("n = %d, one parameter", n)] = normalGradients(n, 1)
	}
	alphas := []float64{math.NaN(), 1, 1.5, -2, 1e6}
	for name, g := range cases {
		for _, alpha := range alphas {
			s := experiment.DefaultGradientSettings()
			s.Alpha, s.Eigenvalues, s.Resamples = alpha, 0, shape.FewestResamples
			r, _, err := experiment.AnalyseGradients(g, []string{name}, s)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var document, text bytes.Buffer
			if err := errors.Join(report.WriteGradients(&document, r.Analysis, r.Checkpoints[0]), report.TextAlone(&text, r, 100)); err != nil {
				t.Errorf("%s, alpha %v: %v", name, alpha, err)
			}
			if strings.Contains(document.String(), "NaN") || strings.Contains(text.String(), "NaN") {
				t.Errorf("%s, alpha %v: NaN in the document or the text", name, alpha)
			}
			if want := min(g.Units()-1, g.Parameters()); len(r.Checkpoints[0].Covariance.Eigenvalues) != want {
				t.Errorf("%s: %d eigenvalues, want %d", name, len(r.Checkpoints[0].Covariance.Eigenvalues), want)
			}
		}
	}
}

func TestBatchOfResampledMinibatches(t *testing.T) {
	for _, c := range []struct {
		n, batch  int
		alpha     float64
		wantB     int
		wantAlpha float64
	}{
		{20, 0, math.NaN(), 20, math.NaN()},
		{600, 0, math.NaN(), 500, math.NaN()},
		{600, 0, 3, 500, 3},
		{20, 100, math.NaN(), 100, 1},
	} {
		s := experiment.DefaultGradientSettings()
		s.Batch, s.Alpha = c.batch, c.alpha
		r, _, err := experiment.AnalyseGradients(normalGradients(c.n, 2), nil, s)
		if err != nil {
			t.Fatal(err)
		}
		same := r.Run.Alpha == c.wantAlpha || math.IsNaN(r.Run.Alpha) && math.IsNaN(c.wantAlpha)
		if r.Run.Batch != c.wantB || !same || r.Checkpoints[0].Enhancement[0].Batch != c.wantB {
			t.Errorf("n %d, batch %d, alpha %v: %d, %v", c.n, c.batch, c.alpha, r.Run.Batch, r.Run.Alpha)
		}
	}
}

// A population changes what its corrections change: |grad L|^2 unbiased is |gbar|^2 - tr/n (1 - n/N).
func TestPopulationOfGradients(t *testing.T) {
	g := normalGradients(20, 5)
	g.Population = 40
	s := experiment.DefaultGradientSettings()
	r, _, err := experiment.AnalyseGradients(g, nil, s)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Checkpoints[0].Covariance
	want := float64(c.GradientNormSq) - float64(c.TraceUnbiased)/20*0.5
	if got := float64(c.GradientNormSqUnbiased); math.Abs(got-want) > 1e-12*math.Abs(want) {
		t.Errorf("%g, want %g", got, want)
	}
	s.Alpha, s.Batch = 1.5, 41
	if _, _, err := experiment.AnalyseGradients(g, nil, s); err == nil || !strings.Contains(err.Error(), "batch 41 is above the 40") {
		t.Errorf("%v", err)
	}
	g.Population = 19
	if _, _, err := experiment.AnalyseGradients(g, nil, experiment.DefaultGradientSettings()); err == nil {
		t.Error("a population below the number of gradients")
	}
}
