package experiment_test

import (
	"bytes"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// drawn writes draws from elsewhere: differences of independent Gaussian noises of the size that Eq. 4 gives.
func drawn(t *testing.T, path string, step, batch int, alpha, trace float64) string {
	t.Helper()
	const draws, p, population = 64, 40, 5000
	effective := int(math.Round(noise.EffectiveBatch(noise.Independent, population, batch, alpha)))
	d := &probe.Draws{
		Plan: probe.Plan{Draws: draws, Batch: batch, Alpha: alpha, Pairing: noise.Independent, Seed: 1}, Population: population, Effective: effective,
		Differences: true, Step: &step,
	}
	rng := seed.New(8, "draws from elsewhere", uint64(step))
	vector := func(batch int) []float64 {
		x := make([]float64, p)
		for j := range x {
			x[j] = math.Sqrt(trace/p*noise.CovarianceFactor(noise.Independent.Single(), population, batch, 1)) * rng.NormFloat64()
		}
		return x
	}
	dot := func(x, y []float64) (sum float64) {
		for j := range x {
			sum += x[j] * y[j]
		}
		return sum
	}
	for range draws {
		x, prime, e := vector(batch), vector(batch), vector(effective)
		enhanced := make([]float64, p)
		for j := range enhanced {
			enhanced[j] = alpha*x[j] + (1-alpha)*prime[j]
		}
		d.NormSq, d.PrimeNormSq, d.Cross = append(d.NormSq, dot(x, x)), append(d.PrimeNormSq, dot(prime, prime)), append(d.Cross, dot(x, prime))
		d.EnhancedSq, d.UpdateError, d.EffectiveSq = append(d.EnhancedSq, dot(enhanced, enhanced)), append(d.UpdateError, 1e-7), append(d.EffectiveSq, dot(e, e))
	}
	if err := probe.WriteDraws(path, d); err != nil {
		t.Fatal(err)
	}
	return path
}

// Draws of a training elsewhere measure its f and B_eff, at their step; what they were drawn for is what the report is about.
func TestDrawsFromElsewhere(t *testing.T) {
	e := elsewhere{t.TempDir(), 64, 50}
	first, last := e.write(t, "0.safetensors", 0, true), e.write(t, "90.safetensors", 90, false)
	alone, _, err := experiment.AnalyseFiles([]string{last}, quick(), experiment.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	draws := drawn(t, filepath.Join(e.dir, "draws.safetensors"), 90, 20, 1.5, float64(alone.Checkpoints[0].Covariance.TraceUnbiased))
	rep, _, err := experiment.AnalyseFiles([]string{draws, first, last}, quick(), experiment.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	c := rep.Checkpoints[1]
	if rep.Run.Alpha != 1.5 || rep.Run.Batch != 20 || len(rep.Checkpoints) != 2 || c.Step != 90 || float64(c.UpdateCheck) != 1e-7 {
		t.Errorf("alpha %v, B %d, %d checkpoints, update check %v", rep.Run.Alpha, rep.Run.Batch, len(rep.Checkpoints), c.UpdateCheck)
	}
	var text bytes.Buffer
	if err := report.TextAlone(&text, rep, 80); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Measured over 64 pairs of real minibatches: f = 2.", "predicted B_eff = 8.", "tr Sigma of the recorded gradients", "differences of two draws"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	for _, not := range []string{"under ghost batch", "theorem about the recorded"} {
		if strings.Contains(text.String(), not) {
			t.Errorf("%q in\n%s", not, text.String())
		}
	}
	if only, _, err := experiment.AnalyseFiles([]string{draws}, quick(), experiment.Observer{}); err != nil || only.Checkpoints[0].Step != 90 || only.Checkpoints[0].NoiseCorrelation == nil {
		t.Errorf("draws alone: %v", err)
	}
}
