package analysis_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/probe"
)

// gradients are 200 of 10 parameters, from elsewhere.
func gradients() *probe.Gradients {
	rng := rand.New(rand.NewPCG(1, 1))
	g := make([]float64, 200*10)
	for i := range g {
		g[i] = 1 + rng.NormFloat64()
	}
	return &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", 200, 10, g)}}
}

func ExampleAnalyse() {
	units := gradients().Reduce(nil)
	r := analysis.Analyse(units, nil, analysis.Settings{Alpha: 1.5, Batch: 20, Seed: 1})
	c := r.Checkpoint
	trace := c.Covariance.CI["trace_unbiased"]
	fmt.Println("the interval of tr Sigma holds 10:", trace.Contains(10))
	for _, f := range c.Enhancement {
		if f.Alpha == 1.5 {
			fmt.Printf("f = %.1f, predicted %.1f, %s\n", math.Round(10*float64(f.Measured))/10, float64(f.Predicted), f.Evidence)
		}
	}
	fmt.Println(len(r.Spectrum), "eigenvalues; the document's schema is", report.Schema)
	// Output:
	// the interval of tr Sigma holds 10: true
	// f = 2.5, predicted 2.5, resampled
	// 10 eigenvalues; the document's schema is noiseprobe/report/1
}
