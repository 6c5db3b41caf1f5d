package experiment

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train"
)

// siblings are small runs of the other methods.
func siblings() map[noise.Method]Config {
	large, pnm := small(), small()
	large.Noise, large.Draws = string(noise.LargeNoise), 0
	pnm.Noise, pnm.Draws, pnm.Optimizer, pnm.Momentum = string(noise.PNM), 0, train.NameSGD, 0.9
	return map[noise.Method]Config{noise.LargeNoise: large, noise.PNM: pnm}
}

// TestSiblings: a report says which method it is about, has nothing of the shape of noise that is not the run's, and of large noise the covariance, which is that
// of noise enhancement. An interrupted run ends with the same bytes.
func TestSiblings(t *testing.T) {
	for method, c := range siblings() {
		rep, whole := mustRun(t, c)
		last := rep.Checkpoints[len(rep.Checkpoints)-1]
		if rep.Run.Noise != string(method) || rep.Run.MinibatchesPerStep() != len(method.MinibatchWeights(c.Alpha)) {
			t.Errorf("%s: %+v", method, rep.Run)
		}
		for _, row := range last.Shape.Rows {
			if row.Arm == enhancement.ArmNE {
				t.Errorf("%s: the shape of noise enhancement", method)
			}
		}
		if n := last.Optimizer; (n != nil) != (method == noise.LargeNoise) || n != nil && n.Row(optimizer.Frozen, enhancement.ArmNE).Ratio != 2.5 {
			t.Errorf("%s: %+v", method, n)
		}
		if step := last.Curvature; !step.StepCost.Defined() {
			t.Errorf("%s: no cost of a step: %v", method, step.Reasons)
		}
		text := &strings.Builder{}
		if err := report.Text(text, rep, 1000); err != nil || !strings.Contains(text.String(), "What did "+string(method)+" do to it?") || strings.Contains(text.String(), "NE gradient") {
			t.Errorf("%s: %v\n%s", method, err, text)
		}
		ctx, observer := stopAfter(9)
		_, dir, err := Run(ctx, c, filepath.Join(t.TempDir(), "run"), false, observer)
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if _, err := Resume(context.Background(), string(dir), 0, Observer{}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, contents(t, dir), contents(t, whole))
	}
}

// TestSiblingsRefuse: one line with the way out.
func TestSiblingsRefuse(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"-draws 4: real minibatches are drawn for -noise ne alone":          func(c *Config) { c.Noise = "pnm" },
		"-noise pnm: is a momentum of -optimizer sgd":                       func(c *Config) { c.Noise, c.Draws = "pnm", 0 },
		"-alpha 0.5 must be 1 or more":                                      func(c *Config) { c.Noise, c.Draws, c.Alpha = "large-noise", 0, 0.5 },
		"-noise large-noise: goes with -pairing independent or replacement": func(c *Config) { c.Noise, c.Draws, c.Pairing = "large-noise", 0, "disjoint" },
		"-noise loud: one of ne, pnm, large-noise":                          func(c *Config) { c.Noise = "loud" },
	} {
		c := small()
		change(&c)
		if _, err := c.Resolve(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	c := small()
	c.Noise = "large-noise"
	c.FillIn(func(string) bool { return false })
	if _, err := c.Resolve(); err != nil || c.Draws != 0 {
		t.Errorf("without -draws: %v", err)
	}
}
