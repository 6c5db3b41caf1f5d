package compare

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// poor are sets of runs that lack something.
func poor() map[string][]*Run {
	bare := few().runs(1)
	for _, r := range bare {
		r.Report.Checkpoints, r.Metrics = nil, nil
	}
	alone := few()
	alone.seeds = 1
	diverged := few()
	diverged.diverged = func(r *Run) bool { return r.Alpha() == 2 }
	every := few()
	every.diverged = func(*Run) bool { return true }
	steps := few()
	steps.unconverged = func(*Run) bool { return true }
	same := few()
	same.spread = 0
	return map[string][]*Run{
		"one run": few().runs(1)[:1], "one seed": alone.runs(1), "one alpha": few().runs(1)[:4], "no NE at 1": few().runs(1)[4:],
		"no checkpoints": bare, "an alpha diverged": diverged.runs(1), "all diverged": every.runs(1), "no convergence": steps.runs(1),
		"no spread": same.runs(1),
	}
}

var notFinite = regexp.MustCompile(`NaN|[^a-z]Inf|%!`)

// written are the documents of a comparison.
func written(t *testing.T, c *Comparison) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, write := range map[string]func(io.Writer) error{"text": func(w io.Writer) error { return c.Text(w, 100) }, "html": c.HTML, "csv": c.WriteCSV,
		"json": func(w io.Writer) error { return json.NewEncoder(w).Encode(c) }} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if found := notFinite.FindString(b.String()); found != "" {
			t.Errorf("%s contains %s", name, found)
		}
		out[name] = b.String()
	}
	for _, f := range c.Figures() {
		if err := f.WriteSVG(io.Discard); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	return out
}

// TestDocumentsOfPoorSets: nothing panics, and nothing undefined is shown as a number. Unless everything is tested it takes every third set, from day to day.
func TestDocumentsOfPoorSets(t *testing.T) {
	numtest.NotShort(t, "documents of many sets of runs")
	lists := regexp.MustCompile(`"(groups|left_out|settings|answers|cells|contrasts|collapse|weak_noise|checkpoints|runs|notes|seeds|quantities|rows|b|at|values|` +
		`train_loss|test_accuracy)":null`)
	sets := poor()
	for i, name := range slices.Sorted(maps.Keys(sets)) {
		if !numtest.Full() && (uint64(i)+numtest.Rotation(t))%3 != 0 {
			continue
		}
		runs := sets[name]
		t.Run(name, func(t *testing.T) {
			out := written(t, compared(t, runs, DefaultSettings()))
			var read Comparison
			if err := json.Unmarshal([]byte(out["json"]), &read); err != nil || read.Schema != Schema {
				t.Errorf("%v", err)
			}
			if found := lists.FindString(out["json"]); found != "" { // readers need no special case for null
				t.Error(found)
			}
		})
	}
}

func TestText(t *testing.T) {
	p := usual()
	p.shift = -0.02
	p.unconverged = func(r *Run) bool { return r.Alpha() == 2 && r.Batch() == 100 && r.Seed() == 1 }
	p.diverged = func(r *Run) bool { return r.Alpha() == 2 && r.Batch() == 100 && r.Seed() == 2 }
	text := written(t, compared(t, p.runs(1), DefaultSettings()))["text"]
	for _, want := range []string{
		"36 runs in 12 cells of alpha and B; 34 converged, 1 diverged", "1 run did not converge", "Test accuracy: different. Against alpha = 1 at equal B_eff: -",
		"tr Sigma, direct: ", "after Holm's correction over 2 alphas", "At convergence, is the noise weaker or stronger", "is optimistic", "Undecided: ",
	} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// TestCounted: at the end of training only runs that stopped at convergence count; at equal steps all do that did not diverge.
func TestCounted(t *testing.T) {
	p := usual()
	p.unconverged = func(r *Run) bool { return r.Seed() == 1 }
	p.diverged = func(r *Run) bool { return r.Seed() == 2 && r.Alpha() == 1 }
	c := compared(t, p.runs(1), DefaultSettings())
	cell := c.Groups[0].Cells[0]
	if n := cell.quantity("test_accuracy"); n.N != 1 || n.Missing != 2 || cell.Converged != 1 || cell.Diverged != 1 {
		t.Errorf("%+v", cell)
	}
	if n := cell.quantity("trace_direct"); n.N != 1 || n.From != WithinRun || !n.CI.Contains(float64(n.Mean)) {
		t.Errorf("one seed has the interval of its run: %+v", n)
	}
	if n := cell.quantity("train_loss_at_equal_steps"); n.N != 2 || n.From != OverSeeds {
		t.Errorf("%+v", n)
	}
}

func TestContrasts(t *testing.T) {
	p := usual()
	p.spread = 1e-6
	c := compared(t, p.runs(1), DefaultSettings())
	var families []Family
	for _, f := range c.Groups[0].Contrasts {
		if f.Quantity == "trace_direct" {
			families = append(families, f)
		}
	}
	// At the same B: alpha 1.5 and 2 at four B. At the same B_eff: 1.5 at 500 (200), and 2 at 500 (100) and 1000 (200); 1.5 at 1000 has 400.
	if len(families) != 2 || families[0].Size != 8 || families[1].Size != 3 {
		t.Fatalf("%+v", families)
	}
	for _, row := range families[0].Rows {
		if row.ReferenceAlpha != 1 || row.ReferenceBatch != row.Batch || row.Method != MethodPaired || row.N != 3 || row.Verdict != Different {
			t.Errorf("%+v", row)
		}
	}
	for _, row := range families[1].Rows {
		if row.Verdict != Equal || row.PHolm < row.PValue || row.Equivalence.PHolm < row.Equivalence.PValue {
			t.Errorf("%+v", row)
		}
	}
	one := DefaultSettings()
	one.Reference = &Reference{Alpha: 1.5, Batch: 200}
	for _, f := range compared(t, p.runs(1), one).Groups[0].Contrasts {
		if f.Reference != "alpha = 1.5, B = 200" || len(f.Rows) != 11 {
			t.Fatalf("%+v", f)
		}
	}
}

// TestContrastWithoutPairs: where seeds differ, Welch's test takes all of them.
func TestContrastWithoutPairs(t *testing.T) {
	runs := few().runs(1)
	for _, r := range runs[:4] {
		r.Report.Run.Seed += 10
	}
	for _, f := range compared(t, runs, DefaultSettings()).Groups[0].Contrasts {
		for _, row := range f.Rows {
			if row.N > 0 && row.Method != MethodWelch {
				t.Errorf("%+v", row)
			}
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	set := &Set{Groups: groupsOf(few().runs(1))}
	for name, change := range map[string]func(*Settings){
		"accuracy": func(s *Settings) { s.AccuracyMargin = 0 }, "ratio": func(s *Settings) { s.RatioMargin = -1 },
		"reference": func(s *Settings) { s.Reference = &Reference{3, 100} },
	} {
		s := DefaultSettings()
		change(&s)
		if _, err := Compare(set, s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCSV(t *testing.T) {
	c := compared(t, few().runs(1), DefaultSettings())
	rows, err := csv.NewReader(strings.NewReader(written(t, c)["csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 8*len(new(Group).Quantities()); len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	for _, row := range rows {
		if row[6] == "samples_to_convergence" && row[1] == "2" && row[2] == "500" && row[5] == "1" {
			// 210 steps of 2B; f is 5.
			if row[3] != "5" || row[4] != "100" || row[8] != "210000" {
				t.Errorf("%v", row)
			}
			return
		}
	}
	t.Error("a row is missing")
}

// TestPageHasEveryFigure: every figure that a section names exists, and is on the page once.
func TestPageHasEveryFigure(t *testing.T) {
	c := compared(t, append(usual().runs(1), withRate(few().runs(2), 0.01)...), DefaultSettings())
	page := written(t, c)["html"]
	drawn := map[string]int{}
	for _, s := range c.sections(true) {
		for _, name := range s.Figures {
			drawn[name]++
		}
	}
	for _, f := range c.Figures() {
		if drawn[f.Name] > 1 {
			t.Errorf("%s is drawn %d times", f.Name, drawn[f.Name])
		}
		if f.Finding == "" {
			t.Errorf("%s says nothing", f.Name)
		}
		drawn[f.Name] = -1
	}
	for name, n := range drawn {
		if n > 0 {
			t.Errorf("no figure is named %s", name)
		}
	}
	if !strings.Contains(page, "group2-test_accuracy") && strings.Count(page, "<svg") < 20 {
		t.Errorf("%d drawings", strings.Count(page, "<svg"))
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if m[1] != "https://arxiv.org/abs/2009.13094" && !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "data:text/csv;base64,") {
			t.Errorf("the page needs %s", m[1])
		}
	}
}

func withRate(runs []*Run, rate float64) []*Run {
	for _, r := range runs {
		r.Report.Run.LearningRate = rate
	}
	return runs
}

// TestInputsStay: a comparison only reads its runs.
func TestInputsStay(t *testing.T) {
	runs := usual().runs(1)
	var before, after bytes.Buffer
	for _, r := range runs {
		report.Write(&before, r.Report)
	}
	written(t, compared(t, runs, DefaultSettings()))
	for _, r := range runs {
		report.Write(&after, r.Report)
	}
	if !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Error("the reports were modified")
	}
}

func TestSymbolsHaveNoCapitals(t *testing.T) {
	for text, want := range map[string]string{"gamma": "gamma", "g2 of losses": "g2 of losses", "tr Sigma, direct": "tr Sigma, direct", "gradient": "Gradient", "test loss": "Test loss"} {
		if got := sentence(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestCheckpointsWithoutDiverged: a run that diverged early, here the first, takes no checkpoint from the others, and each number has its column.
func TestCheckpointsWithoutDiverged(t *testing.T) {
	p := planted{alphas: []float64{1, 2}, batches: []int{100}, seeds: 1, spread: 0.1, diverged: func(r *Run) bool { return r.Alpha() == 1 }}
	runs := p.runs(1)
	runs[0].Report.Checkpoints = runs[0].Report.Checkpoints[:1]
	r := compared(t, runs, DefaultSettings()).Groups[0]
	if len(r.Checkpoints) != 2 {
		t.Fatalf("%d steps, of the run that did not diverge 2", len(r.Checkpoints))
	}
	table := r.checkpointTable()
	for _, row := range table.Rows {
		if len(row) != len(table.Header) {
			t.Errorf("%d numbers in %d columns", len(row), len(table.Header))
		}
	}
}
