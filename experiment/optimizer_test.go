package experiment

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// TestOptimizerOfARun: each checkpoint after the first update has the noise of the updates, the last one all kinds of evidence, and none of it
// changes a bit of the training.
func TestOptimizerOfARun(t *testing.T) {
	rep, dir := smallOnce.finished(t)
	if c := rep.Checkpoints[0]; c.Optimizer != nil || !strings.Contains(c.OptimizerUndefined, "before the first update") {
		t.Errorf("step 0: %+v, %q", c.Optimizer, c.OptimizerUndefined)
	}
	if n := rep.Checkpoints[1].Optimizer; n == nil || n.Step != 9 || n.Row(optimizer.Frozen, enhancement.ArmNE) == nil || !strings.Contains(n.Unsettled, "not known") {
		t.Errorf("step 9: %+v", n) // 10,000 samples at 3 checkpoints are more than a tenth of the 24,000 that are read
	}
	n := rep.Checkpoints[2].Optimizer
	for _, evidence := range []string{optimizer.Frozen, optimizer.Stationary, optimizer.Direct} {
		if u := n.Row(evidence, enhancement.ArmNE); u == nil || !(u.Ratio > 0.9 && u.Ratio < 4) {
			t.Errorf("%s: %+v", evidence, u)
		}
	}
	c := small()
	c.Draws, c.Record, c.Norms = 0, RecordNone, false
	_, bare := mustRun(t, c)
	for _, name := range []string{weightsFile} {
		a, b := dir.checkpoint(24, name), bare.checkpoint(24, name)
		if !sameBytes(t, a, b) {
			t.Errorf("%s and %s differ", a, b)
		}
	}
}

func sameBytes(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(x) == string(y)
}

// TestAffordableGradient: where training reads enough, the full gradient is that of the mean loss, at every checkpoint the same as that of
// the direct draws would be.
func TestAffordableGradient(t *testing.T) {
	numtest.NeedFull(t, "gradients over the training set where they are affordable")
	c := small()
	c.Steps, c.Checkpoints, c.Draws, c.Optimizer, c.WeightDecay = 300, "150,300", 0, train.NameAdamW, 0.01
	rep, dir := mustRun(t, c)
	for _, p := range rep.Checkpoints {
		n := p.Optimizer
		if n == nil || n.Name != train.NameAdamW || n.Row(optimizer.Stationary, enhancement.ArmNE) == nil || n.Unsettled != "" {
			t.Fatalf("step %d: %+v", p.Step, n)
		}
		if u := n.Row(optimizer.Stationary, enhancement.ArmNE); !u.Exact || u.Withheld != "" {
			t.Errorf("step %d: not from all training samples: %+v", p.Step, u)
		}
		// Between 1 and f = 2.5, and B_eff does the same to within its rounding.
		ne, effective := n.Row(optimizer.Stationary, enhancement.ArmNE), n.Row(optimizer.Stationary, enhancement.ArmEffective)
		if !(ne.Ratio >= 1 && ne.Ratio <= 2.5) || math.Abs(float64(effective.Ratio/ne.Ratio)-1) > 0.02 {
			t.Errorf("f_u = %v, at B_eff %v", ne.Ratio, effective.Ratio)
		}
	}
	f, err := safetensors.Open(dir.checkpoint(300, optimizerFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if about := f.Metadata(); about["optimizer"] != "adamw" || about["step"] != "300" || about["learning_rate"] != "0.001" || about["eps"] != "1e-08" {
		t.Errorf("%v", about)
	}
}

// TestNoOptimizer: second moments have no block, and neither has sgd without any; the reason is in the report.
func TestNoOptimizer(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"Nothing that theory does not say: sgd multiplies every gradient by the learning rate alone": func(c *Config) {
			c.Optimizer, c.Record = train.NameSGD, RecordNone
		},
		"Not known: the gradients of units were not kept: that takes -record factored": func(c *Config) { c.Record = RecordGram },
	} {
		c := small()
		c.Steps, c.Checkpoints, c.Draws = 2, "2", 0
		change(&c)
		rep, dir := mustRun(t, c)
		if p := rep.Checkpoints[0]; p.Optimizer != nil || p.OptimizerUndefined == "" {
			t.Errorf("want %q, got %+v, %q", want, p.Optimizer, p.OptimizerUndefined)
		}
		text := &strings.Builder{}
		if err := report.Text(text, rep, 1000); err != nil || !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
		if _, err := os.Stat(dir.checkpoint(2, optimizerFile)); (err == nil) != (c.Optimizer == train.NameAdam) {
			t.Errorf("%s: %v", c.Optimizer, err)
		}
	}
}

// TestSGD: its updates have f times the noise of plain SGD's. In the long run one gradient moves the weights by what the optimizer makes of it, one after which nothing comes.
func TestSGD(t *testing.T) {
	for _, momentum := range []float64{0, 0.9} {
		c := small()
		c.Steps, c.Checkpoints, c.Optimizer, c.Momentum, c.LearningRate, c.Record = 2, "2", train.NameSGD, momentum, 0.01, RecordGram
		rep, _ := mustRun(t, c)
		p := rep.Checkpoints[0]
		frozen, settled := p.Optimizer.Row(optimizer.Frozen, enhancement.ArmNE), p.Optimizer.Row(optimizer.Stationary, enhancement.ArmNE)
		o, err := train.NewOptimizer(train.OptimizerSettings{Name: train.NameSGD, Momentum: momentum}, 1)
		if err != nil {
			t.Fatal(err)
		}
		w := []float32{0}
		for k := range 400 {
			o.Step(w, []float32{float32(1 - min(k, 1))}, 0.01)
		}
		got := []float64{float64(frozen.Ratio), float64(frozen.Trace), float64(settled.Ratio), float64(settled.Trace)}
		own := float64(p.Noise.UpdateTraceSGD)
		want := []float64{2.5, own, 2.5, own / 1e-4 * float64(w[0]) * float64(w[0])}
		if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-5}); err != nil {
			t.Errorf("momentum %g: %v", momentum, err)
		}
		text := &strings.Builder{}
		if err := report.Text(text, rep, 1000); err != nil || !strings.Contains(text.String(), "SGD's update: NE multiplies its noise by f = 2.50 as that of the gradient, by theory.") ||
			!strings.Contains(text.String(), "Nothing that theory does not say: sgd ") {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// TestDamagedOptimizer: a state that is lost, or of another step, is named.
func TestDamagedOptimizer(t *testing.T) {
	_, dir := smallOnce.copied(t)
	path := dir.checkpoint(9, optimizerFile)
	other, err := os.ReadFile(dir.checkpoint(24, optimizerFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, other, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Analyse(string(dir), Observer{}); err == nil || !strings.Contains(err.Error(), path+": is not the file that was recorded there") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Analyse(string(dir), Observer{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

// TestOptimizerOfImages: of ghost batches there is no full gradient, and with frozen normalisation no settled moments; the rest is there.
func TestOptimizerOfImages(t *testing.T) {
	rep, _ := imagesOnce.finished(t)
	n := rep.Checkpoints[1].Optimizer
	if n == nil || !n.Trace.Defined() || n.Row(optimizer.Direct, enhancement.ArmNE) == nil || !strings.Contains(n.Unsettled, "not known") {
		t.Errorf("%+v", n)
	}
	if frozen := n.Row(optimizer.Frozen, enhancement.ArmSGD); frozen == nil || frozen.Ratio != 1 {
		t.Errorf("plain SGD against itself: %+v", frozen)
	}
}

// TestProbeOptimizerState: the state of a run's checkpoint, and one from elsewhere, whose reference is NumPy in float64.
func TestProbeOptimizerState(t *testing.T) {
	s := vectorSettings(t, "mlp_784-32-16-10")
	s.OptimizerState = "../testdata/vectors/science/data/mlp_784-32-16-10.t20.optimizer.safetensors"
	rep, _, err := ProbeNetwork(s, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../testdata/vectors/science/expected/mlp_784-32-16-10.t20.json")
	var want struct {
		Optimizer struct {
			Trace  float64 `json:"trace"`
			Update float64 `json:"update_trace_one_sample"`
		} `json:"optimizer"`
	}
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	n := rep.Checkpoints[0].Optimizer
	if n == nil || n.Step != 20 || len(n.Updates) != 1 { // no alpha was asked about
		t.Fatalf("%+v", n)
	}
	if err := numtest.AllClose([]float64{float64(n.Trace), float64(n.UpdateTraceOneSample)}, []float64{want.Optimizer.Trace, want.Optimizer.Update}, numtest.Tol{Rel: 1e-4}); err != nil {
		t.Error(err)
	}
	run, dir := smallOnce.finished(t)
	s = DefaultNetworkSettings()
	c := small()
	s.Weights, s.OptimizerState, s.Data, s.Units, s.Seed, s.BLAS = dir.checkpoint(24, weightsFile), dir.checkpoint(24, optimizerFile), c.Data, c.Units, c.Seed, c.BLAS
	s.Alpha, s.Batch = c.Alpha, c.Batch
	if rep, _, err = ProbeNetwork(s, Observer{}); err != nil {
		t.Fatal(err)
	}
	a, b := run.Checkpoints[2].Optimizer.Row(optimizer.Stationary, enhancement.ArmNE), rep.Checkpoints[0].Optimizer.Row(optimizer.Stationary, enhancement.ArmNE)
	if err := numtest.Close(float64(b.Ratio), float64(a.Ratio), numtest.Tol{Rel: 1e-6}); err != nil {
		t.Error(err)
	}
}

// TestProbeOptimizerStateRefuses: one line that names the file and the reason.
func TestProbeOptimizerStateRefuses(t *testing.T) {
	s := vectorSettings(t, "mlp_784-32-16-10")
	const p = 784*32 + 32 + 32*16 + 16 + 16*10 + 10
	parameters := []probe.Array{{Name: "dense1.weight", Shape: []int{32, 784}}, {Name: "dense1.bias", Shape: []int{32}}, {Name: "dense2.weight", Shape: []int{16, 32}},
		{Name: "dense2.bias", Shape: []int{16}}, {Name: "output.weight", Shape: []int{10, 16}}, {Name: "output.bias", Shape: []int{10}}}
	s.OptimizerState = filepath.Join(t.TempDir(), "optimizer.safetensors")
	for want, damage := range map[string]func(*probe.Optimizer, []probe.Array) []probe.Array{
		"step is 0":         func(o *probe.Optimizer, a []probe.Array) []probe.Array { o.Step = 0; return a },
		"v of parameter 3 ": func(o *probe.Optimizer, a []probe.Array) []probe.Array { o.V[3] = float32(math.NaN()); return a },
		"v of parameter 0 ": func(o *probe.Optimizer, a []probe.Array) []probe.Array { o.V[0] = -1; return a },
		"m.dense1.weight has shape [784 32], but that of the network [32 784]": func(o *probe.Optimizer, a []probe.Array) []probe.Array {
			a[0].Shape = []int{784, 32}
			return a
		},
		"has no m.output.weight: it is the state of another network":                                      func(o *probe.Optimizer, a []probe.Array) []probe.Array { return a[:4] },
		"has no m.output.bias: it lacks a part, or is the state of another network; noiseprobe.optimizer": func(o *probe.Optimizer, a []probe.Array) []probe.Array { return a[:5] },
		"is the state of another network": func(o *probe.Optimizer, a []probe.Array) []probe.Array {
			a[4].Name = "dense3.weight"
			return a
		},
	} {
		o := &probe.Optimizer{Name: "adam", Step: 3, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, M: make([]float32, p), V: make([]float32, p)}
		arrays := make([]probe.Array, len(parameters))
		copy(arrays, parameters)
		if err := probe.WriteOptimizer(s.OptimizerState, o, damage(o, arrays)); err != nil {
			t.Fatal(err)
		}
		_, _, err := ProbeNetwork(s, Observer{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), s.OptimizerState) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
