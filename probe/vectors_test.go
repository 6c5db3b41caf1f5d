package probe_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

const analyze = "../testdata/vectors/analyze/"

// moments are compensated sums over the float64 values, from NumPy.
type moments struct {
	N          int
	D          int
	Trace      float64 `json:"trace_biased"`
	MeanNormSq float64 `json:"mean_grad_sq_norm"`
	GramTrace  float64 `json:"gram_trace"`
}

func TestReferenceGradients(t *testing.T) {
	paths, err := filepath.Glob(analyze + "data/*")
	if err != nil || len(paths) < 18 {
		t.Fatalf("found %d files: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var want struct {
				Total  moments
				Layers map[string]moments
			}
			b, err := os.ReadFile(analyze + "expected/" + filepath.Base(path) + ".json")
			if err == nil {
				err = json.Unmarshal(b, &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			u := readGradients(t, path).Reduce(nil)
			want.Total.check(t, u)
			for _, l := range u.Layers {
				if w, ok := want.Layers[l.Name]; ok {
					w.checkLayer(t, l)
				}
			}
			if n := len(want.Layers); n > 0 && n != len(u.Layers) {
				t.Errorf("%d layers, want %d", len(u.Layers), n)
			}
		})
	}
}

func (m moments) check(t *testing.T, u *probe.Units) {
	t.Helper()
	if u.N != m.N || u.Parameters != m.D {
		t.Errorf("shape %d x %d, want %d x %d", u.N, u.Parameters, m.N, m.D)
	}
	gramTrace := 0.0
	for _, v := range u.NormSq {
		gramTrace += v
	}
	got, want := []float64{u.Trace(), u.MeanNormSq, gramTrace}, []float64{m.Trace, m.MeanNormSq, m.GramTrace}
	if err := numtest.AllClose(got, want, m.tolerance()); err != nil {
		t.Errorf("trace, |gbar|^2, sum |g_i|^2: %v", err)
	}
}

func (m moments) checkLayer(t *testing.T, l probe.LayerMoments) {
	t.Helper()
	if l.Parameters != m.D {
		t.Errorf("%s: %d parameters, want %d", l.Name, l.Parameters, m.D)
	}
	if err := numtest.AllClose([]float64{l.Trace, l.MeanNormSq}, []float64{m.Trace, m.MeanNormSq}, m.tolerance()); err != nil {
		t.Errorf("%s: trace, |gbar|^2: %v", l.Name, err)
	}
}

// tolerance is what testdata/vectors/README.md states.
func (m moments) tolerance() numtest.Tol { return numtest.Tol{Rel: 1e-10, Abs: 1e-15 * m.GramTrace} }

// readGradients reads all gradients into memory.
func readGradients(t *testing.T, path string) *probe.Gradients {
	t.Helper()
	files, err := probe.Open([]string{path}, math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	g := &probe.Gradients{}
	for _, l := range files.Layers {
		n, p := l.Units(), l.Parameters()
		x := make([]float64, n*p)
		for i := range n {
			l.UnitTo(x[i*p:(i+1)*p], i)
		}
		g.Layers = append(g.Layers, probe.NewDense(l.Name(), n, p, x))
	}
	if err := files.Err(); err != nil {
		t.Fatal(err)
	}
	return g
}
