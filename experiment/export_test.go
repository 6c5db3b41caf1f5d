package experiment

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// numbersOf are those that float32 factors, multiplied out or not, have to agree on.
func numbersOf(c *covariance.Covariance) (numbers []float64) {
	for _, v := range append(c.Eigenvalues[:10:10], c.Trace, c.TraceUnbiased, c.GradientNormSq, c.GradientNormSqUnbiased, c.NoiseScale,
		c.NoiseScalePlugin, c.GradientDiversity, c.EffectiveRankEntropy, c.EffectiveRankParticipation) {
		numbers = append(numbers, float64(v))
	}
	for _, l := range c.Layers {
		numbers = append(numbers, float64(l.Trace), float64(l.GradientNormSq), float64(l.NoiseScale))
	}
	return numbers
}

// TestExportAndAnalyseAgain: gradients that went out as a file give the covariance of the checkpoint, to the rounding of float32
// in the products of the factors and, where the file has float32, in the file.
func TestExportAndAnalyseAgain(t *testing.T) {
	rep, dir := smallOnce.finished(t)
	for _, s := range []ExportSettings{
		{Step: -1, DType: "float32", Out: "last.npy"}, {Step: 9, DType: "float32", Out: "nine.safetensors"},
		{Step: 9, DType: "float64", Out: "nine64.safetensors"},
	} {
		s.Out = filepath.Join(t.TempDir(), s.Out)
		out, err := Export(context.Background(), string(dir), s, Observer{})
		if err != nil || out != s.Out {
			t.Fatalf("%s: %v", out, err)
		}
		settings := DefaultFileSettings()
		settings.Population = rep.Checkpoints[0].Population
		g, _, err := AnalyseFiles([]string{out}, settings, Observer{})
		if err != nil {
			t.Fatal(err)
		}
		want := rep.Checkpoints[len(rep.Checkpoints)-1]
		if s.Step == 9 {
			want = rep.Checkpoints[1]
		}
		got := g.Checkpoints[0]
		if want.Covariance.NoiseScale.Defined() != got.Covariance.NoiseScale.Defined() || want.Population != got.Population {
			t.Errorf("%s: noise scale %v, want %v", out, got.Covariance.NoiseScale, want.Covariance.NoiseScale)
		}
		expected := *want.Covariance
		if filepath.Ext(out) == ".npy" { // one layer in all
			got.Covariance.Layers, expected.Layers = nil, nil
		}
		for i, v := range numbersOf(&expected) {
			if math.IsNaN(v) {
				continue
			}
			if err := numtest.Close(numbersOf(got.Covariance)[i], v, numtest.Tol{Rel: 1e-5, Abs: 1e-7 * float64(expected.Trace)}); err != nil {
				t.Errorf("%s: number %d: %v", out, i, err)
			}
		}
	}
}

func TestExportIsInterrupted(t *testing.T) {
	_, dir := smallOnce.finished(t)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	out := t.TempDir()
	_, err := Export(ctx, string(dir), ExportSettings{Step: -1, DType: "float32", Out: filepath.Join(out, "g.npy")},
		Observer{Progress: func(_ string, done, total int) { cancel(enough) }})
	if !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
		t.Errorf("files were left: %v (%v)", left, err)
	}
}

// A file that another process has written while this one was at work is not replaced.
func TestExportReplacesNothingUnasked(t *testing.T) {
	_, dir := smallOnce.finished(t)
	for _, name := range []string{"g.npy", "g.safetensors"} {
		s := DefaultExportSettings()
		s.Out = filepath.Join(t.TempDir(), name)
		_, err := Export(context.Background(), string(dir), s, Observer{Progress: func(string, int, int) { os.WriteFile(s.Out, []byte("first"), 0o666) }})
		var exists *ExistsError
		if !errors.As(err, &exists) {
			t.Errorf("%s: %v", name, err)
		}
		if text, err := os.ReadFile(s.Out); string(text) != "first" {
			t.Errorf("%s: was replaced (%v)", name, err)
		}
		if left, err := os.ReadDir(filepath.Dir(s.Out)); err != nil || len(left) != 1 {
			t.Errorf("%s: files were left: %v (%v)", name, left, err)
		}
	}
}
