package experiment

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// TestCurvatureAgainstPyTorch probes the reference network: testdata/vectors/science, 1e-4 for an engine in float32.
func TestCurvatureAgainstPyTorch(t *testing.T) {
	s := vectorSettings(t, "mlp_784-32-16-10")
	rep, _, err := ProbeNetwork(s, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../testdata/vectors/science/expected/mlp_784-32-16-10.t20.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Curvature struct {
			Trace, Frobenius  float64
			NoiseTrace        float64 `json:"noise_trace"`
			Unbiased          float64 `json:"noise_trace_unbiased"`
			Alignment         float64
			Anisotropy        float64
			GradientCurvature float64 `json:"gradient_curvature"`
			Eigenvalues       []float64
		}
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	c, w := rep.Checkpoints[0].Curvature, want.Curvature
	if c == nil || c.Kind != curvature.Exact || c.Units != 24 {
		t.Fatalf("%+v", c)
	}
	got := []float64{float64(c.Trace), float64(c.Frobenius), float64(c.NoiseTrace), float64(c.NoiseTraceUnbiased), float64(c.Alignment), float64(c.Anisotropy),
		float64(c.GradientCurvature)}
	for _, v := range c.Eigenvalues {
		got = append(got, float64(v))
	}
	all := append([]float64{w.Trace, w.Frobenius, w.NoiseTrace, w.Unbiased, w.Alignment, w.Anisotropy, w.GradientCurvature}, w.Eigenvalues...)
	if err := numtest.AllClose(got, all, numtest.Tol{Rel: 1e-4}); err != nil {
		t.Error(err)
	}
	if c.Withheld != "24 units are too few; it takes 44 or more" || c.Reasons["step_gain"] == "" {
		t.Errorf("%q, %v", c.Withheld, c.Reasons)
	}
}

// TestCurvatureOfARun: what a checkpoint has of the curvature does not depend on how gradients are kept, and leaves everything else as it is.
func TestCurvatureOfARun(t *testing.T) {
	with, dir := smallOnce.finished(t)
	c := small()
	c.Record = RecordGram
	gram, _ := mustRun(t, c)
	c = small()
	c.Curvature = CurvatureOff
	without, off := mustRun(t, c)
	for i := range with.Checkpoints {
		v := with.Checkpoints[i].Curvature
		if v == nil || v.Kind != curvature.Exact || v.Units != 32 || len(v.Layers) != 3 || len(v.Eigenbasis) == 0 || !v.StepCostUnbiased.Defined() {
			t.Fatalf("%+v", v)
		}
		if g := gram.Checkpoints[i].Curvature; g == nil || numtest.Close(float64(g.AnisotropyUnbiased), float64(v.AnisotropyUnbiased), numtest.Tol{Rel: 1e-9}) != nil {
			t.Errorf("of second moments: %+v", g)
		}
		if without.Checkpoints[i].Curvature != nil {
			t.Error("curvature that is off")
		}
	}
	a, b := contents(t, dir), contents(t, off)
	for name, text := range b {
		if filepath.Ext(name) == ".safetensors" && a[name] != text {
			t.Errorf("%s differs with curvature and without", name)
		}
	}
}

// TestDamagedCurvature: a file that is lost, damaged or another is named. Directories of earlier versions have none, see testdata/earlier.
func TestDamagedCurvature(t *testing.T) {
	_, dir := smallOnce.copied(t)
	path := dir.checkpoint(9, curvatureFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Analyse(string(dir), Observer{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Analyse(string(dir), Observer{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	c, err := probe.ReadCurvature(dir.checkpoint(24, curvatureFile))
	if err != nil {
		t.Fatal(err)
	}
	c.N++
	c.Along, c.Own, c.Deviation = make([]float64, c.N*c.K()), make([]float64, c.N*c.K()), make([]float64, c.N*c.K())
	c.Basis.Count, c.Basis.Curvature, c.Basis.Noise = 0, nil, nil
	if err := probe.WriteCurvature(path, c); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Analyse(string(dir), Observer{}); err == nil || !strings.Contains(err.Error(), path+": is not the file that was recorded there") {
		t.Errorf("%v", err)
	}
}

// TestCurvatureOfImages: of ghost batches labels are drawn, of samples with frozen normalisation all classes may be taken.
func TestCurvatureOfImages(t *testing.T) {
	numtest.NeedFull(t, "the curvature of networks with convolutions")
	rep, _ := imagesOnce.finished(t)
	if c := rep.Checkpoints[1].Curvature; c == nil || c.Kind != curvature.Sampled || c.Units < 3 || c.Labels < 1 || !c.NoiseTraceUnbiased.Defined() || !c.StepCost.Defined() {
		t.Errorf("%+v", c)
	}
	settings := smallImages()
	settings.Unit, settings.Curvature = probe.UnitSample, CurvatureExact
	rep, _ = mustRun(t, settings)
	c := rep.Checkpoints[1].Curvature
	if c == nil || c.Kind != curvature.Exact || c.Units != 12 || c.StepCost.Defined() || !strings.Contains(c.Reasons["step_cost"], "frozen") {
		t.Errorf("%+v", c)
	}
}

// TestHessian: where it is asked for it is there, of samples and of ghost batches; package train compares it with PyTorch.
func TestHessian(t *testing.T) {
	numtest.NeedFull(t, "the true Hessian")
	s := vectorSettings(t, "mlp_784-32-16-10")
	s.Curvature = CurvatureHessian
	rep, _, err := ProbeNetwork(s, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if h := rep.Checkpoints[0].Curvature.Hessian; h == nil || h.Units != 12 || h.Against != 12 || !h.NoiseTrace.Defined() || !h.Error.Defined() {
		t.Errorf("%+v", h)
	}
	images := smallImages()
	images.Curvature, images.Steps, images.Checkpoints = CurvatureHessian, 1, "1"
	rep, _ = mustRun(t, images)
	if h := rep.Checkpoints[0].Curvature.Hessian; h == nil || h.Units != 6 || h.Against != 6 || !h.NoiseTrace.Defined() || !(h.Step > 0) {
		t.Errorf("of ghost batches: %+v", h)
	}
	few := small()
	few.Curvature, few.Units = CurvatureHessian, 3
	rep, _ = mustRun(t, few)
	last := rep.Checkpoints[len(rep.Checkpoints)-1].Curvature
	if h := last.Hessian; h == nil || h.NoiseTrace.Defined() || last.Reasons["hessian"] != "3 units are too few; 4 would do" {
		t.Errorf("of 3 units: %+v, %q", h, last.Reasons)
	}
}

// TestPreconditioned: where Adam has moments; probe finds it again from the files of a checkpoint.
func TestPreconditioned(t *testing.T) {
	c := small()
	c.Steps, c.Checkpoints = 60, "0,9"
	rep, dir := mustRun(t, c)
	if p := rep.Checkpoints[1].Curvature.Preconditioned; p.StepGain.Defined() || !p.Sharpness.Defined() || p.Reasons["step_gain"] == "" {
		t.Errorf("early: %+v", p)
	}
	if p := rep.Checkpoints[0].Curvature.Preconditioned; p != nil {
		t.Errorf("before the first update: %+v", p)
	}
	last := rep.Checkpoints[len(rep.Checkpoints)-1]
	p := last.Curvature.Preconditioned
	if p == nil || !(p.Sharpness > p.SharpnessHeldOut && p.SharpnessHeldOut > 0 && p.Edge > 0 && p.StepGain > 0 && p.StepCost > 0) {
		t.Fatalf("%+v", p)
	}
	s := DefaultNetworkSettings()
	s.Weights, s.OptimizerState, s.Data, s.Units, s.Seed, s.BLAS = dir.checkpoint(last.Step, weightsFile), dir.checkpoint(last.Step, optimizerFile), c.Data, c.Units, c.Seed, c.BLAS
	s.Alpha, s.Batch = c.Alpha, c.Batch
	again, _, err := ProbeNetwork(s, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Checkpoints[0].Curvature.Preconditioned; got == nil || got.StepGain != p.StepGain || got.StepCost != p.StepCost || got.Sharpness != p.Sharpness {
		t.Errorf("%+v, want %+v", got, p)
	}
}

func TestCurvatureRefuses(t *testing.T) {
	images := smallImages()
	images.Curvature = CurvatureExact
	none := small()
	none.Curvature = "hesian"
	for want, c := range map[string]Config{
		"-curvature exact: a ghost batch has as many columns as samples times classes; -curvature sampled draws labels": images,
		"-curvature hesian: one of auto, exact, sampled, hessian, off":                                                  none,
	} {
		if _, err := c.Resolve(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	many := tooManyClasses(100, unitSet{kind: probe.UnitSample, size: 1, samples: make([]int, 512)})
	// 8 labels for each of 320 units: 100/sqrt(2560) = 2.0.
	if !strings.HasSuffix(many.Error(), "-curvature sampled draws 8 labels for each of 320 units, which adds about 2% to the errors of the trace") {
		t.Error(many)
	}
}
