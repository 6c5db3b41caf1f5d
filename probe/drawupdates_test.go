package probe_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// squaring is a model whose optimizer squares the gradient.
type squaring struct {
	*linear
	updates [][]float32 // as they were asked for
}

func (s *squaring) UpdateTo(dst, gradient []float32) bool {
	for i, v := range gradient {
		dst[i] = v * v
	}
	s.updates = append(s.updates, append([]float32(nil), dst...))
	return true
}

// The differences are of successive draws, one arm at a time, and survive being written.
func TestDrawUpdates(t *testing.T) {
	src := &squaring{linear: newLinear()}
	d, err := probe.Measure(src, probe.Plan{Draws: 5, Batch: 20, Alpha: 1.5, Pairing: noise.Independent, Seed: 3}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := src.updates[1:] // the first is a question whether there are any
	for arm, got := range [][]float64{d.Updates.SGD, d.Updates.NE, d.Updates.Effective} {
		var want []float64
		for pair := range 2 {
			sum := 0.0
			for j, v := range asked[6*pair+3+arm] {
				difference := float64(v) - float64(asked[6*pair+arm][j])
				sum += difference * difference / 2
			}
			want = append(want, sum)
		}
		if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("arm %d: %v", arm, err)
		}
	}
	path := filepath.Join(t.TempDir(), "draws.safetensors")
	if err := probe.WriteDraws(path, d); err != nil {
		t.Fatal(err)
	}
	again, err := probe.ReadDraws(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Updates, d.Updates) {
		t.Errorf("read %+v, wrote %+v", again.Updates, d.Updates)
	}
}
