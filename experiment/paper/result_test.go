package paper

import (
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// ended writes what a run leaves behind, with an accuracy and a convergence time, 0 for none.
func ended(t *testing.T, dir string, p *Plan, cell Cell, seed int, accuracy float64, steps int, stopped string) {
	t.Helper()
	run := filepath.Join(dir, cell.run(seed))
	if err := os.MkdirAll(run, 0o755); err != nil {
		t.Fatal(err)
	}
	rep := &report.Report{
		Schema: report.Schema,
		Run: report.Run{
			Model: p.Model, Spec: "7x[500]", Alpha: cell.Alpha, Batch: cell.Batch, Seed: uint64(seed), Pairing: "independent", Optimizer: "adam",
			Data: report.Data{Name: "fashion-mnist", Train: 60000, Test: 10000},
		},
		Training: report.Training{Steps: 100, Stopped: stopped, TestAccuracy: estimate.Number(accuracy)},
	}
	if steps > 0 {
		rep.Training.ConvergenceTime = &steps
	}
	if err := atomicfile.Write(filepath.Join(run, "report.json"), func(w io.Writer) error { return report.Write(w, rep) }); err != nil {
		t.Fatal(err)
	}
	metrics := []report.Metric{{Step: 100, Epoch: 1, TestAccuracy: accuracy}}
	if err := atomicfile.Write(filepath.Join(run, "metrics.csv"), func(w io.Writer) error { return report.WriteMetrics(w, metrics) }); err != nil {
		t.Fatal(err)
	}
}

func collect(t *testing.T, p *Plan, dir string) *Result {
	t.Helper()
	r, err := p.Collect(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t *testing.T, r *Result) string {
	t.Helper()
	var b strings.Builder
	if err := r.Text(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	p, dir := plan(t, Choice{"table2", "f1", PaperScale}), t.TempDir()
	first, second := p.Cells[0], p.Cells[1]
	ended(t, dir, p, first, 1, 0.9, 10000, report.StoppedConverged)
	ended(t, dir, p, first, 2, 0.902, 12000, report.StoppedConverged)
	ended(t, dir, p, first, 3, 0.1, 0, report.StoppedDiverged)
	ended(t, dir, p, first, 4, 0.904, 0, report.StoppedMaxSteps)
	ended(t, dir, p, first, 5, 0.5, 0, report.StoppedInterrupted) // is not over
	ended(t, dir, p, second, 1, 0.91, 8000, report.StoppedConverged)
	r := collect(t, p, dir)
	row := r.Rows[0]
	// The mean of 90, 90.2 and 90.4, whose standard deviation is 0.2, and of 10000 and 12000.
	if row.Accuracy.N != 3 || math.Abs(float64(row.Accuracy.Mean)-90.2) > 1e-9 || math.Abs(float64(row.Accuracy.SD)-0.2) > 1e-9 ||
		row.ConvergenceTime.N != 2 || row.ConvergenceTime.Mean != 11000 || row.Runs != 4 || row.Diverged != 1 || row.NotConverged != 1 {
		t.Errorf("%+v", row)
	}
	if r.Missing != 15 || len(r.Notes) != 1 || r.Notes[0] != "15 of 20 runs are missing." {
		t.Errorf("%d missing, notes %q", r.Missing, r.Notes)
	}
	for _, want := range []string{
		"Table 2: the best batch size of each alpha: f1 on fashion-mnist (60000 + 10000 samples), scale paper",
		"90.20 ± 0.20", "90.17 ± 0.14", "+0.03 [", "11000 ± 1414", "10934 ± 816", "+66 [",
		"alpha 1, B 900: 1 of 4 runs diverged, 1 did not converge.",
	} {
		if got := text(t, r); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestNothingThere(t *testing.T) {
	for _, name := range Experiments() {
		for _, model := range Models(name) {
			r := collect(t, plan(t, Choice{name, model, "smoke"}), filepath.Join(t.TempDir(), "none"))
			if r.Missing != r.Runs || !strings.Contains(text(t, r), "runs are missing") || len(r.Notes) < 2 {
				t.Errorf("%s: %d of %d missing, %q", name, r.Missing, r.Runs, r.Notes)
			}
			drawn(t, r)
		}
	}
}

// drawn writes the files of a result, and parses the drawing.
func drawn(t *testing.T, r *Result) {
	t.Helper()
	r.Dir = t.TempDir()
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	if len(r.Figures()) == 0 {
		return
	}
	f, err := os.Open(filepath.Join(r.Dir, r.Experiment+".svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFigure: curves go along x, published values stand beside them, and all cells of the plan are drawn.
func TestFigure(t *testing.T) {
	for _, name := range []string{"fig1", "fig2", "fig3"} {
		for _, model := range Models(name) {
			p, dir := plan(t, Choice{name, model, PaperScale}), t.TempDir()
			for i, cell := range p.Cells {
				ended(t, dir, p, cell, 1, 0.9+float64(i)/1e4, 1000+i, report.StoppedConverged)
			}
			r := collect(t, p, dir)
			places := map[float64]bool{}
			for _, f := range r.Figures() {
				if f.Finding == "" {
					t.Errorf("%s says nothing", f.Name)
				}
				known := false
				for _, s := range f.Series {
					known = known || strings.HasSuffix(s.Name, ", published")
					for i := range s.X {
						places[s.X[i]] = true
						if i > 0 && s.X[i] < s.X[i-1] && s.Kind == figure.Track {
							t.Errorf("%s %s %s: x goes back at %d", name, model, s.Name, i)
						}
					}
				}
				if !known {
					t.Errorf("%s %s: %s has no published value", name, model, f.Name)
				}
			}
			for _, row := range r.Rows {
				if !places[row.batch()] && !places[row.effectiveBatch()] {
					t.Errorf("%s %s: %v is nowhere", name, model, row.Cell)
				}
			}
			drawn(t, r)
		}
	}
}

// TestEqualNoise: an effect of 2 points in every pair is found, and none is called equal.
func TestEqualNoise(t *testing.T) {
	jitter := []float64{0, 1, -1}
	for _, c := range []struct {
		effect  float64
		verdict string
	}{{0.02, compare.Different}, {0, compare.Equal}} {
		p, dir := plan(t, Choice{"equal-noise", "f1", "quick"}), t.TempDir()
		for _, pair := range p.pairs() {
			for seed := 1; seed <= p.Seeds; seed++ {
				base := 0.9 + 2e-4*jitter[seed-1]
				ended(t, dir, p, pair.SGD, seed, base, 1000, report.StoppedConverged)
				ended(t, dir, p, pair.NE, seed, base+c.effect+1e-4*jitter[(seed+pair.NE.Batch+int(pair.NE.Alpha))%3], 900+seed, report.StoppedConverged)
			}
		}
		r := collect(t, p, dir)
		if len(r.Pairs) != 3 || len(r.Together) != len(cares()) || len(r.Findings) != len(cares()) {
			t.Fatalf("%d pairs, %d effects, %d findings", len(r.Pairs), len(r.Together), len(r.Findings))
		}
		e := r.Together[0]
		if e.Quantity != "test_accuracy" || e.N != 3*p.Seeds || e.Verdict != c.verdict || math.Abs(float64(e.Value)-c.effect) > 1e-4 {
			t.Errorf("%g: %+v", c.effect, e)
		}
		drawn(t, r)
	}
}

// TestEffectsThatCancel: a mean of 0 over the pairs is no equality where the pairs differ by a point each.
func TestEffectsThatCancel(t *testing.T) {
	p, dir := plan(t, Choice{"equal-noise", "f1", "quick"}), t.TempDir()
	for i, pair := range p.pairs() {
		for seed := 1; seed <= p.Seeds; seed++ {
			shift := []float64{0.01, 0, -0.01}[i] + 1e-5*float64(2*seed-3)
			ended(t, dir, p, pair.SGD, seed, 0.9, 1000, report.StoppedConverged)
			ended(t, dir, p, pair.NE, seed, 0.9+shift, 1000, report.StoppedConverged)
		}
	}
	e := collect(t, p, dir).Together[0]
	if math.Abs(float64(e.Value)) > 1e-4 || e.Verdict != compare.Undecided || e.Equivalence.PValue < 0.5 {
		t.Errorf("%+v", e)
	}
}

// TestEqualNoiseAtConvergence: a run that met the bound of steps is no end to compare, unless all did.
func TestEqualNoiseAtConvergence(t *testing.T) {
	for _, c := range []struct {
		stopped string
		want    int
	}{{report.StoppedConverged, 5}, {report.StoppedMaxSteps, 6}} {
		p, dir := plan(t, Choice{"equal-noise", "f1", "quick"}), t.TempDir()
		for _, pair := range p.pairs() {
			for seed := 1; seed <= 2; seed++ {
				ended(t, dir, p, pair.SGD, seed, 0.9, 0, c.stopped)
				ended(t, dir, p, pair.NE, seed, 0.9, 0, c.stopped)
			}
		}
		ended(t, dir, p, p.pairs()[0].NE, 1, 0.1, 0, report.StoppedMaxSteps)
		if e := collect(t, p, dir).Together[0]; e.N != c.want {
			t.Errorf("%s: %d pairs count, want %d", c.stopped, e.N, c.want)
		}
	}
}

// TestDamagedRun: a report that cannot be read is a run that is missing, as it will be made again.
func TestDamagedRun(t *testing.T) {
	p, dir := plan(t, Choice{"table3", "f1", PaperScale}), t.TempDir()
	ended(t, dir, p, p.Cells[0], 1, 0.9, 100, report.StoppedConverged)
	ended(t, dir, p, p.Cells[0], 2, 0.9, 100, report.StoppedConverged)
	if err := os.Truncate(filepath.Join(dir, p.Cells[0].run(2), "report.json"), 40); err != nil {
		t.Fatal(err)
	}
	if r := collect(t, p, dir); r.Missing != 9 {
		t.Errorf("%d missing, want 9", r.Missing)
	}
	ended(t, dir, p, p.Cells[0], 3, 0.9, 100, report.StoppedConverged)
	if err := os.Truncate(filepath.Join(dir, p.Cells[0].run(3), "metrics.csv"), 20); err != nil {
		t.Fatal(err)
	}
	if r := collect(t, p, dir); r.Missing != 9 || !strings.Contains(text(t, r), "seed3: metrics.csv") {
		t.Errorf("half a metrics.csv is left out without a word: %q", r.Notes)
	}
	if err := os.Truncate(filepath.Join(dir, p.Cells[0].run(1), "metrics.csv"), 20); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Collect(dir); err == nil || !strings.Contains(err.Error(), "metrics.csv") {
		t.Errorf("half a metrics.csv: %v", err)
	}
}
