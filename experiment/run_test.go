package experiment

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/simd"
	"github.com/noiseprobe/noiseprobe/train"
)

// small is a run of a fraction of a second.
func small() Config {
	c := DefaultConfig()
	c.Model, c.Data, c.BLAS = "[16],[8]", "synthetic", repeatable()
	c.Batch, c.Steps, c.Units, c.Draws, c.Eval, c.Checkpoints = 500, 24, 32, 4, 200, "0,9,24"
	c.Resamples, c.Norms = shape.FewestResamples, true
	return c
}

// repeatable are matrix products whose bits do not depend on the machine's load: of the two that have them, the faster one.
func repeatable() string {
	if set, err := simd.Choose(); err != nil || set == simd.Generic {
		return "gonum"
	}
	return "builtin"
}

func mustRun(t *testing.T, c Config) (*report.Report, Directory) {
	t.Helper()
	rep, dir, err := Run(context.Background(), c, filepath.Join(t.TempDir(), "run"), false, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	return rep, dir
}

// document is the report as it is printed.
func document(t *testing.T, rep *report.Report) string {
	t.Helper()
	var b strings.Builder
	if err := report.Write(&b, rep); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	secondsColumn = regexp.MustCompile(`(?m),[0-9.]+$`)
	secondsKey    = regexp.MustCompile(`"seconds": [0-9.e+-]+`)
	secondsText   = regexp.MustCompile(`in [0-9.]+ (s|min|h)`)
)

// contents maps every file of a run but resume/ to its bytes, with times taken out.
func contents(t *testing.T, d Directory) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(string(d), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Base(filepath.Dir(path)) == "resume" {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(string(d), path)
		switch filepath.Base(path) {
		case "metrics.csv", "losses.csv":
			text = secondsColumn.ReplaceAll(text, nil)
		case "report.json":
			text = secondsKey.ReplaceAll(text, nil)
		case "report.html":
			text = secondsText.ReplaceAll(text, nil)
		}
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameFiles(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if got[name] != want[name] {
			t.Errorf("%s differs", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not in the other run", name)
		}
	}
}

func TestSameSeedSameFiles(t *testing.T) {
	_, a := smallOnce.finished(t)
	_, b := mustRun(t, small())
	files := contents(t, a)
	for _, name := range []string{"run.json", "metrics.csv", "norms.csv", "report.json", "report.html", "figures/shape.svg",
		"checkpoints/000009/weights.safetensors", "checkpoints/000024/gradients.safetensors", "checkpoints/000024/draws.safetensors"} {
		if files[name] == "" {
			t.Errorf("%s is missing or empty", name)
		}
	}
	sameFiles(t, contents(t, b), files)
}

func TestAnalyseSaysWhatTheRunSaid(t *testing.T) {
	for _, record := range []string{RecordFactored, RecordGram, RecordNone}[:numtest.Cases(3, 1)] {
		c := small()
		c.Record = record
		rep, dir := mustRun(t, c)
		again, figures, err := Analyse(string(dir), Observer{})
		if err != nil {
			t.Fatalf("%s: %v", record, err)
		}
		if document(t, again) != document(t, rep) {
			t.Errorf("%s: the reports differ", record)
		}
		before := contents(t, dir)
		if err := publish(dir, again, figures, Drawing{}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, contents(t, dir), before)
		if _, err := Render(string(dir), Drawing{}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, contents(t, dir), before)
	}
}

// stopAfter ends its context when the observer has seen so many calls of Progress.
func stopAfter(calls int) (context.Context, Observer) {
	ctx, cancel := context.WithCancel(context.Background())
	return ctx, Observer{Progress: func(string, int, int) {
		if calls--; calls < 0 {
			cancel()
		}
	}}
}

// An interrupted run, resumed as often as it takes, ends with the same bytes as an undisturbed one.
func TestInterruptAndResume(t *testing.T) {
	_, whole := smallOnce.finished(t)
	want := contents(t, whole)
	stops := []int{9, 0, 25} // at a checkpoint, before the first step, and in the draws
	for _, calls := range stops[:numtest.Cases(3, 1)] {
		ctx, observer := stopAfter(calls)
		rep, dir, err := Run(ctx, small(), filepath.Join(t.TempDir(), "run"), false, observer)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after %d: err = %v", calls, err)
		}
		if rep.Training.Stopped != report.StoppedInterrupted {
			t.Errorf("stopped after %d: %s", calls, rep.Training.Stopped)
		}
		for range 20 {
			ctx, observer := stopAfter(14)
			if _, err = Resume(ctx, string(dir), 0, observer); err == nil {
				break
			}
		}
		if err != nil {
			t.Fatalf("stopped after %d: %v", calls, err)
		}
		sameFiles(t, contents(t, dir), want)
	}
}

func TestResumeOfAFinishedRunIsItsReport(t *testing.T) {
	rep, dir := smallOnce.finished(t)
	before := contents(t, dir)
	again, err := Resume(context.Background(), string(dir), 0, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if document(t, again) != document(t, rep) {
		t.Error("another report")
	}
	sameFiles(t, contents(t, dir), before)
}

func TestDivergence(t *testing.T) {
	c := small()
	c.Optimizer, c.LearningRate = "sgd", 1e6
	rep, dir, err := Run(context.Background(), c, filepath.Join(t.TempDir(), "run"), false, Observer{})
	var diverged *train.DivergedError
	if !errors.As(err, &diverged) {
		t.Fatalf("err = %v", err)
	}
	if rep.Training.Stopped != report.StoppedDiverged || len(rep.Checkpoints) == 0 {
		t.Errorf("stopped %s with %d checkpoints", rep.Training.Stopped, len(rep.Checkpoints))
	}
	if _, err := Resume(context.Background(), string(dir), 0, Observer{}); err == nil || !strings.Contains(err.Error(), "diverged") {
		t.Errorf("resumed: %v", err)
	}
}

// The last update of a run can diverge as well, with no minibatch after it that would show.
func TestLastStepDiverges(t *testing.T) {
	c := small()
	c.Optimizer, c.LearningRate, c.Steps, c.Checkpoints = "sgd", 1e30, 1, "0"
	rep, _, err := Run(context.Background(), c, filepath.Join(t.TempDir(), "run"), false, Observer{})
	var diverged *train.DivergedError
	if !errors.As(err, &diverged) || rep.Training.Stopped != report.StoppedDiverged {
		t.Fatalf("err = %v", err)
	}
	if len(rep.Checkpoints) != 1 || rep.Checkpoints[0].Step != 0 {
		t.Errorf("checkpoints %+v", rep.Checkpoints)
	}
}

func TestUntilConverged(t *testing.T) {
	for _, measure := range []string{train.EpochMean, train.Full}[:numtest.Cases(2, 1)] {
		c := small()
		c.UntilConverged, c.LossMeasure, c.LStar, c.LStop, c.Steps = true, measure, 2.2, 1.9, 2000
		rep, _ := mustRun(t, c)
		at := rep.Training.ConvergenceTime
		if rep.Training.Stopped != report.StoppedConverged || at == nil || *at != rep.Training.Steps {
			t.Errorf("%s: %+v", measure, rep.Training)
		}
		last := rep.Checkpoints[len(rep.Checkpoints)-1]
		if at != nil && last.Step != *at {
			t.Errorf("%s: the last checkpoint is at %d, convergence at %d", measure, last.Step, *at)
		}
	}
}

func TestExistingDirectory(t *testing.T) {
	_, dir := smallOnce.finished(t)
	before := contents(t, dir)
	var exists *ExistsError
	if _, _, err := Run(context.Background(), small(), string(dir), false, Observer{}); !errors.As(err, &exists) {
		t.Errorf("err = %v", err)
	}
	sameFiles(t, contents(t, dir), before)

	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.tex"), []byte("years"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Run(context.Background(), small(), other, true, Observer{}); err == nil {
		t.Error("-force replaced a directory that is no run")
	}
	if text, _ := os.ReadFile(filepath.Join(other, "thesis.tex")); string(text) != "years" {
		t.Error("a file that is no run's was touched")
	}
}

func TestResumeRefuses(t *testing.T) {
	if _, err := Resume(context.Background(), t.TempDir(), 0, Observer{}); err == nil {
		t.Error("resumed a directory without run.json")
	}
	ctx, observer := stopAfter(5)
	_, dir, _ := Run(ctx, small(), filepath.Join(t.TempDir(), "run"), false, observer)
	text, err := os.ReadFile(dir.statePath())
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(dir.statePath(), text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(context.Background(), string(dir), 0, Observer{}); err == nil || !strings.Contains(err.Error(), dir.statePath()) {
		t.Errorf("a damaged state: %v", err)
	}
}

// A run whose norms.csv does not fit its state is not resumed.
func TestResumeWithoutItsNorms(t *testing.T) {
	ctx, observer := stopAfter(11)
	_, dir, _ := Run(ctx, small(), filepath.Join(t.TempDir(), "run"), false, observer)
	whole, err := os.ReadFile(dir.NormsPath())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"norms.csv: has lost rows": normsHeader + "\n", "norms.csv:1: ": "step\n", "norms.csv:4: ": string(whole[:len(normsHeader)+150]),
		`"x" is not a number`: normsHeader + "\n0,x,1,2,3\n", `step is "a"`: normsHeader + "\na,1,1,2,3\n",
	} {
		if err := os.WriteFile(dir.NormsPath(), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Resume(context.Background(), string(dir), 0, Observer{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v, want %q", text, err, name)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, change := range map[string]func(*Config){
		"model":       func(c *Config) { c.Model = "f9" },
		"alpha nan":   func(c *Config) { c.Alpha = nan },
		"alpha inf":   func(c *Config) { c.Alpha = inf },
		"batch":       func(c *Config) { c.Batch = 0 },
		"steps":       func(c *Config) { c.Steps = 0 },
		"lr":          func(c *Config) { c.LearningRate = nan },
		"units":       func(c *Config) { c.Units = 1 },
		"draws":       func(c *Config) { c.Draws = 1 },
		"pairing":     func(c *Config) { c.Pairing = "naive" },
		"checkpoints": func(c *Config) { c.Checkpoints = "log:0" },
		"record":      func(c *Config) { c.Record = "all" },
		"unit":        func(c *Config) { c.Unit = "ghost-batch" },
		"optimizer":   func(c *Config) { c.Optimizer = "adagrad" },
		"memory":      func(c *Config) { c.Memory = 0 },
		"adam-eps":    func(c *Config) { c.AdamEpsilon = 0 },
		"resamples":   func(c *Config) { c.Resamples = 0 },
		"norms":       func(c *Config) { c.Alpha = 0 },
		"norms of 1":  func(c *Config) { c.Batch = 1 },
		"never ends":  func(c *Config) { c.UntilConverged, c.LStop = true, 0 },
	} {
		c := small()
		change(&c)
		dir := filepath.Join(t.TempDir(), "run")
		_, _, err := Run(context.Background(), c, dir, false, Observer{})
		var usage *UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%s: err = %v", name, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: left a directory behind", name)
		}
	}
}

func TestBatchAboveTheTrainingSetIsNoUsageError(t *testing.T) {
	c := small()
	c.Batch = 10001
	_, _, err := Run(context.Background(), c, filepath.Join(t.TempDir(), "run"), false, Observer{})
	var usage *UsageError
	if err == nil || errors.As(err, &usage) {
		t.Errorf("err = %v", err)
	}
}

func TestName(t *testing.T) {
	for model, want := range map[string]string{
		"f1":        "f1-alpha1.5-batch500-seed1",
		"[32],[16]": "32___16_-alpha1.5-batch500-seed1",
	} {
		c := DefaultConfig()
		c.Model = model
		if got := c.Name(); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
}
