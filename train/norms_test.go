package train

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/floats"
)

func normsOf(t *testing.T, s Source, v []float32) (normSq, dot []float64) {
	t.Helper()
	normSq, dot, err := s.SampleNorms(v)
	if err != nil {
		t.Fatal(err)
	}
	return normSq, dot
}

// checkNorms compares with the dense gradient of each sample in turn. Both are sums of products of float32 factors, those of the slow side
// rounded to float32.
func checkNorms(t *testing.T, s Source, gradient func(i int) []float64) {
	t.Helper()
	v := normals(s.Parameters(), "norms")
	gotSq, gotDot := normsOf(t, s, v)
	var wantSq, wantDot []float64
	for i := range s.Population() {
		g := gradient(i)
		wantSq, wantDot = append(wantSq, floats.Dot(g, g)), append(wantDot, floats.Dot(g, numtest.Widen(v)))
	}
	if err := numtest.AllClose(gotSq, wantSq, numtest.Tol{Rel: 2e-6}); err != nil {
		t.Errorf("|g|^2: %v", err)
	}
	if err := numtest.CloseToLargest(gotDot, wantDot, 1e-6); err != nil {
		t.Errorf("g . v: %v", err)
	}
}

// TestSampleNormsAgainstSlowPasses: N is no multiple of the chunk of 1000, which the layer of 3000 inputs takes in two parts.
func TestSampleNormsAgainstSlowPasses(t *testing.T) {
	for _, c := range []struct {
		spec              string
		n, inputs, output int
	}{{"", 1, 5, 3}, {"", 1030, 3000, 2}, {"[7],[5]", 1030, 6, 4}, {"3x[9]", 70, 20, 4}} {
		t.Run(fmt.Sprintf("%s/N=%d", c.spec, c.n), func(t *testing.T) {
			layers := []Layer{}
			if c.spec != "" {
				spec, err := ParseSpec(c.spec)
				if err != nil {
					t.Fatal(err)
				}
				if layers, err = spec.Layers(); err != nil {
					t.Fatal(err)
				}
			}
			m, err := NewNetwork(layers, []int{c.inputs}, c.output, 1)
			if err != nil {
				t.Fatal(err)
			}
			s := Source{Model: m, Data: images(c.n, c.inputs, c.output, 1)}
			checkNorms(t, s, func(i int) []float64 { return numtest.Widen(gradientOf(t, s, 1, []int{i}, nil)) })
		})
	}
}

// Convolutions whose gradients are recorded as rows and as factors, and normalisation, frozen.
func TestSampleNormsOfImages(t *testing.T) {
	for _, text := range []string{"[4,3,3,1],[6]", "[9,3,3,2],[12,3,3,1],[6]"} {
		s := Source{Model: newImageModel(t, text, []int{3, 8, 8}, 4, 10), Data: images(130, 3*8*8, 4, 1)}
		g, err := s.Model.Record(s.Data, upTo(130), probe.Meta{})
		if err != nil {
			t.Fatal(err)
		}
		checkNorms(t, s, g.Unit)
	}
}

func TestSampleNormsDoNotDependOnWorkers(t *testing.T) {
	t.Cleanup(func() {
		parallel.SetWorkers(0)
		if err := gemm.Use("auto", 0); err != nil {
			t.Error(err)
		}
	})
	for _, build := range []func() Source{
		func() Source { return Source{Model: newModel(t, "2x[40]", 50, 4), Data: images(1200, 50, 4, 1)} },
		func() Source {
			return Source{Model: newImageModel(t, "[4,3,3,1],[6]", []int{3, 8, 8}, 4, 10), Data: images(130, 3*8*8, 4, 1)}
		},
	} {
		var first [2][]float64
		for _, w := range []int{1, 2, 5} {
			parallel.SetWorkers(w)
			if err := gemm.Use("gonum", w); err != nil {
				t.Fatal(err)
			}
			s := build()
			normSq, dot := normsOf(t, s, normals(s.Parameters(), "norms"))
			if w == 1 {
				first = [2][]float64{normSq, dot}
			}
			if !slices.Equal(normSq, first[0]) || !slices.Equal(dot, first[1]) {
				t.Errorf("%d workers give other bits than 1", w)
			}
		}
	}
}

// Where the mean gradient is exactly 0, so are all products with it.
func TestSampleNormsAlongNothing(t *testing.T) {
	s := Source{Model: newModel(t, "[7]", 6, 4), Data: images(20, 6, 4, 1)}
	_, dot := normsOf(t, s, make([]float32, s.Parameters()))
	if !slices.Equal(dot, make([]float64, 20)) {
		t.Errorf("g . 0 = %v", dot)
	}
}

func TestSampleNormsNeedRules(t *testing.T) {
	m := newModel(t, "[7]", 6, 4)
	g, err := m.graph(shape{rows: 20, backward: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range g.g.AllNodes() {
		if op, ok := node.Op().(*Op); ok && op.Layer == m.layers[0].Layer {
			op.Rule = Rule{}
		}
	}
	defer func() {
		if text, ok := recover().(string); !ok || !strings.Contains(text, "dense1") {
			t.Errorf("recovered %q", text)
		}
	}()
	normsOf(t, Source{Model: m, Data: images(20, 6, 4, 1)}, make([]float32, m.Parameters()))
}
