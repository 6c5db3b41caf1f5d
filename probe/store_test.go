package probe_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

func recorded() *probe.Gradients {
	const n, in, out = 7, 5, 3
	return &probe.Gradients{
		Meta: probe.Meta{
			Step: 12, Unit: probe.UnitSample, UnitSize: 1, Population: 100,
			Index: []int{1, 5, 9, 20, 33, 60, 99}, Loss: normals("loss", n),
		},
		Layers: []probe.Layer{
			probe.NewFactored("dense1", n, in, out, narrow(normals("a", n*in)), narrow(normals("delta", n*out))),
			probe.NewDense("output", n, 4, rounded(normals("dense", n*4))),
		},
	}
}

func directions(parameters int) []probe.Direction { return probe.RandomDirections(3, parameters, 2) }

func TestGradientsRoundTrip(t *testing.T) {
	g := recorded()
	path := filepath.Join(t.TempDir(), "gradients.safetensors")
	if err := probe.WriteGradients(path, g); err != nil {
		t.Fatal(err)
	}
	got, err := probe.ReadUnits(path, directions)
	if err != nil {
		t.Fatal(err)
	}
	sameUnits(t, got, g.Reduce(directions(g.Parameters())), 1e-13)
}

// sameUnits compares everything, numbers relative to the largest of their kind.
func sameUnits(t *testing.T, got, want *probe.Units, rel float64) {
	t.Helper()
	if !reflect.DeepEqual(got.Meta, want.Meta) || got.N != want.N || got.Parameters != want.Parameters {
		t.Errorf("%+v, %d, %d, want %+v, %d, %d", got.Meta, got.N, got.Parameters, want.Meta, want.N, want.Parameters)
	}
	pairs := map[string][2][]float64{
		"Gram matrix": {got.Centred, want.Centred}, "|g|^2": {got.NormSq, want.NormSq}, "gbar . g": {got.MeanDot, want.MeanDot},
		"|gbar|^2": {{got.MeanNormSq}, {want.MeanNormSq}}, "coordinates": {got.Coordinates.Values, want.Coordinates.Values},
	}
	for i, l := range want.Layers {
		if got.Layers[i].Name != l.Name || got.Layers[i].Parameters != l.Parameters {
			t.Errorf("layer %+v, want %+v", got.Layers[i], l)
		}
		pairs[l.Name] = [2][]float64{{got.Layers[i].Trace, got.Layers[i].MeanNormSq}, {l.Trace, l.MeanNormSq}}
	}
	for i, p := range want.Projections {
		pairs[p.Name] = [2][]float64{got.Projections[i].Values, p.Values}
	}
	for what, pair := range pairs {
		if err := numtest.CloseToLargest(pair[0], pair[1], rel); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if !slices.Equal(got.Coordinates.Index, want.Coordinates.Index) {
		t.Errorf("coordinates %v, want %v", got.Coordinates.Index, want.Coordinates.Index)
	}
}

func TestUnitsRoundTrip(t *testing.T) {
	g := recorded()
	want := g.Reduce(directions(g.Parameters()))
	path := filepath.Join(t.TempDir(), "gradients.safetensors")
	if err := probe.WriteUnits(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := probe.ReadUnits(path, directions)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

// Moments of gradients whose variances are not known, as written by earlier versions.
func TestUnitsWithoutVariances(t *testing.T) {
	want := recorded().Reduce(nil)
	want.Diagonal = nil
	path := filepath.Join(t.TempDir(), "gradients.safetensors")
	if err := probe.WriteUnits(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := probe.ReadUnits(path, directions)
	if err != nil || got.Diagonal != nil {
		t.Errorf("%v, %v", got.Diagonal, err)
	}
}

func drawn() *probe.Draws {
	return &probe.Draws{
		Plan:       probe.Plan{Draws: 3, Batch: 10, Alpha: 1.5, Pairing: noise.Disjoint, Seed: 4},
		Population: 100, Effective: 4,
		NormSq: []float64{1, 2, 3}, PrimeNormSq: []float64{4, 5, 6}, Cross: []float64{-1, 0, 1},
		EnhancedSq: []float64{7, 8, 9}, UpdateError: []float64{0, 1e-7, 2e-7}, EffectiveSq: []float64{2, 2, 3},
		Projections: []probe.DrawProjection{{
			Name: "random1", X: []float64{1, 2, 3}, XPrime: []float64{2, 3, 4}, NE: []float64{5, 6, 7}, Effective: []float64{8, 9, 1},
		}},
	}
}

// sampleNorms are those of the 100 samples that drawn draws from.
func sampleNorms() *probe.SampleNorms {
	s := &probe.SampleNorms{NormSq: normals("norms", 100), MeanDot: normals("along", 100), MeanNormSq: 0.5}
	for i, v := range s.NormSq {
		s.NormSq[i] = v * v
	}
	return s
}

// TestDrawsRoundTrip, with the norms of all samples and without, as earlier versions wrote.
func TestDrawsRoundTrip(t *testing.T) {
	for _, samples := range []*probe.SampleNorms{nil, sampleNorms()} {
		want := drawn()
		want.Samples = samples
		path := filepath.Join(t.TempDir(), "draws.safetensors")
		if err := probe.WriteDraws(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := probe.ReadDraws(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read\n%+v\nwant\n%+v", got, want)
		}
	}
}

// Every single damaged byte, and every truncation, is an error that names the file.
func TestDamageIsNoticed(t *testing.T) {
	dir := t.TempDir()
	gradients, draws := filepath.Join(dir, "gradients.safetensors"), filepath.Join(dir, "draws.safetensors")
	if err := probe.WriteGradients(gradients, recorded()); err != nil {
		t.Fatal(err)
	}
	all := drawn()
	all.Samples = sampleNorms()
	if err := probe.WriteDraws(draws, all); err != nil {
		t.Fatal(err)
	}
	read := map[string]func() error{
		gradients: func() error { _, err := probe.ReadUnits(gradients, directions); return err },
		draws:     func() error { _, err := probe.ReadDraws(draws); return err },
	}
	for path, read := range read {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, damaged []byte) {
			t.Helper()
			if err := os.WriteFile(path, damaged, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := read(); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%s: %v", what, err)
			}
		}
		for at := 0; at < len(whole); at += 17 {
			damaged := append([]byte(nil), whole...)
			damaged[at] ^= 1
			try("flipped bit", damaged)
			try("truncated", whole[:at])
		}
	}
}

// Files whose arrays are whole but do not fit together.
func TestReadRefusesWhatDoesNotFit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "gradients.safetensors")
	for name, diagonal := range map[string][]probe.Variances{
		"too few":  {{Parameters: 21, Variance: 1}},
		"negative": {{Parameters: 22, Variance: -1}},
		"empty":    {{Parameters: 22, Variance: 1}, {Parameters: 0, Variance: 1}},
	} {
		u := recorded().Reduce(nil)
		u.Diagonal = diagonal
		if err := probe.WriteUnits(path, u); err != nil {
			t.Fatal(err)
		}
		if _, err := probe.ReadUnits(path, directions); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("variances, %s: %v", name, err)
		}
	}
	for name, coordinates := range map[string]*probe.Coordinates{
		"no parameter": {Index: []int{22}, Values: make([]float64, 7)},
		"negative":     {Index: []int{-1}, Values: make([]float64, 7)},
	} {
		u := recorded().Reduce(nil)
		u.Coordinates = coordinates
		if err := probe.WriteUnits(path, u); err != nil {
			t.Fatal(err)
		}
		if _, err := probe.ReadUnits(path, directions); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("coordinates, %s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*probe.Draws){
		"pairing": func(d *probe.Draws) { d.Pairing = "naive" },
		"batch":   func(d *probe.Draws) { d.Batch = 60 },
		"draws":   func(d *probe.Draws) { d.Plan.Draws = 4 },
		"norms":   func(d *probe.Draws) { d.Samples.NormSq = d.Samples.NormSq[:99] },
		"dots":    func(d *probe.Draws) { d.Samples.MeanDot = append(d.Samples.MeanDot, 1) },
		"square":  func(d *probe.Draws) { d.Samples.NormSq[7] = -1e-9 },
	} {
		d := drawn()
		d.Samples = sampleNorms()
		change(d)
		path := filepath.Join(dir, "draws.safetensors")
		if err := probe.WriteDraws(path, d); err != nil {
			t.Fatal(err)
		}
		if _, err := probe.ReadDraws(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
