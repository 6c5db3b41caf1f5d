package paper

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train"
)

// publishedTables are Tables 2 and 3 of the paper once more, typed from it: model, alpha, B, accuracy in percent, convergence time.
const publishedTables = `
table2 c1 1 100 88.05 0.18 24500 2775
table2 c1 1.5 200 88.69 0.11 20825 2113
table2 c1 2 300 88.77 0.30 15932 1870
table2 c1 2.5 500 88.66 0.22 10040 1153
table2 f1 1 900 90.17 0.14 10934 816
table2 f1 1.5 2000 90.39 0.17 7914 528
table2 c2 1 600 61.40 0.54 5292 935
table2 c2 1.5 1000 61.75 0.48 5175 748
table3 f1 3 5000 90.35 0.05
table3 c1 10 5000 88.26 0.23
table3 c2 5 5000 61.53 0.35
`

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestPublishedValues(t *testing.T) {
	at := map[string]int{}
	for line := range strings.Lines(strings.TrimSpace(publishedTables)) {
		f := strings.Fields(line)
		rows := theSettings.Experiments[f[0]].Models[f[1]].Rows
		key := f[0] + f[1]
		if at[key] >= len(rows) {
			t.Fatalf("%s: no row %d", key, at[key])
		}
		row := rows[at[key]]
		at[key]++
		if row.Alpha != number(t, f[2]) || float64(row.Batch) != number(t, f[3]) || *row.Accuracy != (published{number(t, f[4]), number(t, f[5])}) {
			t.Errorf("%s: %+v", line, row)
		}
		if timed := len(f) > 6; timed != (row.ConvergenceTime != nil) || timed && *row.ConvergenceTime != (published{number(t, f[6]), number(t, f[7])}) {
			t.Errorf("%s: convergence time %v", line, row.ConvergenceTime)
		}
	}
	for _, name := range []string{"table2", "table3"} {
		for model, m := range theSettings.Experiments[name].Models {
			if at[name+model] != len(m.Rows) {
				t.Errorf("%s %s: %d rows, want %d", name, model, len(m.Rows), at[name+model])
			}
		}
	}
}

// TestThresholds: L*, L** and the data are those that the models have without the paper's file.
func TestThresholds(t *testing.T) {
	for name, m := range theSettings.Models {
		spec, err := train.ParseSpec(name)
		if err != nil {
			t.Fatal(err)
		}
		if number(t, m.Flags["l-star"]) != spec.LStar || number(t, m.Flags["l-stop"]) != spec.LStop || m.Flags["data"] != spec.Data {
			t.Errorf("%s: %v, the model has L* %g, L** %g, data %s", name, m.Flags, spec.LStar, spec.LStop, spec.Data)
		}
	}
}

// TestFiguresHoldTheTables: what the tables call the best batch sizes is among those of the figures.
func TestFiguresHoldTheTables(t *testing.T) {
	for _, c := range []struct{ figure, table string }{{"fig1", "table2"}, {"fig2", "table2"}, {"fig3", "table3"}} {
		for _, model := range Models(c.figure) {
			p := plan(t, Choice{c.figure, model, PaperScale})
			for _, row := range theSettings.Experiments[c.table].Models[model].Rows {
				if p.publishedAt(Cell{row.Alpha, row.Batch}) == nil || !slices.Contains(p.Cells, Cell{row.Alpha, row.Batch}) {
					t.Errorf("%s of %s lacks alpha %g, B %d", c.figure, model, row.Alpha, row.Batch)
				}
			}
		}
	}
}

func plan(t *testing.T, c Choice) *Plan {
	t.Helper()
	p, err := NewPlan(c, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryPlan: every experiment has every scale, ten seeds at the paper's, with a note elsewhere, and no run twice.
func TestEveryPlan(t *testing.T) {
	for _, name := range Experiments() {
		for _, model := range Models(name) {
			for _, scale := range Scales() {
				p := plan(t, Choice{name, model, scale})
				names := map[string]bool{}
				for _, point := range p.Points() {
					names[point.Name] = true
				}
				if len(p.Cells) == 0 || len(names) != p.Seeds*len(p.Cells) {
					t.Errorf("%s %s %s: %d names of %d runs", name, model, scale, len(names), p.Seeds*len(p.Cells))
				}
				if isPaper := scale == PaperScale; isPaper != (p.Seeds == 10) || isPaper != (p.scale().Note == "") {
					t.Errorf("%s %s %s: %d seeds, note %q", name, model, scale, p.Seeds, p.scale().Note)
				}
			}
		}
	}
}

// TestPairs: SGD at B / f, to the nearest sample.
func TestPairs(t *testing.T) {
	for _, model := range Models("equal-noise") {
		pairs := Choice{"equal-noise", model, PaperScale}.pairs()
		if want := map[string]int{"f1": 3, "c1": 2, "c2": 2}[model]; len(pairs) != want {
			t.Errorf("%s: %d alphas", model, len(pairs))
		}
		for _, p := range pairs {
			if d := float64(p.SGD.Batch) - float64(p.NE.Batch)/noise.Factor(p.NE.Alpha); p.SGD.Alpha != 1 || d > 0.5 || d < -0.5 {
				t.Errorf("%v", p)
			}
		}
	}
}

// TestWholeGhostBatches: every minibatch of a network that normalises by ghost batches is whole ones, all of one size; otherwise cells would
// differ in more than alpha and B.
func TestWholeGhostBatches(t *testing.T) {
	for _, name := range Experiments() {
		for _, model := range Models(name) {
			for _, scale := range Scales() {
				p := plan(t, Choice{name, model, scale})
				for _, c := range p.Cells {
					ghost := 100 // the default, and the paper's
					if text, ok := p.values(c, 1)["ghost"]; ok {
						ghost, _ = strconv.Atoi(text)
					}
					if model != "f1" && c.Batch%ghost != 0 {
						t.Errorf("%s %s %s: B = %d in ghost batches of %d", name, model, scale, c.Batch, ghost)
					}
				}
			}
		}
	}
}

func TestUnknownChoices(t *testing.T) {
	for _, c := range []struct {
		choice Choice
		want   string
	}{
		{Choice{"table1", "f1", "paper"}, `"table1": one of `},
		{Choice{"table2", "f2", "paper"}, "-model f2: table2 is of c1, c2, f1"},
		{Choice{"fig1", "f1", "paper"}, "-model f1: fig1 is of c1"},
		{Choice{"table2", "f1", "tiny"}, "-scale tiny: one of paper, quick, smoke"},
	} {
		if _, err := NewPlan(c.choice, 0, nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.choice, err, c.want)
		}
	}
}
