package compare

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// Analyses of trainings elsewhere have no accuracy and no seed: none of them is paired with another, and one without an alpha is plain SGD.
func TestAnalysesAreCompared(t *testing.T) {
	root := t.TempDir()
	for name, alpha := range map[string]estimate.Number{"a": estimate.Undefined(), "b": 1, "c": 2} {
		c := checkpoint(1, 50, 100, 3, 2)
		c.TestAccuracy, c.TestLoss = estimate.Undefined(), estimate.Undefined()
		rep := report.OfGradients(report.Analysis{Source: []string{name}, Alpha: alpha, Batch: 50, Pairing: "independent", Seed: 1}, []report.Checkpoint{c})
		var text strings.Builder
		if err := report.Write(&text, rep); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, name, "report.json"), text.String())
	}
	set, err := Read([]string{root})
	if err != nil || len(set.LeftOut) > 0 || len(set.Groups) != 1 {
		t.Fatalf("%+v, %v", set, err)
	}
	g := set.Groups[0]
	if !strings.HasPrefix(g.Name(), "gradients from elsewhere") || len(g.Cells) != 2 || len(g.Cells[0].Runs) != 2 || g.Cells[0].Alpha != 1 {
		t.Errorf("%s: %d cells", g.Name(), len(g.Cells))
	}
	seeds := map[uint64]bool{}
	for _, r := range g.Runs {
		seeds[r.Seed()] = true
		if v := g.Quantity("test_accuracy").Of(r); !math.IsNaN(v) {
			t.Errorf("accuracy %v", v)
		}
		if v := g.Quantity("trace_direct").Of(r); r.Alpha() == 1 && !(math.Abs(v-2) <= 1e-9) {
			t.Errorf("tr Sigma %v by direct draws, want 2", v)
		}
		if v := g.Quantity("kurtosis_noise").Of(r); r.Alpha() == 1 && !(math.Abs(v-40.0/50) <= 1e-9) {
			t.Errorf("excess kurtosis %v, that of single gradients is 40", v)
		}
	}
	if len(seeds) != 3 {
		t.Errorf("%d seeds of 3 trainings", len(seeds))
	}
	if _, err := Compare(set, DefaultSettings()); err != nil {
		t.Error(err)
	}
}
