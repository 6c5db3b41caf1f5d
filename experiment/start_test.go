package experiment

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// begunFrom is the trainer of a run before its first step.
func begunFrom(t *testing.T, c Config) (*train.Trainer, error) {
	t.Helper()
	spec, err := c.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	data, from, err := c.OpenData(spec)
	if err != nil {
		return nil, err
	}
	r, err := prepare(c, spec, data, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	return r.trainer, from.put(r.trainer)
}

// at is the directory of a checkpoint.
func at(d Directory, step int) string { return filepath.Dir(d.checkpoint(step, weightsFile)) }

func TestBranchBeginsWithTheBitsOfTheCheckpoint(t *testing.T) {
	for _, optimizer := range []string{train.NameAdam, train.NameSGD} {
		c := small()
		c.Batch = 50
		c.Optimizer, c.Draws, c.Curvature, c.Record = optimizer, 0, CurvatureOff, RecordNone
		if optimizer == train.NameSGD {
			c.Momentum = 0.9
		}
		_, parent := mustRun(t, c)
		c.From, c.Seed, c.Batch, c.Evaluate = at(parent, 24), 7, 20, "every:5"
		got, err := begunFrom(t, c)
		if err != nil {
			t.Fatal(err)
		}
		want, err := begunFrom(t, c) // to be filled in from the saved state instead
		if err != nil {
			t.Fatal(err)
		}
		saved, err := parent.readState()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range want.Optimizer.State() {
			clear(v)
		}
		if err := parent.restore(want, saved); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Model.Weights, want.Model.Weights) || *got.Optimizer.Steps() != 24 {
			t.Errorf("%s: weights differ, or %d updates", optimizer, *got.Optimizer.Steps())
		}
		for name, v := range want.Optimizer.State() {
			if !slices.Equal(got.Optimizer.State()[name], v) {
				t.Errorf("%s: %s differs", optimizer, name)
			}
		}
		_, branch := mustRun(t, c)
		a, _ := os.ReadFile(parent.checkpoint(24, weightsFile))
		b, _ := os.ReadFile(branch.checkpoint(0, weightsFile))
		if a == nil || !bytes.Equal(a, b) {
			t.Errorf("%s: the branch's first checkpoint is not the file that it began with", optimizer)
		}
		before, _ := metricAt(mustMetrics(t, parent), 24)
		after, _ := metricAt(mustMetrics(t, branch), 0)
		if before.TrainLoss != after.TrainLoss {
			t.Errorf("%s: loss %v at the checkpoint and %v at the start: the branch's data are others", optimizer, before.TrainLoss, after.TrainLoss)
		}
		if _, found := metricAt(mustMetrics(t, branch), 5); !found {
			t.Errorf("%s: no row after 5 steps", optimizer)
		}
	}
}

func mustMetrics(t *testing.T, d Directory) []report.Metric {
	t.Helper()
	rows, err := report.ReadMetrics(d.MetricsPath())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestBranchAnalysesItsUpdates: gradients that a branch records are analysed with the state of its optimizer, which counts on from the checkpoint.
func TestBranchAnalysesItsUpdates(t *testing.T) {
	c := small()
	c.Curvature = CurvatureOff
	_, parent := mustRun(t, c)
	c.From, c.Steps, c.Checkpoints = at(parent, 24), 2, "0,2"
	rep, _ := mustRun(t, c)
	last := rep.Checkpoints[len(rep.Checkpoints)-1]
	if last.Step != 2 || last.Optimizer == nil || last.Optimizer.Step != 26 {
		t.Fatalf("step %d, optimizer %+v", last.Step, last.Optimizer)
	}
}

// The moments that a checkpoint has are taken, and a checkpoint without them is refused where the last state is of another step.
func TestBranchFromAnEarlierCheckpoint(t *testing.T) {
	c := small()
	c.Draws, c.Curvature, c.Record = 0, CurvatureOff, RecordNone
	_, parent := mustRun(t, c)
	c.From = at(parent, 9)
	path := parent.checkpoint(9, optimizerFile)
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if _, err := begunFrom(t, c); err == nil || !strings.Contains(err.Error(), "has no state of the optimizer adam, which the run has kept of step 24 alone") {
		t.Errorf("without moments: %v", err)
	}
	sgd := c
	sgd.Optimizer = train.NameSGD
	got, err := begunFrom(t, sgd)
	if err != nil || *got.Optimizer.Steps() != 0 {
		t.Errorf("another optimizer begins at 0: %v", err)
	}
	o := &probe.Optimizer{Name: "adam", Step: 9, LearningRate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	for i := range got.Model.Weights {
		o.M, o.V = append(o.M, float32(i)), append(o.V, float32(i)/2)
	}
	var arrays []probe.Array
	for _, p := range got.Model.Params {
		arrays = append(arrays, probe.Array{Name: p.Name, Shape: p.Shape})
	}
	if err := probe.WriteOptimizer(path, o, arrays); err != nil {
		t.Fatal(err)
	}
	got, err = begunFrom(t, c)
	if err != nil {
		t.Fatal(err)
	}
	m, v := got.Optimizer.(*train.Adam).Moments()
	if !slices.Equal(m, o.M) || !slices.Equal(v, o.V) || *got.Optimizer.Steps() != 9 {
		t.Errorf("the moments are others, after %d updates", *got.Optimizer.Steps())
	}
}

func TestBranchRefuses(t *testing.T) {
	c := small()
	c.Draws, c.Curvature, c.Record = 0, CurvatureOff, RecordNone
	_, parent := mustRun(t, c)
	for want, change := range map[string]func(*Config){
		"is not a checkpoint": func(c *Config) { c.From = string(parent) },
		"has no checkpoint after 10 steps, only at 3 steps (0, 9, 24)": func(c *Config) { c.From = at(parent, 10) },
		"is of the network [16],[8],":                                  func(c *Config) { c.From, c.Model = at(parent, 24), "[16],[9]" },
		"was trained on ":                                              func(c *Config) { c.From, c.Data = at(parent, 24), "embedded" },
		"-evaluate: \"every:0\": \"0\" is":                             func(c *Config) { c.Evaluate = "every:0" },
	} {
		c := c
		change(&c)
		_, _, err := Run(context.Background(), c, filepath.Join(t.TempDir(), "run"), false, Observer{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want %q, got: %v", want, err)
		}
	}
}
