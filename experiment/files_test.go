package experiment_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

const vectors = "../testdata/vectors/analyze/"

// statistic is how an expected value follows from what is reported; the definitions are those of the vectors' README.
type statistic func(c report.Checkpoint) float64

func ratio(x, y float64) float64 {
	if y == 0 {
		return math.NaN()
	}
	return x / y
}

// statistics are all numbers that the vectors have of a file or a layer.
var statistics = map[string]statistic{
	"n":                            func(c report.Checkpoint) float64 { return float64(c.Units) },
	"d":                            func(c report.Checkpoint) float64 { return float64(c.Parameters) },
	"trace_biased":                 func(c report.Checkpoint) float64 { return float64(c.Covariance.Trace) },
	"trace_unbiased":               func(c report.Checkpoint) float64 { return float64(c.Covariance.TraceUnbiased) },
	"effective_rank_entropy":       func(c report.Checkpoint) float64 { return float64(c.Covariance.EffectiveRankEntropy) },
	"effective_rank_participation": func(c report.Checkpoint) float64 { return float64(c.Covariance.EffectiveRankParticipation) },
	"effective_rank_stable": func(c report.Checkpoint) float64 {
		return ratio(float64(c.Covariance.Trace), float64(c.Covariance.Eigenvalues[0]))
	},
	"mean_grad_sq_norm": func(c report.Checkpoint) float64 { return float64(c.Covariance.GradientNormSq) },
	// (1/n) sum |g_i|^2 = tr Sigma + |gbar|^2.
	"mean_per_sample_sq_norm": func(c report.Checkpoint) float64 {
		return float64(c.Covariance.Trace + c.Covariance.GradientNormSq)
	},
	"gram_trace": func(c report.Checkpoint) float64 {
		return float64(c.Units) * float64(c.Covariance.Trace+c.Covariance.GradientNormSq)
	},
	"noise_scale_biased": func(c report.Checkpoint) float64 { return float64(c.Covariance.NoiseScalePlugin) },
	"noise_scale_unbiased_trace": func(c report.Checkpoint) float64 {
		return ratio(float64(c.Covariance.TraceUnbiased), float64(c.Covariance.GradientNormSq))
	},
	"grad_sq_norm_unbiased":  func(c report.Checkpoint) float64 { return float64(c.Covariance.GradientNormSqUnbiased) },
	"noise_scale_mccandlish": func(c report.Checkpoint) float64 { return float64(c.Covariance.NoiseScale) },
	"diversity":              func(c report.Checkpoint) float64 { return float64(c.Covariance.GradientDiversity) },
	"diversity_batch_bound":  func(c report.Checkpoint) float64 { return float64(c.Covariance.GradientDiversityScaled) },
}

// described are keys that say what a file is.
var described = []string{"shape", "dtype", "fortran_order", "file", "what", "layers", "total"}

// checkStatistics compares every key with the tolerances of the vectors' README: rel 1e-10, eigenvalues abs 1e-11 times the
// largest, and what is exactly 0 to 1e-15 of gram_trace.
func checkStatistics(t *testing.T, where string, want map[string]any, got report.Checkpoint) {
	t.Helper()
	abs := 1e-15 * want["gram_trace"].(float64)
	for key, value := range want {
		switch of, ok := statistics[key]; {
		case strings.HasPrefix(key, "eigenvalues_"):
			checkEigenvalues(t, where+" "+key, value.([]any), got)
		case !ok && !slices.Contains(described, key):
			t.Errorf("%s: %s has no check", where, key)
		case ok:
			number, defined := value.(float64)
			if !defined {
				number = math.NaN()
			}
			tol := numtest.Tol{Rel: 1e-10}
			if number == 0 {
				tol.Abs = abs
			}
			if err := numtest.Close(of(got), number, tol); err != nil {
				t.Errorf("%s: %s: %v", where, key, err)
			}
		}
	}
}

func checkEigenvalues(t *testing.T, where string, want []any, c report.Checkpoint) {
	t.Helper()
	scale := 1.0
	if strings.HasSuffix(where, "_unbiased") {
		scale = float64(c.Units) / float64(c.Units-1)
	}
	if len(c.Covariance.Eigenvalues) < len(want) {
		t.Fatalf("%s: %d eigenvalues, want %d", where, len(c.Covariance.Eigenvalues), len(want))
	}
	largest := want[0].(float64)
	for i, v := range want {
		tol := numtest.Tol{Abs: max(1e-11*largest, 1e-15*statistics["gram_trace"](c))}
		if err := numtest.Close(scale*float64(c.Covariance.Eigenvalues[i]), v.(float64), tol); err != nil {
			t.Errorf("%s: %d: %v", where, i, err)
		}
	}
}

func analyseFiles(t *testing.T, paths ...string) *report.Report {
	t.Helper()
	g, _, err := experiment.AnalyseFiles(paths, experiment.DefaultFileSettings(), experiment.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestEveryGradientFile holds every file, as a whole and each layer by itself, against every expected number.
func TestEveryGradientFile(t *testing.T) {
	paths, err := filepath.Glob(vectors + "data/*")
	if err != nil || len(paths) < 18 {
		t.Fatalf("found %d files: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			want := expectedOf(t, vectors+"expected/"+filepath.Base(path)+".json")
			got := analyseFiles(t, path)
			if len(got.Analysis.Source) != 1 || got.Analysis.Source[0] != path {
				t.Errorf("source is %v", got.Analysis.Source)
			}
			checkStatistics(t, "total", want["total"].(map[string]any), got.Checkpoints[0])
			layers, _ := want["layers"].(map[string]any)
			checkLayerNames(t, path, layers, got.Checkpoints[0].Covariance.Layers)
			for name, one := range alone(t, path, layers) {
				checkStatistics(t, "layer "+name, layers[name].(map[string]any), one)
			}
			for key := range want {
				if !slices.Contains(described, key) {
					t.Errorf("%s has no check", key)
				}
			}
		})
	}
}

func checkLayerNames(t *testing.T, path string, want map[string]any, got []covariance.Layer) {
	t.Helper()
	var names []string
	for _, l := range got {
		names = append(names, l.Name)
		if w, ok := want[l.Name].(map[string]any); ok {
			for key, value := range map[string]float64{
				"d": float64(l.Parameters), "trace_biased": float64(l.Trace), "mean_grad_sq_norm": float64(l.GradientNormSq),
			} {
				if err := numtest.Close(value, w[key].(float64), numtest.Tol{Rel: 1e-10}); err != nil {
					t.Errorf("layer %s among the others: %s: %v", l.Name, key, err)
				}
			}
		}
	}
	expected := slices.Sorted(maps.Keys(want))
	if want == nil { // a .npy, whose layer has its name
		expected = []string{strings.TrimSuffix(filepath.Base(path), ".npy")}
	}
	if slices.Sort(names); !slices.Equal(names, expected) {
		t.Errorf("layers %v, want %v", names, expected)
	}
}

// alone analyses each layer of a file as if it were the only one.
func alone(t *testing.T, path string, layers map[string]any) map[string]report.Checkpoint {
	t.Helper()
	all := map[string]report.Checkpoint{}
	if layers == nil {
		return all
	}
	f, err := probe.Open([]string{path}, math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, l := range f.Layers {
		g, _, err := experiment.AnalyseGradients(&probe.Gradients{Meta: f.Meta, Layers: []probe.Layer{l}}, nil, experiment.DefaultGradientSettings())
		if err != nil {
			t.Fatal(err)
		}
		all[l.Name()] = g.Checkpoints[0]
	}
	return all
}

func expectedOf(t *testing.T, path string) (want map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// What expected.json accepts instead of a refusal must be read right.
func TestAcceptedBadFiles(t *testing.T) {
	for _, f := range expectedOf(t, vectors+"bad/expected.json")["files"].([]any) {
		file := f.(map[string]any)
		if accept, ok := file["accept"].(map[string]any); ok {
			path := vectors + "bad/" + filepath.Base(file["file"].(string))
			checkStatistics(t, path, accept["total"].(map[string]any), analyseFiles(t, path).Checkpoints[0])
		}
	}
}

// Files that hold the layers one by one are the same gradients as one that holds them all.
func TestSeveralFilesAreLayersOfTheSameSamples(t *testing.T) {
	dir := t.TempDir()
	f, err := probe.Open([]string{vectors + "data/layers_n30.safetensors"}, math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var paths []string
	for _, l := range f.Layers {
		paths = append(paths, filepath.Join(dir, l.Name()+".npy"))
		if err := probe.WriteRows[float64](paths[len(paths)-1], &probe.Gradients{Layers: []probe.Layer{l}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	want := expectedOf(t, vectors+"expected/layers_n30.safetensors.json")
	checkStatistics(t, "several", want["total"].(map[string]any), analyseFiles(t, paths...).Checkpoints[0])
}

func TestMemoryBoundsTheAnalysis(t *testing.T) {
	s := experiment.DefaultFileSettings()
	s.Memory = 1 << 20
	_, _, err := experiment.AnalyseFiles([]string{vectors + "data/layers_n30.npz"}, s, experiment.Observer{})
	if err == nil || !strings.HasPrefix(err.Error(), "-memory 1 MiB: the analysis of 30 gradients by 282 parameters needs about ") {
		t.Errorf("%v", err)
	}
	s.Memory = 100
	_, _, err = experiment.AnalyseFiles([]string{vectors + "data/layers_n25_compressed.npz"}, s, experiment.Observer{})
	if err == nil || !strings.Contains(err.Error(), "layers_n25_compressed.npz: layer ") || !strings.Contains(err.Error(), "into memory") {
		t.Errorf("a deflated member: %v", err)
	}
}
