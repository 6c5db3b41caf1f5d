package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// smallImages is a run of a network with convolutions in a second or two: minibatches of 25 in ghost batches of 10, the last one of 5.
func smallImages() Config {
	c := DefaultConfig()
	c.Model, c.Data, c.BLAS, c.Ghost = "[8,3,3,1],[8,3,3,1]", "synthetic", "auto", 10
	c.Batch, c.Steps, c.Units, c.Draws, c.Eval, c.Checkpoints = 25, 6, 12, 6, 200, "0,6"
	c.Resamples = shape.FewestResamples
	return c
}

// TestImagesRun: intervals of f contain the prediction, sizes are in samples, and everything says what its unit is.
func TestImagesRun(t *testing.T) {
	settings := smallImages()
	settings.Resamples = shape.DefaultResamples
	rep, _ := mustRun(t, settings)
	c := rep.Checkpoints[len(rep.Checkpoints)-1]
	if c.Unit != "ghost-batch" || c.UnitSize != 10 || c.Units != 12 || c.Population != 1000 || int(c.Parameters) != rep.Run.Parameters {
		t.Errorf("%d units of %s of %d, of %d", c.Units, c.Unit, c.UnitSize, c.Population)
	}
	evidence := map[string]int{}
	for _, row := range c.Enhancement {
		evidence[row.Evidence]++
		if row.Alpha != 1 && (row.CI.Lo > float64(row.Predicted) || row.CI.Hi < float64(row.Predicted)) {
			t.Errorf("f at alpha %g, %s: %v, predicted %v", row.Alpha, row.Evidence, row.CI, row.Predicted)
		}
		// 25 samples are 2.5 ghost batches, and 3 are resampled.
		if want := map[string]int{"direct": 25, "resampled": 30}[row.Evidence]; row.Batch != want {
			t.Errorf("%s minibatches of %d, want %d", row.Evidence, row.Batch, want)
		}
	}
	if evidence["direct"] == 0 || evidence["resampled"] == 0 {
		t.Errorf("evidence %v", evidence)
	}
	if !(float64(c.UpdateCheck) < 1e-5) {
		t.Errorf("update check %v", c.UpdateCheck)
	}
	against := map[string]bool{}
	for _, row := range c.EffectiveBatch {
		against[row.Against] = true
		if row.Evidence == "resampled" && row.Alpha == 1.5 && math.Abs(float64(row.Predicted)-12) > 1e-9 { // 3 units / 2.5
			t.Errorf("resampled B_eff is predicted as %v samples", row.Predicted)
		}
	}
	if !against["recorded-units"] || !against["sgd-at-b-eff"] {
		t.Errorf("B_eff against %v", against)
	}
	text := strings.Join(c.Warnings, "\n")
	for _, want := range []string{"differences of two draws", "30 samples, whole ghost batches of 10, in place of B = 25"} {
		if !strings.Contains(text, want) {
			t.Errorf("no warning has %q: %s", want, text)
		}
	}
	var b strings.Builder
	if err := report.Text(&b, rep, 100); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "12 ghost batches of 10 samples (of 1,000)") {
		t.Error("the text does not say what its units are")
	}
}

// B_eff below one ghost batch: nothing is drawn at it, and the report says why.
func TestNoDrawsBelowOneGhostBatch(t *testing.T) {
	c := smallImages()
	c.Alpha, c.Batch = 3, 20 // f = 13
	rep, _ := mustRun(t, c)
	last := rep.Checkpoints[len(rep.Checkpoints)-1]
	for _, row := range last.EffectiveBatch {
		if row.Against == "sgd-at-b-eff" {
			t.Error("SGD was drawn at B_eff = 1.5")
		}
	}
	for _, row := range last.Matched {
		t.Errorf("%s at B_eff %d", row.Quantity, row.Effective)
	}
	text := strings.Join(last.Warnings, "\n")
	for _, want := range []string{"SGD at B_eff was not drawn: B_eff = 1.5", "SGD at B_eff has no row of its own: B_eff = 1.5"} {
		if !strings.Contains(text, want) {
			t.Errorf("no warning has %q: %s", want, text)
		}
	}
}

// TestImagesGoOn: a run that is interrupted goes on as if nothing had happened, running statistics included; and a second analysis
// says what the first said.
func TestImagesGoOn(t *testing.T) {
	c := smallImages()
	_, whole := imagesOnce.finished(t)
	want := contents(t, whole)
	if want["checkpoints/000006/running.safetensors"] == "" {
		t.Error("no running statistics")
	}
	for _, calls := range []int{4, 1, 8}[:numtest.Cases(3, 1)] {
		ctx, o := stopAfter(calls)
		dir := filepath.Join(t.TempDir(), "run")
		if _, _, err := Run(ctx, c, dir, false, o); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if _, err := Resume(context.Background(), dir, 0, Observer{}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, contents(t, Directory(dir)), want)
	}
	rep, _, err := Analyse(string(whole), Observer{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := report.Read(whole.ReportPath())
	if err != nil {
		t.Fatal(err)
	}
	if document(t, rep) != document(t, first) {
		t.Error("the second analysis differs")
	}
}

// Second moments alone give the same covariance as the gradients, in both kinds of unit; the running statistics of a checkpoint are
// what a probe of it needs.
func TestImagesUnits(t *testing.T) {
	numtest.NeedFull(t, "both units of networks with convolutions")
	c := smallImages()
	c.Draws = 0
	for _, unit := range []string{probe.UnitGhostBatch, probe.UnitSample} {
		c.Unit, c.Record = unit, RecordFactored
		c.Draws = 2
		rep, dir := mustRun(t, c)
		if end := rep.Checkpoints[len(rep.Checkpoints)-1]; unit == probe.UnitSample {
			for _, row := range end.EffectiveBatch {
				if row.Against == "recorded-units" {
					t.Error("the noise of training is compared with that of a network that is frozen")
				}
			}
			if end.Noise != nil || !strings.Contains(strings.Join(end.Warnings, "\n"), "normalisation frozen") {
				t.Errorf("frozen samples give the noise of a step %+v, with the warnings %q", end.Noise, end.Warnings)
			}
		}
		c.Draws, c.Record = 0, RecordGram
		moments, _ := mustRun(t, c)
		last := len(rep.Checkpoints) - 1
		a, b := rep.Checkpoints[last].Covariance, moments.Checkpoints[last].Covariance
		if err := numtest.Close(float64(a.Trace), float64(b.Trace), numtest.Tol{Rel: 1e-9}); err != nil {
			t.Errorf("%s: %v", unit, err)
		}
		s := DefaultNetworkSettings()
		s.Model, s.Weights, s.Running = c.Model, dir.checkpoint(6, weightsFile), dir.checkpoint(6, runningFile)
		s.Data, s.Units, s.Ghost, s.Unit, s.BLAS = c.Data, c.Units, c.Ghost, unit, c.BLAS
		g, _, err := ProbeNetwork(s, Observer{})
		if err != nil {
			t.Fatal(err)
		}
		if err := numtest.Close(float64(g.Checkpoints[0].Covariance.Trace), float64(a.Trace), numtest.Tol{Rel: 1e-6}); err != nil {
			t.Errorf("%s: probe: %v", unit, err)
		}
	}
}

// A ghost batch of one sample is one all the same, and there is none larger than a minibatch.
func TestGhostSizes(t *testing.T) {
	numtest.NeedFull(t, "ghost batches of one sample and of more than a batch")
	for _, x := range []struct{ ghost, batch, want int }{{1, 5, 1}, {40, 20, 20}} {
		c := smallImages()
		c.Ghost, c.Batch, c.Steps, c.Checkpoints = x.ghost, x.batch, 1, "1"
		var notices []string
		dir := filepath.Join(t.TempDir(), "run")
		rep, d, err := Run(context.Background(), c, dir, false, Observer{Notice: func(line string) { notices = append(notices, line) }})
		if err != nil {
			t.Fatal(err)
		}
		last := rep.Checkpoints[0]
		units, err := probe.ReadUnits(d.checkpoint(1, gradientsFile), func(int) []probe.Direction { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if last.Unit != "ghost-batch" || last.UnitSize != x.want || units.Unit != "ghost-batch" || units.UnitSize != x.want {
			t.Errorf("-ghost %d -batch %d: %s of %d, recorded %s of %d", x.ghost, x.batch, last.Unit, last.UnitSize, units.Unit, units.UnitSize)
		}
		if said := strings.Contains(strings.Join(notices, "\n"), "-ghost 40: minibatches have 20 samples"); said != (x.ghost == 40) {
			t.Errorf("-ghost %d: %q", x.ghost, notices)
		}
	}
}

// What a budget is said to hold it holds, for one and for two minibatches a step.
func TestWhatWouldFit(t *testing.T) {
	spec, err := parseModel("[64]")
	if err != nil {
		t.Fatal(err)
	}
	for _, minibatches := range []float64{1, 2} {
		need := train.Need{Spec: spec, Sample: []int{784}, Classes: 10, Samples: 500000 * minibatches, Minibatches: minibatches}
		_, err := CheckMemory(need, 1<<30, "it needs")
		if err == nil {
			t.Fatal("half a million samples fit in 1 GiB")
		}
		var batch float64
		if _, scanned := fmt.Sscanf(err.Error()[strings.Index(err.Error(), "-batch"):], "-batch %f would fit", &batch); scanned != nil {
			t.Fatal(err)
		}
		need.Samples = batch * minibatches
		if _, err := CheckMemory(need, 1<<30, "it needs"); err != nil {
			t.Error(err)
		}
	}
}

// Gradients that memory has no room for go by way of a temporary file, and say the same.
func TestSpooledUnits(t *testing.T) {
	c := smallImages()
	_, dir := imagesOnce.finished(t)
	spec, err := c.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	w, err := openWeights(dir.checkpoint(6, weightsFile), c.Model, 3*32*32)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.spec = spec
	s := DefaultNetworkSettings()
	s.Data, s.Units, s.Unit = c.Data, c.Units, c.Unit
	target, err := s.target(spec, nil, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := w.load(target.sample)
	if err != nil {
		t.Fatal(err)
	}
	record := func(spool bool) (*probe.Units, error) {
		g, remove, err := target.units.gradients(model, target.data, spool)
		if err != nil {
			return nil, err
		}
		u, err := reduce(g, s.Seed)
		return u, errors.Join(err, remove())
	}
	memory, err := record(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	file, err := record(true)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.CloseToLargest(file.Centred, memory.Centred, 1e-12); err != nil {
		t.Error(err)
	}
	none := filepath.Join(t.TempDir(), "none")
	if err := os.WriteFile(none, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", none)
	if _, err := record(true); err == nil || !strings.Contains(err.Error(), "none") || !strings.Contains(err.Error(), "$TMPDIR") {
		t.Errorf("a file in the place of a directory: %v", err)
	}
}

func TestImagesRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c *Config)
		want   string
	}{
		"size":   {func(c *Config) { c.Model = "[8,3,3,1],[8,3,3,1],[8,3,3,1],[8,3,3,1],[8,3,3,1],[8,3,3,1]" }, "the 1×1 pixels that reach pool6 cannot be halved"},
		"ghost":  {func(c *Config) { c.Ghost, c.Batch = 9000, 9000 }, "10000 training samples make 1 ghost batches"},
		"memory": {func(c *Config) { c.Memory = 1 << 20 }, "-memory 1 MiB: the run needs about"},
		"dense":  {func(c *Config) { c.Model = "[8],[8,3,3,1]" }, "convolutions after a dense layer"},
	} {
		config := smallImages()
		c.change(&config)
		dir := filepath.Join(t.TempDir(), "run")
		if _, d, err := Run(context.Background(), config, dir, false, Observer{}); err == nil || !strings.Contains(err.Error(), c.want) || d != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestScratch: without a place for temporary files the current directory has them, as in a container that has nothing but this program.
func TestScratch(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	dir, err := scratch("noiseprobe-test-*")
	if err != nil || filepath.Dir(dir) != "." {
		t.Errorf("%q, %v", dir, err)
	}
}
