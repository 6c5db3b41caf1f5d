package covariance

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

const vectors = "../../testdata/vectors/"

// statistics are the keys of the reference vectors that this package has an answer to; null is undefined.
type statistics struct {
	GramTrace     float64         `json:"gram_trace"`
	Trace         estimate.Number `json:"trace_biased"`
	TraceUnbiased estimate.Number `json:"trace_unbiased"`
	NormSq        estimate.Number `json:"mean_grad_sq_norm"`
	NormUnbiased  estimate.Number `json:"grad_sq_norm_unbiased"`
	Plugin        estimate.Number `json:"noise_scale_biased"`
	NoiseScale    estimate.Number `json:"noise_scale_mccandlish"`
	Diversity     estimate.Number `json:"diversity"`
	Scaled        estimate.Number `json:"diversity_batch_bound"`
	MeanNormSq    estimate.Number `json:"mean_per_sample_sq_norm"`
	HalfUnbiased  estimate.Number `json:"noise_scale_unbiased_trace"`
	spectral
}

type spectral struct {
	Eigenvalues   []float64       `json:"eigenvalues_biased"`
	Entropy       estimate.Number `json:"effective_rank_entropy"`
	Participation estimate.Number `json:"effective_rank_participation"`
	Unbiased      []float64       `json:"eigenvalues_unbiased"`
	// Stable is a pointer because multivar has none.
	Stable *estimate.Number `json:"effective_rank_stable"`
}

// checkKeys fails for a key that no test reads: all keys of statistics are checked, and the others describe the case.
func checkKeys(t *testing.T, path string, block string, other ...string) {
	t.Helper()
	known := map[string]bool{}
	for _, kind := range []reflect.Type{reflect.TypeFor[statistics](), reflect.TypeFor[spectral]()} {
		for f := range kind.Fields() {
			known[f.Tag.Get("json")] = true
		}
	}
	for _, key := range other {
		known[key] = true
	}
	var document map[string]json.RawMessage
	readJSON(t, path, &document)
	if block != "" {
		whole := document
		document = nil
		if err := json.Unmarshal(whole[block], &document); err != nil {
			t.Fatal(err)
		}
	}
	for key := range document {
		if !known[key] {
			t.Errorf("%s: %s has no test", path, key)
		}
	}
}

// check uses the tolerances that testdata/vectors/README.md states: eigenvalues to eigenTol times the largest, the rest to
// rel, and what is exactly 0 to 1e-15 of the Gram matrix's trace.
func (want statistics) check(t *testing.T, got Covariance, rel, eigenTol float64) numtest.Deviations {
	t.Helper()
	worst := numtest.Deviations{}
	tol := numtest.Tol{Rel: rel, Abs: 1e-15 * want.GramTrace}
	n := float64(got.ByN[len(got.ByN)-1].N)
	unbiased := estimate.Number(n / (n - 1))
	for _, c := range []struct {
		key       string
		got, want estimate.Number
	}{
		{"trace", got.Trace, want.Trace},
		{"trace_unbiased", got.TraceUnbiased, want.TraceUnbiased},
		{"gradient_norm_sq", got.GradientNormSq, want.NormSq},
		{"gradient_norm_sq_unbiased", got.GradientNormSqUnbiased, want.NormUnbiased},
		{"noise_scale_plugin", got.NoiseScalePlugin, want.Plugin},
		{"noise_scale", got.NoiseScale, want.NoiseScale},
		{"gradient_diversity", got.GradientDiversity, want.Diversity},
		{"gradient_diversity_scaled", got.GradientDiversityScaled, want.Scaled},
		{"effective_rank_entropy", got.EffectiveRankEntropy, want.Entropy},
		{"effective_rank_participation", got.EffectiveRankParticipation, want.Participation},
		// These two, the unbiased eigenvalues and the stable rank are not in a report but follow from it.
		{"mean squared norm", got.Trace + got.GradientNormSq, want.MeanNormSq},
		{"trace_unbiased / gradient_norm_sq", unbiased * got.NoiseScalePlugin, want.HalfUnbiased},
	} {
		if err := numtest.Close(float64(c.got), float64(c.want), tol); err != nil {
			t.Errorf("%s: %v", c.key, err)
		}
		worst.Add(c.key, float64(c.got), float64(c.want), tol)
	}
	eigenvalues := floats(got.Eigenvalues)
	if err := numtest.CloseToLargest(eigenvalues[:min(len(want.Eigenvalues), len(eigenvalues))], want.Eigenvalues, eigenTol); err != nil {
		t.Errorf("eigenvalues: %v", err)
	}
	for i, w := range want.Eigenvalues {
		if largest := want.Eigenvalues[0]; i < len(eigenvalues) && largest > 0 {
			worst.Add("eigenvalues", eigenvalues[i]/largest, w/largest, numtest.Tol{Abs: eigenTol})
		}
	}
	for i := range eigenvalues {
		eigenvalues[i] *= n / (n - 1)
	}
	if err := numtest.CloseToLargest(eigenvalues[:min(len(want.Unbiased), len(eigenvalues))], want.Unbiased, eigenTol); err != nil {
		t.Errorf("unbiased eigenvalues: %v", err)
	}
	if want.Stable != nil {
		if err := numtest.Close(ratio(float64(got.Trace), float64(got.Eigenvalues[0])), float64(*want.Stable), tol); err != nil {
			t.Errorf("stable rank: %v", err)
		}
	}
	return worst
}

func checkPage(t *testing.T, worst numtest.Deviations) {
	t.Helper()
	if err := worst.CheckPage("../../docs/estimators.md"); err != nil {
		t.Error(err)
	}
}

func floats(x []estimate.Number) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// TestGradientFiles holds every file of gradients, and each of its layers alone, against the reference.
func TestGradientFiles(t *testing.T) {
	paths, err := filepath.Glob(vectors + "analyze/expected/*.json")
	if err != nil || len(paths) < 18 {
		t.Fatalf("found %d files: %v", len(paths), err)
	}
	worst := numtest.Deviations{}
	defer checkPage(t, worst)
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			var want struct {
				Total  statistics
				Layers map[string]statistics
			}
			readJSON(t, path, &want)
			checkKeys(t, path, "total", "n", "d")
			layers := readLayers(t, vectors+"analyze/data/"+name)
			total := analyse(layers...)
			worst.Merge(want.Total.check(t, total, 1e-10, 1e-11))
			if n := len(want.Layers); n > 0 && n != len(layers) {
				t.Fatalf("%d layers, want %d", len(layers), n)
			}
			for i, l := range layers {
				if w, ok := want.Layers[l.Name()]; ok {
					worst.Merge(w.check(t, analyse(l), 1e-10, 1e-11))
					w.checkLayer(t, total.Layers[i])
				} else if len(layers) > 1 {
					t.Errorf("layer %s has no reference", l.Name())
				}
			}
		})
	}
}

func (want statistics) checkLayer(t *testing.T, l Layer) {
	t.Helper()
	got := []float64{float64(l.Trace), float64(l.GradientNormSq), float64(l.NoiseScale)}
	expected := []float64{float64(want.Trace), float64(want.NormSq), float64(want.NoiseScale)}
	if err := numtest.AllClose(got, expected, numtest.Tol{Rel: 1e-10}); err != nil {
		t.Errorf("%s: %v", l.Name, err)
	}
}

func analyse(layers ...probe.Layer) Covariance {
	return Analyse((&probe.Gradients{Layers: layers}).Reduce(nil), 0)
}

func TestMultivariateSamples(t *testing.T) {
	paths, err := filepath.Glob(vectors + "multivar/expected/*.json")
	if err != nil || len(paths) < 4 {
		t.Fatalf("found %d samples: %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			var want struct {
				Rank  int
				Noise statistics
				spectral
			}
			readJSON(t, path, &want)
			checkKeys(t, path, "noise")
			// Mean and covariance matrix follow from the moments; mardia and energy belong to package normality.
			checkKeys(t, path, "", "file", "n", "d", "mean", "rank", "cov_biased", "cov_unbiased", "noise", "mardia", "energy", "note")
			want.Noise.spectral = want.spectral
			got := analyse(readLayers(t, vectors+"multivar/data/"+name+".npy")...)
			want.Noise.check(t, got, 1e-10, 1e-12)
			if len(got.Eigenvalues) != want.Rank {
				t.Errorf("%d eigenvalues, want %d", len(got.Eigenvalues), want.Rank)
			}
		})
	}
}

// gramLayer is a layer of which only the Gram matrix is known, not centred.
type gramLayer struct {
	probe.Layer
	n, parameters int
	gram          []float64
}

func (l gramLayer) Name() string    { return "all" }
func (l gramLayer) Units() int      { return l.n }
func (l gramLayer) Parameters() int { return l.parameters }

// VarianceTo writes NaN: the variances are not known.
func (l gramLayer) VarianceTo(dst []float64) {
	for i := range dst {
		dst[i] = math.NaN()
	}
}

// UnitTo writes zeros: nothing here uses single coordinates.
func (l gramLayer) UnitTo(dst []float64, _ int) { clear(dst) }

func (l gramLayer) AddGram(dst []float64) probe.Moments {
	m := probe.Moments{}
	for i, v := range l.gram {
		dst[i] += v
		m.MeanNormSq += v / float64(l.n*l.n)
	}
	for i := range l.n {
		m.NormSq = append(m.NormSq, l.gram[i*l.n+i])
		m.Trace += (l.gram[i*l.n+i] - m.MeanNormSq) / float64(l.n)
	}
	return m
}

// TestNetworkGram starts from the stored Gram matrices of real networks' per-sample and per-ghost-batch gradients. They have
// the tolerance of the reference, 1e-11 of their largest entry, and centring them costs a digit.
func TestNetworkGram(t *testing.T) {
	type block struct {
		N, D, Units int
		Gram        string `json:"gram_file"`
		Noise       statistics
		spectral
	}
	check := func(t *testing.T, b block, n, d int) {
		b.Noise.spectral = b.spectral
		gram, err := npy.Read[float64](vectors + b.Gram)
		if err != nil {
			t.Fatal(err)
		}
		b.Noise.check(t, analyse(gramLayer{n: n, parameters: d, gram: gram.Data}), 1e-9, 1e-10)
	}
	t.Run("mlp", func(t *testing.T) {
		var want block
		readJSON(t, vectors+"grad/expected/mlp_784-32-16-10.json", &want)
		check(t, want, want.N, want.D)
	})
	t.Run("conv", func(t *testing.T) {
		var want struct {
			N, D          int
			Ghost, Frozen block
		}
		readJSON(t, vectors+"grad/expected/c1mini_3x16x16.json", &want)
		check(t, want.Frozen, want.N, want.D)
		check(t, want.Ghost, want.Ghost.Units, want.D)
	})
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readLayers reads all gradients into memory.
func readLayers(t *testing.T, path string) (layers []probe.Layer) {
	t.Helper()
	files, err := probe.Open([]string{path}, math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	for _, l := range files.Layers {
		n, p := l.Units(), l.Parameters()
		x := make([]float64, n*p)
		for i := range n {
			l.UnitTo(x[i*p:(i+1)*p], i)
		}
		layers = append(layers, probe.NewDense(l.Name(), n, p, x))
	}
	if err := files.Err(); err != nil {
		t.Fatal(err)
	}
	return layers
}
