package experiment

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

const gradVectors = "../testdata/vectors/grad"

// noiseKeys are the noise keys of testdata/vectors/README.md.
type noiseKeys struct {
	MeanGradSqNorm     float64  `json:"mean_grad_sq_norm"`
	TraceBiased        float64  `json:"trace_biased"`
	TraceUnbiased      float64  `json:"trace_unbiased"`
	NoiseScaleBiased   float64  `json:"noise_scale_biased"`
	GradSqNormUnbiased float64  `json:"grad_sq_norm_unbiased"`
	McCandlish         *float64 `json:"noise_scale_mccandlish"`
	Diversity          float64  `json:"diversity"`
	DiversityBound     float64  `json:"diversity_batch_bound"`
}

type gradCase struct {
	Model struct {
		Kind   string `json:"kind"`
		Layout string `json:"layout"`
		Widths []int  `json:"widths"`
	} `json:"model"`
	N             int                  `json:"n"`
	D             int                  `json:"d"`
	MeanLoss      float64              `json:"mean_loss"`
	SqNorm        map[string][]float64 `json:"sq_norm"`
	Noise         noiseKeys            `json:"noise"`
	NoiseByLayer  map[string]noiseKeys `json:"noise_by_layer"`
	Eigenvalues   []float64            `json:"eigenvalues_biased"`
	Entropy       float64              `json:"effective_rank_entropy"`
	Participation float64              `json:"effective_rank_participation"`
}

// vectorSettings probes the reference network of that name.
func vectorSettings(t *testing.T, name string) NetworkSettings {
	s := DefaultNetworkSettings()
	prefix := filepath.Join(gradVectors, "data", name)
	s.Weights, s.Inputs, s.Labels = prefix+".params.safetensors", prefix+".X.npy", prefix+".y.npy"
	s.Gram, s.Norms = filepath.Join(t.TempDir(), "gram.npy"), filepath.Join(t.TempDir(), "norms.npy")
	s.Eigenvalues = 0
	return s
}

// TestProbeAgainstPyTorch compares everything that is printed of a network with PyTorch's float64 gradients, taken one sample or
// ghost batch at a time. Sums over 784 inputs in float32 are good to some 1e-6.
func TestProbeAgainstPyTorch(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(gradVectors, "expected", "*.json"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d reference networks, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			var c gradCase
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			s := vectorSettings(t, name)
			if c.Model.Kind != "mlp" {
				c.compareImages(t, s, name)
				return
			}
			g, _, err := ProbeNetwork(s, Observer{})
			if err != nil {
				t.Fatal(err)
			}
			c.compare(t, g)
			c.compareFiles(t, s, name)
		})
	}
}

func (c *gradCase) compare(t *testing.T, g *report.Report) {
	t.Helper()
	const single = 1e-5
	check := func(what string, got estimate.Number, want, tolerance float64) {
		t.Helper()
		if err := numtest.Close(float64(got), want, numtest.Tol{Rel: tolerance}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	cp, cov := g.Checkpoints[0], g.Checkpoints[0].Covariance
	if cp.Units != c.N || int(cp.Parameters) != c.D || cp.Unit != "sample" || cp.UnitSize != 1 || cp.Population != 0 {
		t.Errorf("%d units of %s of %d by %d parameters of %d", cp.Units, cp.Unit, cp.UnitSize, cp.Parameters, cp.Population)
	}
	check("loss", cp.TrainLoss, c.MeanLoss, single)
	check("trace", cov.Trace, c.Noise.TraceBiased, single)
	check("trace_unbiased", cov.TraceUnbiased, c.Noise.TraceUnbiased, single)
	check("gradient_norm_sq", cov.GradientNormSq, c.Noise.MeanGradSqNorm, single)
	check("gradient_norm_sq_unbiased", cov.GradientNormSqUnbiased, c.Noise.GradSqNormUnbiased, single)
	check("noise_scale", cov.NoiseScale, *c.Noise.McCandlish, single)
	check("noise_scale_plugin", cov.NoiseScalePlugin, c.Noise.NoiseScaleBiased, single)
	check("gradient_diversity", cov.GradientDiversity, c.Noise.Diversity, single)
	check("gradient_diversity_scaled", cov.GradientDiversityScaled, c.Noise.DiversityBound, single)
	check("effective_rank_entropy", cov.EffectiveRankEntropy, c.Entropy, single)
	check("effective_rank_participation", cov.EffectiveRankParticipation, c.Participation, single)
	eigenvalues := make([]float64, len(c.Eigenvalues))
	for i := range eigenvalues {
		eigenvalues[i] = float64(cov.Eigenvalues[i])
	}
	if err := numtest.CloseToLargest(eigenvalues, c.Eigenvalues, 1e-6); err != nil {
		t.Error("eigenvalues:", err)
	}
	if len(cov.Layers) != len(c.NoiseByLayer) {
		t.Errorf("%d layers", len(cov.Layers))
	}
	for _, l := range cov.Layers {
		want := c.NoiseByLayer[l.Name]
		check(l.Name+" trace", l.Trace, want.TraceBiased, single)
		check(l.Name+" gradient_norm_sq", l.GradientNormSq, want.MeanGradSqNorm, single)
	}
}

func (c *gradCase) compareFiles(t *testing.T, s NetworkSettings, name string) {
	t.Helper()
	got, want := readNPY(t, s.Gram), readNPY(t, filepath.Join(gradVectors, "expected", name+".gram.npy"))
	if err := numtest.CloseToLargest(got.Data, want.Data, 1e-6); err != nil {
		t.Error("Gram matrix:", err)
	}
	norms := readNPY(t, s.Norms)
	for i, v := range norms.Data {
		norms.Data[i] = v * v
	}
	if err := numtest.CloseToLargest(norms.Data, c.SqNorm["total"], 1e-6); err != nil {
		t.Error("squared norms:", err)
	}
	if len(got.Shape) != 2 || got.Shape[0] != c.N || len(norms.Shape) != 1 {
		t.Errorf("shapes %v and %v", got.Shape, norms.Shape)
	}
}

// imageCase is what is expected of a network with convolutions, for both kinds of unit.
type imageCase struct {
	Model struct {
		Layout string `json:"layout"`
		Ghost  int    `json:"ghost_size"`
	} `json:"model"`
	Ghost, Frozen struct {
		MeanLoss     float64              `json:"mean_loss"`
		SqNorm       map[string][]float64 `json:"sq_norm"`
		Noise        noiseKeys            `json:"noise"`
		NoiseByLayer map[string]noiseKeys `json:"noise_by_layer"`
		Eigenvalues  []float64            `json:"eigenvalues_biased"`
		Entropy      float64              `json:"effective_rank_entropy"`
	}
}

// compareImages holds a network of convolutions to the tolerance of float32, 1e-4 of the largest entry.
func (c *gradCase) compareImages(t *testing.T, s NetworkSettings, name string) {
	t.Helper()
	var want imageCase
	text, err := os.ReadFile(filepath.Join(gradVectors, "expected", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	s.Model, s.Ghost, s.Force = want.Model.Layout, want.Model.Ghost, true
	for _, unit := range []string{"ghost-batch", "sample"} {
		e, gram := want.Ghost, "gram_ghost"
		if s.Unit = unit; unit == "sample" {
			e, gram = want.Frozen, "gram_frozen"
			s.Running = filepath.Join(gradVectors, "data", name+".running.safetensors")
		}
		g, _, err := ProbeNetwork(s, Observer{})
		if err != nil {
			t.Fatal(err)
		}
		const single = 1e-4
		cov := g.Checkpoints[0].Covariance
		for what, pair := range map[string][2]float64{
			"loss": {float64(g.Checkpoints[0].TrainLoss), e.MeanLoss}, "trace": {float64(cov.Trace), e.Noise.TraceBiased},
			"gradient_norm_sq":       {float64(cov.GradientNormSq), e.Noise.MeanGradSqNorm},
			"gradient_diversity":     {float64(cov.GradientDiversity), e.Noise.Diversity},
			"effective_rank_entropy": {float64(cov.EffectiveRankEntropy), e.Entropy},
		} {
			if err := numtest.Close(pair[0], pair[1], numtest.Tol{Rel: single}); err != nil {
				t.Errorf("%s: %s: %v", unit, what, err)
			}
		}
		for _, l := range cov.Layers {
			if err := numtest.Close(float64(l.Trace), e.NoiseByLayer[l.Name].TraceBiased, numtest.Tol{Rel: single}); err != nil {
				t.Errorf("%s: %s: %v", unit, l.Name, err)
			}
		}
		if err := numtest.CloseToLargest(readNPY(t, s.Gram).Data, readNPY(t, filepath.Join(gradVectors, "expected", name+"."+gram+".npy")).Data, single); err != nil {
			t.Errorf("%s: Gram matrix: %v", unit, err)
		}
	}
}

func readNPY(t *testing.T, path string) *npy.Array[float64] {
	t.Helper()
	a, err := npy.Read[float64](path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestProbeOfACheckpoint: the weights of a checkpoint give what the run said of it: the units are the same, and so is the pass, up
// to the sums of its mean gradient.
func TestProbeOfACheckpoint(t *testing.T) {
	c := small()
	rep, dir := smallOnce.finished(t)
	s := DefaultNetworkSettings()
	s.Model, s.Weights, s.Data, s.Units, s.Seed, s.BLAS = c.Model, dir.checkpoint(24, weightsFile), c.Data, c.Units, c.Seed, c.BLAS
	s.Alpha, s.Batch = c.Alpha, c.Batch
	g, _, err := ProbeNetwork(s, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	last := rep.Checkpoints[len(rep.Checkpoints)-1]
	if g.Checkpoints[0].Population != last.Population || g.Checkpoints[0].Units != last.Units {
		t.Errorf("%d of %d units, recorded were %d of %d", g.Checkpoints[0].Units, g.Checkpoints[0].Population, last.Units, last.Population)
	}
	got, want := g.Checkpoints[0].Covariance, last.Covariance
	for i, v := range want.Eigenvalues {
		if err := numtest.Close(float64(got.Eigenvalues[i]), float64(v), numtest.Tol{Rel: 1e-6, Abs: 1e-6 * float64(want.Eigenvalues[0])}); err != nil {
			t.Errorf("eigenvalue %d: %v", i, err)
		}
	}
	if err := numtest.Close(float64(got.NoiseScale), float64(want.NoiseScale), numtest.Tol{Rel: 1e-5}); err != nil {
		t.Error("noise scale:", err)
	}
}
