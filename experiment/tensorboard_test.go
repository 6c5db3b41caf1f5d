package experiment

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/tfevents"
)

// TestTensorBoard reads back what a run writes, and what it writes after an interruption.
func TestTensorBoard(t *testing.T) {
	c := least()
	c.TensorBoard, c.Norms, c.Steps, c.Checkpoints = true, true, 6, "0,3"
	dir := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	stop := Observer{Loss: func(float64) { cancel() }}
	if _, _, err := Run(ctx, c, dir, false, stop); err == nil {
		t.Fatal("the run was not interrupted")
	}
	rep, err := Resume(context.Background(), dir, 0, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(Directory(dir).EventsPath())
	if err != nil || len(files) != 4 { // of two processes, training and findings each
		t.Fatalf("files %v, %v", files, err)
	}
	all, err := tfevents.ReadDir(Directory(dir).EventsPath())
	if err != nil {
		t.Fatal(err)
	}
	series := map[string]map[int64]float64{}
	for _, s := range all {
		if series[s.Tag] == nil {
			series[s.Tag] = map[int64]float64{}
		}
		series[s.Tag][s.Step] = s.Value
	}
	if n := len(series["train/minibatch_loss"]); n != c.Steps {
		t.Errorf("%d losses of minibatches, want %d", n, c.Steps)
	}
	metrics, err := report.ReadMetrics(Directory(dir).MetricsPath())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range metrics {
		same(t, "test/loss", series["test/loss"][int64(m.Step)], m.TestLoss)
		same(t, "train/learning_rate", series["train/learning_rate"][int64(m.Step)], m.LearningRate)
	}
	r, err := Directory(dir).readState()
	if err != nil {
		t.Fatal(err)
	}
	norms, err := Directory(dir).readNorms(&r)
	if err != nil || len(norms) != c.Steps {
		t.Fatalf("%d norms, %v", len(norms), err)
	}
	for _, n := range norms {
		for i, tag := range []string{"small_batch", "small_norm_sq", "big_batch", "big_norm_sq"} {
			same(t, tag, series[tag][int64(n.step)], n.values()[i])
		}
	}
	for _, at := range rep.Checkpoints {
		same(t, "noise/trace", series["noise/trace"][int64(at.Step)], float64(at.NoiseSize.Trace))
	}
	last := rep.Checkpoints[len(rep.Checkpoints)-1]
	if found := report.Scalars(last); !slices.ContainsFunc(found, func(s report.Scalar) bool { return s.Name == "enhancement/f" }) {
		t.Errorf("the last checkpoint has %v", found)
	}
}

// same compares to the 24 bits of a float32.
func same(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-7*math.Abs(want) {
		t.Errorf("%s: %g, want %g", name, got, want)
	}
}
