package experiment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// elsewhere is a training of a network with two layers, as other programs record it.
type elsewhere struct {
	dir  string
	n, p int
}

// rows are the gradients of a layer at a step: of different lengths, around a mean that is not small.
func (e elsewhere) rows(layer string, step int) []float64 {
	rng := seed.New(5, layer, uint64(step))
	g := make([]float64, e.n*e.p)
	for i := range e.n {
		length := math.Exp(0.5*rng.NormFloat64()) / (1 + float64(step)/100)
		for j := range e.p {
			g[i*e.p+j] = float64(float32(0.3 + length*rng.NormFloat64()))
		}
	}
	return g
}

// write writes a file of gradients, or of their inner products.
func (e elsewhere) write(t *testing.T, name string, step int, gram bool) string {
	t.Helper()
	tensors := []safetensors.Tensor{
		safetensors.I64("index", []int{e.n}, slices.Collect(func(yield func(int64) bool) {
			for i := range e.n {
				yield(int64(i))
			}
		})),
		safetensors.F64("loss", []int{e.n}, e.rows("loss", step)[:e.n]),
	}
	for _, layer := range []string{"h.0.fc", "h.1.fc"} {
		g := e.rows(layer, step)
		if gram {
			tensors = append(tensors, safetensors.F64(layer+".gram", []int{e.n, e.n}, e.products(g)))
		} else {
			tensors = append(tensors, safetensors.F64(layer+".gradient", []int{e.n, e.p}, g))
		}
	}
	path := filepath.Join(e.dir, name)
	metadata := map[string]string{
		"step": fmt.Sprint(step), "population": "5000", "parameters": fmt.Sprintf(`{"h.0.fc": %d, "h.1.fc": %d}`, e.p, e.p),
	}
	if err := safetensors.Write(path, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	return path
}

func (e elsewhere) products(g []float64) []float64 {
	gram := make([]float64, e.n*e.n)
	for i := range e.n {
		for j := range e.n {
			for k := range e.p {
				gram[i*e.n+j] += g[i*e.p+k] * g[j*e.p+k]
			}
		}
	}
	return gram
}

// quick are settings of little effort.
func quick() experiment.FileSettings {
	s := experiment.DefaultFileSettings()
	s.Resamples = shape.FewestResamples
	return s
}

// told is an observer that keeps notices.
func told(lines *[]string) experiment.Observer {
	return experiment.Observer{Notice: func(line string) { *lines = append(*lines, line) }}
}

// Files whose metadata name different steps are checkpoints of one training, in the order of the steps, whatever that of the files.
func TestCheckpointsFromElsewhere(t *testing.T) {
	e := elsewhere{t.TempDir(), 40, 30}
	paths := []string{e.write(t, "b.safetensors", 200, false), e.write(t, "c.safetensors", 0, false), e.write(t, "a.safetensors", 50, false)}
	var lines []string
	rep, figures, err := experiment.AnalyseFiles(paths, quick(), told(&lines))
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 || lines[0] != "the files are taken in the order of their steps: 0, 50, 200" {
		t.Errorf("told %q", lines)
	}
	var steps []int
	for _, c := range rep.Checkpoints {
		steps = append(steps, c.Step)
		if c.Population != 5000 || c.Parameters != 60 || len(c.Covariance.Layers) != 2 || !c.TrainLoss.Defined() || c.TestAccuracy.Defined() {
			t.Errorf("%+v", c)
		}
		if (c.Overlap == nil) != (c.Step == 0) {
			t.Errorf("step %d: overlap %+v", c.Step, c.Overlap)
		}
	}
	if !slices.Equal(steps, []int{0, 50, 200}) || rep.Along == nil || rep.Along.Strength == nil {
		t.Errorf("steps %v, along %+v", steps, rep.Along)
	}
	// No alpha was asked about, at any of them.
	if !math.IsNaN(rep.Run.Alpha) || rep.Run.Batch != 40 {
		t.Errorf("alpha %v, B %d", rep.Run.Alpha, rep.Run.Batch)
	}
	for _, f := range figures {
		if f.Name == "loss" || f.Name == "accuracy" || f.Name == "enhancement" {
			t.Errorf("a figure of %s has no data", f.Name)
		}
	}
}

// What a Gram matrix gives is what the rows give.
func TestGramSaysWhatRowsSay(t *testing.T) {
	e := elsewhere{t.TempDir(), 64, 50}
	s := quick()
	s.Alpha, s.Batch, s.Eigenvalues = 1.5, 20, 0
	values := func(gram bool) map[string]any {
		rep, _, err := experiment.AnalyseFiles([]string{e.write(t, fmt.Sprint(gram, "0.safetensors"), 0, gram), e.write(t, fmt.Sprint(gram, "9.safetensors"), 90, gram)},
			s, experiment.Observer{})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := report.Write(&text, rep); err != nil {
			t.Fatal(err)
		}
		var all map[string]any
		if err := json.Unmarshal(text.Bytes(), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	w := walk{}
	w.compare(t, "", values(true), values(false))
	if w.numbers < 850 {
		t.Errorf("only %d numbers were compared", w.numbers)
	}
	// Projections onto fixed directions, parameters of their own, and what is decided together with them.
	for key := range w.missing {
		if !slices.Contains([]string{"scale_artefact", "null_edge", "null_edge_unit_scales", "outstanding", "outstanding_unit_scales", "overlap"}, key) {
			t.Errorf("%s is not known from inner products", key)
		}
	}
}

// walk compares what is in both of two documents.
type walk struct {
	numbers int
	missing map[string]bool
}

func (w *walk) compare(t *testing.T, path string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			w.miss(path)
			return
		}
		for key, v := range want {
			if slices.Contains([]string{"source", "warnings", "rejections", "tests", "conclusion", "family"}, key) {
				continue
			}
			w.compare(t, path+"."+key, object[key], v)
		}
	case []any:
		w.compareLists(t, path, got.([]any), want)
	case float64:
		w.numbers++
		if v, ok := got.(float64); !ok {
			w.miss(path)
		} else if err := numtest.Close(v, want, numtest.Tol{Rel: 1e-9, Abs: 1e-9}); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// compareLists compares the elements that have the same name.
func (w *walk) compareLists(t *testing.T, path string, got, want []any) {
	t.Helper()
	if len(got) == len(want) {
		for i := range want {
			w.compare(t, path, got[i], want[i])
		}
		return
	}
	for _, v := range want {
		object, ok := v.(map[string]any)
		if name, _ := object["of"].(string); !ok || strings.Contains(name, "random") {
			continue // a direction in the space of parameters
		}
		at := slices.IndexFunc(got, func(g any) bool { return g.(map[string]any)["of"] == object["of"] })
		if at < 0 {
			t.Errorf("%s: nothing about %v", path, object["of"])
			continue
		}
		w.compare(t, path, got[at], v)
	}
}

func (w *walk) miss(path string) {
	if w.missing == nil {
		w.missing = map[string]bool{}
	}
	w.missing[path[strings.LastIndex(path, ".")+1:]] = true
}

func TestFilesFromElsewhereThatDisagree(t *testing.T) {
	e := elsewhere{t.TempDir(), 12, 10}
	first, last := e.write(t, "0.safetensors", 0, false), e.write(t, "90.safetensors", 90, false)
	other := elsewhere{e.dir, 12, 9}.write(t, "other.safetensors", 300, false)
	again := e.write(t, "again.safetensors", 90, false)
	draws := drawn(t, filepath.Join(e.dir, "draws.safetensors"), 90, 10, 1.5, 1)
	more := drawn(t, filepath.Join(e.dir, "more.safetensors"), 90, 10, 1.5, 1)
	others, err := probe.ReadDraws(draws)
	if err != nil {
		t.Fatal(err)
	}
	others.Parameters = 33
	small := filepath.Join(e.dir, "small.safetensors")
	if err := probe.WriteDraws(small, others); err != nil {
		t.Fatal(err)
	}
	loose := filepath.Join(e.dir, "loose.npy")
	if err := npy.Write(loose, []int{12, 3}, make([]float64, 36)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		paths  []string
		set    func(s *experiment.FileSettings)
		reason string
	}{
		{[]string{first, last, loose}, nil, loose + ": does not say of which step it is, of 0, 90: the metadata step does"},
		{[]string{last, again}, nil, again + ": there is a layer h.0.fc in " + last + " already"},
		{[]string{last, other}, nil, other + ": has 18 parameters, but step 90 has 20"},
		{[]string{last, draws, more}, nil, more + ": there are draws at this step in " + draws + " already"},
		{[]string{last, draws}, func(s *experiment.FileSettings) { s.Alpha = 2 }, draws + ": was drawn with alpha 1.5, B 10 and independent pairs"},
		{[]string{last, draws}, func(s *experiment.FileSettings) { s.Population = 60 }, draws + ": was drawn from 5000 samples, and the gradients of " + last},
		{[]string{last}, func(s *experiment.FileSettings) {
			s.Population, s.Unit, s.UnitSize = math.MaxInt, probe.UnitGhostBatch, 2
		}, "so many samples cannot be counted"},
		{[]string{last, small}, nil, small + ": was drawn of 33 parameters, and the gradients of " + last + " have 20: both are of all layers of one network"},
		{[]string{last}, func(s *experiment.FileSettings) { s.Parameters = 7 }, "-parameters 7: the layers have 20"},
		{[]string{first, last}, func(s *experiment.FileSettings) { s.Diagonal = filepath.Join(e.dir, "d.npy") }, "is for the gradients of one checkpoint"},
		{[]string{e.write(t, "gram.safetensors", 1, true)}, func(s *experiment.FileSettings) { s.Diagonal = filepath.Join(e.dir, "d.npy") }, "inner products do not show"},
	} {
		s := quick()
		if c.set != nil {
			c.set(&s)
		}
		_, _, err := experiment.AnalyseFiles(c.paths, s, experiment.Observer{})
		if err == nil || !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, c.reason)
		}
	}
}

// What is said beside the files goes over what they say.
func TestSettingsGoOverMetadata(t *testing.T) {
	e := elsewhere{t.TempDir(), 12, 10}
	s, step := quick(), 7
	s.Step, s.Population, s.Unit, s.UnitSize = &step, 300, probe.UnitGhostBatch, 5
	rep, _, err := experiment.AnalyseFiles([]string{e.write(t, "0.safetensors", 0, false)}, s, experiment.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if c := rep.Checkpoints[0]; c.Step != 7 || c.Population != 300 || c.Unit != probe.UnitGhostBatch || c.UnitSize != 5 {
		t.Errorf("step %d, population %d, %s of %d", c.Step, c.Population, c.Unit, c.UnitSize)
	}
}

// The directory of an analysis has what that of a run has; nothing else is replaced by force.
func TestAnalysisDirectory(t *testing.T) {
	e := elsewhere{t.TempDir(), 20, 10}
	s := quick()
	s.Out = filepath.Join(e.dir, "out")
	paths := []string{e.write(t, "0.safetensors", 0, true), e.write(t, "90.safetensors", 90, true)}
	analyse := func() error {
		_, _, err := experiment.AnalyseFiles(paths, s, experiment.Observer{})
		return err
	}
	if err := analyse(); err != nil {
		t.Fatal(err)
	}
	d := experiment.Directory(s.Out)
	page := read(t, d.HTMLPath())
	if err := os.Remove(d.HTMLPath()); err != nil {
		t.Fatal(err)
	}
	if rep, err := experiment.Render(s.Out, experiment.Drawing{}); err != nil || rep.Analysis == nil || len(rep.Checkpoints) != 2 || read(t, d.HTMLPath()) != page {
		t.Errorf("rendered again: %v, and not the same page", err)
	}
	missing := filepath.Join(d.FiguresPath(), "spectrum.csv")
	numbers := read(t, missing)
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	if _, err := experiment.Render(s.Out, experiment.Drawing{}); err == nil || !strings.HasPrefix(err.Error(), missing+": is missing") || !strings.HasSuffix(err.Error(), "analyze makes them again from the gradients") {
		t.Errorf("without the numbers of a figure: %v", err)
	}
	if err := os.WriteFile(missing, []byte(numbers), 0o666); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Run, Training any
		Checkpoints   []any
	}
	if err := json.Unmarshal([]byte(read(t, d.ReportPath())), &document); err != nil || document.Run != nil || document.Training != nil || len(document.Checkpoints) != 2 {
		t.Errorf("%v: %+v", err, document)
	}
	if err := analyse(); err == nil || err.Error() != s.Out+" exists" {
		t.Errorf("written again: %v", err)
	}
	if s.Force = true; analyse() != nil {
		t.Error("not replaced by force")
	}
	if err := os.Remove(d.ReportPath()); err != nil {
		t.Fatal(err)
	}
	if err := analyse(); err != nil {
		t.Errorf("not replaced, though a killed process had left no more of it: %v", err)
	}
	if err := errors.Join(os.Remove(d.ReportPath()), os.Remove(d.HTMLPath())); err != nil {
		t.Fatal(err)
	}
	if err := analyse(); err == nil || !strings.Contains(err.Error(), "is not the directory of an analysis") {
		t.Errorf("another directory replaced: %v", err)
	}
	s.Force = false
	var exists *experiment.ExistsError
	if err := analyse(); !errors.As(err, &exists) || !exists.Foreign {
		t.Errorf("another directory, which force would not replace: %v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
