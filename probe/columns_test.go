package probe_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// curvatureOf reduces columns of every second one of 12 units.
func curvatureOf(denseColumns, denseUnits, drawn bool) (*probe.Curvature, [][]float64, [][]float64) {
	g, rows := crossed("units", 12, denseUnits)
	columns, own := crossed("columns", 18, denseColumns)
	c := probe.Columns{Gradients: columns, Each: 3, Drawn: drawn, Unit: []int{1, 3, 5, 7, 9, 11}}
	return c.Reduce(g), own, rows
}

// TestReduceColumns computes every sum from F_k written out.
func TestReduceColumns(t *testing.T) {
	got, columns, g := curvatureOf(true, true, false)
	mean, centred := meanOf(g), centredOf(g)
	form := func(k int, x, y []float64) (sum float64) {
		for _, h := range columns[3*k : 3*k+3] {
			sum += product(h, x) * product(h, y)
		}
		return sum
	}
	var trace, pair, meanSq, along, deviation, own []float64
	for k, u := range got.Unit {
		sum := 0.0
		for _, h := range columns[3*k : 3*k+3] {
			sum += product(h, h)
		}
		trace, meanSq = append(trace, sum), append(meanSq, form(k, mean, mean))
		for i := range g {
			along, deviation, own = append(along, form(k, mean, centred[i])), append(deviation, form(k, centred[i], centred[i])), append(own, form(k, centred[u], centred[i]))
		}
		for l := range got.Unit {
			sum := 0.0
			for _, h := range columns[3*l : 3*l+3] {
				sum += form(k, h, h)
			}
			pair = append(pair, sum)
		}
	}
	for name, v := range map[string][2][]float64{
		"trace": {got.Trace, trace}, "pair": {got.Pair, pair}, "mean_sq": {got.MeanSq, meanSq}, "along": {got.Along, along},
		"deviation": {got.Deviation, deviation}, "own": {got.Own, own},
	} {
		if err := numtest.CloseToLargest(v[0], v[1], 1e-12); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The eigenvectors have length 1, so that what is seen along them is at most the trace of each unit.
	if got.Basis.Count != 9 || len(got.Basis.Curvature) != 9*3 || len(got.Basis.Noise) != 9*9 {
		t.Errorf("%d directions, %d and %d numbers", got.Basis.Count, len(got.Basis.Curvature), len(got.Basis.Noise))
	}
}

// TestReduceColumnsOfAnyForm: factors give what dense rows give, in float32.
func TestReduceColumnsOfAnyForm(t *testing.T) {
	want, _, _ := curvatureOf(true, true, true)
	for _, dense := range [][2]bool{{false, false}, {false, true}, {true, false}} {
		got, _, _ := curvatureOf(dense[0], dense[1], true)
		for name, v := range map[string][2][]float64{
			"trace": {got.Trace, want.Trace}, "pair": {got.Pair, want.Pair}, "own": {got.Own, want.Own}, "eigenvalues": {got.Eigenvalues, want.Eigenvalues},
			"basis": {got.Basis.Curvature, want.Basis.Curvature},
		} {
			if err := numtest.CloseToLargest(v[0], v[1], 2e-5); err != nil {
				t.Errorf("dense %v: %s: %v", dense, name, err)
			}
		}
	}
}

// TestReduceColumnsWithoutBias: factors of a layer without a bias have no product of the deltas alone.
func TestReduceColumnsWithoutBias(t *testing.T) {
	const n, in, out = 6, 5, 4
	a, delta := narrow(normals("a", n*in)), narrow(normals("delta", n*out))
	factored := probe.NewFactored("l", n, in, out, a, delta)
	factored.NoBias = true
	rows := slices.Concat(shortened(outerProducts(n, in, out, a, delta), in*out)...)
	reduced := func(l probe.Layer) *probe.Curvature {
		g := &probe.Gradients{Layers: []probe.Layer{l}}
		return (&probe.Columns{Gradients: g, Each: 1, Unit: []int{0, 1, 2, 3, 4, 5}}).Reduce(g)
	}
	got, want := reduced(factored), reduced(probe.NewDense("l", n, in*out, rows))
	if err := numtest.CloseToLargest(got.Trace, want.Trace, 1e-6); err != nil {
		t.Error(err)
	}
	if err := numtest.CloseToLargest(got.Pair, want.Pair, 1e-6); err != nil {
		t.Error(err)
	}
}

// TestPairsOfDrawnColumns: the diagonal is made of pairs of different draws.
func TestPairsOfDrawnColumns(t *testing.T) {
	got, columns, _ := curvatureOf(true, true, true)
	sum := 0.0
	for a := range 3 {
		for b := range 3 {
			if a != b {
				v := product(columns[a], columns[b])
				sum += v * v
			}
		}
	}
	if err := numtest.Close(got.Pair[0], 3.0/2*sum, rounding); err != nil {
		t.Error(err)
	}
}

func TestCurvatureFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "curvature.safetensors")
	for _, units := range []int{6, 1} {
		c, _, _ := curvatureOf(false, false, true)
		if units == 1 {
			g, _ := crossed("units", 12, true)
			columns, _ := crossed("columns", 2, true)
			c = (&probe.Columns{Gradients: columns, Each: 2, Unit: []int{4}}).Reduce(g)
		}
		if err := probe.WriteCurvature(path, c); err != nil {
			t.Fatal(err)
		}
		got, err := probe.ReadCurvature(path)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := fmt.Sprintf("%+v", *got), fmt.Sprintf("%+v", *c); a != b {
			t.Errorf("%d units:\n%s\n%s", units, a, b)
		}
	}
}

// TestDamagedCurvatureFiles names the file and what is wrong.
func TestDamagedCurvatureFiles(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.safetensors")
	c, _, _ := curvatureOf(true, true, false)
	if err := probe.WriteCurvature(good, c); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.safetensors")
	for name, damage := range map[string]func([]byte) []byte{
		"checksum":  func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"truncated": func(b []byte) []byte { return b[:len(b)-9] },
	} {
		if err := os.WriteFile(bad, damage(slices.Clone(text)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := probe.ReadCurvature(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.Unit[2] = 12
	if err := probe.WriteCurvature(bad, c); err != nil {
		t.Fatal(err)
	}
	if _, err := probe.ReadCurvature(bad); err == nil || !strings.Contains(err.Error(), "unit 12 of 12 recorded ones") {
		t.Errorf("unit: %v", err)
	}
}
