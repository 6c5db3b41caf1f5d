package report

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

func written(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func inFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestJSONRoundTrip(t *testing.T) {
	first := written(t, sampleReport())
	back, err := Read(inFile(t, "report.json", first))
	if err != nil {
		t.Fatal(err)
	}
	// Bytes and not values are compared, since NaN differs from itself.
	if second := written(t, back); !bytes.Equal(first, second) {
		t.Errorf("the document changed:\n%s\nbecame\n%s", first, second)
	}
	if got := back.Checkpoints[5]; got.Covariance.NoiseScale.Defined() || got.Enhancement[4].Predicted != 2.5 ||
		!math.IsInf(got.Tails[0].Estimates[1].CI.Hi, 1) {
		t.Error("an undefined, a plain or an unbounded number did not survive")
	}
}

func TestListsAreNeverNull(t *testing.T) {
	r := &Report{Schema: Schema, Analysis: &Analysis{}, Checkpoints: []Checkpoint{{
		Covariance: &covariance.Covariance{}, Overlap: &covariance.Overlap{}, Curvature: &curvature.Curvature{}, Optimizer: &optimizer.Noise{},
		Predictions: &enhancement.Predictions{}, PopulationNorms: &shape.PopulationNorms{}, Shape: &shape.Shape{Conclusion: &shape.Conclusion{}},
		Normality: make([]shape.Normality, 1), Pursuit: &shape.Pursuit{}, Tails: make([]shape.Tail, 1), ScaleArtefact: &tail.Artefact{},
	}}}
	var lists func(reflect.Type, any, string)
	lists = func(typ reflect.Type, v any, path string) {
		switch typ.Kind() {
		case reflect.Pointer:
			lists(typ.Elem(), v, path)
		case reflect.Map:
			if _, ok := v.(map[string]any); !ok {
				t.Errorf("%s is %v, want an object", path, v)
			}
		case reflect.Slice:
			array, ok := v.([]any)
			if !ok {
				t.Errorf("%s is %v, want a list", path, v)
			}
			for _, element := range array {
				lists(typ.Elem(), element, path+"[]")
			}
		case reflect.Struct:
			object, _ := v.(map[string]any)
			for f := range typ.Fields() {
				key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
				kind := f.Type.Kind()
				if object[key] != nil || (kind == reflect.Slice || kind == reflect.Map) && options != "omitempty" {
					lists(f.Type, object[key], path+"."+key)
				}
			}
		}
	}
	var document any
	if err := json.Unmarshal(written(t, r), &document); err != nil {
		t.Fatal(err)
	}
	lists(reflect.TypeFor[Report](), document, "")
	if r.Checkpoints[0].Warnings != nil || r.Checkpoints[0].ScaleArtefact.Curve != nil || r.Checkpoints[0].Normality[0].Tests != nil || r.Checkpoints[0].Covariance.CI != nil {
		t.Error("Write modified the report")
	}
	if !bytes.Contains(written(t, &Report{}), []byte(`"checkpoints": []`)) {
		t.Error("no checkpoints are not an empty list")
	}
}

func TestUndefinedIsNull(t *testing.T) {
	r := sampleReport()
	r.Checkpoints[0].TestLoss = estimate.Number(math.Inf(1))
	for _, word := range []string{"NaN", "Inf"} {
		if bytes.Contains(written(t, r), []byte(word)) {
			t.Errorf("the document contains %s", word)
		}
	}
	r.Run.Alpha = math.NaN()
	if err := Write(&bytes.Buffer{}, r); err == nil || !strings.HasPrefix(err.Error(), "report: ") {
		t.Errorf("alpha = NaN: %v", err)
	}
}

func TestWriteGradients(t *testing.T) {
	var b bytes.Buffer
	g := Analysis{Source: []string{"g.npy", "h.npz"}, Alpha: estimate.Undefined()}
	if err := WriteGradients(&b, &g, sampleReport().Checkpoints[0]); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Source []string
		Step   *int
		Tails  []any
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || !slices.Equal(got.Source, g.Source) || got.Step == nil || got.Tails == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// The report of gradients that belong to no run has neither run nor training, and what it was about comes back.
func TestReportOfGradients(t *testing.T) {
	c := sampleReport().Checkpoints[0]
	c.Parameters, c.TrainLoss = 0, 0.5
	for _, alpha := range []estimate.Number{1.5, estimate.Undefined()} {
		r := OfGradients(Analysis{Source: []string{"g.npy"}, Alpha: alpha, Batch: 20, Pairing: "independent", Seed: 3}, []Checkpoint{c})
		var got map[string]any
		if err := json.Unmarshal(written(t, r), &got); err != nil || got["run"] != nil || got["training"] != nil {
			t.Errorf("run %v, training %v: %v", got["run"], got["training"], err)
		}
		if p, there := got["checkpoints"].([]any)[0].(map[string]any)["parameters"]; !there || p != nil {
			t.Errorf("parameters are %v, but not known", p)
		}
		path := filepath.Join(t.TempDir(), "report.json")
		if err := os.WriteFile(path, written(t, r), 0o644); err != nil {
			t.Fatal(err)
		}
		back, err := Read(path)
		if err != nil || back.Analysis == nil || back.Run.Batch != 20 || back.Run.Seed != 3 || back.Training.TestAccuracy.Defined() || back.Training.TrainLoss != 0.5 {
			t.Fatalf("%v: %+v", err, back)
		}
		if same := back.Run.Alpha == float64(alpha); same != alpha.Defined() {
			t.Errorf("alpha %v, want %v", back.Run.Alpha, alpha)
		}
	}
}

func TestReadRefusesDamage(t *testing.T) {
	good := written(t, sampleReport())
	for name, data := range map[string][]byte{
		"empty.json":     nil,
		"cut.json":       good[:len(good)/2],
		"other.json":     []byte(`{"schema": "noiseprobe/report/2"}`),
		"wrongtype.json": bytes.Replace(good, []byte(`"seed": 1`), []byte(`"seed": "one"`), 1),
		"interval.json":  bytes.Replace(good, []byte(`"ci": null`), []byte(`"ci": [1]`), 1),
	} {
		_, err := Read(inFile(t, name, data))
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read("no/such/file.json"); err == nil || !strings.Contains(err.Error(), "no/such/file.json") {
		t.Errorf("missing file: %v", err)
	}
}
