package compare

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// saved writes runs below root, each in the folder of its name.
func saved(t *testing.T, root string, runs []*Run) {
	t.Helper()
	for _, r := range runs {
		save(t, r, filepath.Join(root, r.Dir))
	}
}

func few() planted {
	return planted{alphas: []float64{1, 2}, batches: []int{100, 500}, seeds: 2, spread: 0.1}
}

func TestRead(t *testing.T) {
	root := t.TempDir()
	saved(t, filepath.Join(root, "sweep"), few().runs(1))
	for name, dirs := range map[string][]string{
		"a sweep":            {filepath.Join(root, "sweep")},
		"a folder of sweeps": {root},
		"the same twice":     {root, filepath.Join(root, "sweep")},
	} {
		set, err := Read(dirs)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(set.Groups) != 1 || len(set.Groups[0].Runs) != 8 || len(set.Groups[0].Cells) != 4 || len(set.LeftOut) != 0 {
			t.Errorf("%s: %+v", name, set)
		}
	}
	set, err := Read([]string{filepath.Join(root, "sweep", "alpha1-batch100-seed1"), filepath.Join(root, "sweep", "alpha2-batch500-seed1")})
	if err != nil || len(set.Groups[0].Runs) != 2 {
		t.Errorf("two runs: %+v, %v", set, err)
	}
	g := set.Groups[0]
	if c := g.Cell(2, 500); c == nil || c.BEff() != 100 || c.F() != 5 || c.Runs[0].SamplesPerStep() != 1000 || g.Cell(2, 100) != nil {
		t.Errorf("the cell of alpha 2 and B 500: %+v", c)
	}
	if g.Cell(1, 100).Runs[0].SamplesPerStep() != 100 {
		t.Error("plain SGD reads B samples a step")
	}
}

// TestReadLeavesOut: what cannot be compared is listed with the reason, and the others are compared.
func TestReadLeavesOut(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir string)
		want   string
	}{
		"no report":        {func(t *testing.T, dir string) { remove(t, dir, "report.json") }, "unfinished: has no report.json"},
		"no metrics":       {func(t *testing.T, dir string) { remove(t, dir, "metrics.csv") }, "unfinished: has no metrics.csv"},
		"truncated report": {func(t *testing.T, dir string) { cut(t, dir, "report.json") }, "report.json: not a report: unexpected end"},
		"half a row":       {func(t *testing.T, dir string) { cut(t, dir, "metrics.csv") }, "metrics.csv:"},
		"another schema":   {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "report.json"), `{"schema": "x"}`) }, `schema is "x"`},
		"not a run": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "report.json"), `{"schema": "noiseprobe/report/1"}`)
		}, "is no report of a run"},
		"steps go back": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "metrics.csv"), report.MetricsHeader+"\n5,0,1,1,1,1,1\n3,0,1,1,1,1,1\n")
		}, "step 3 comes after step 5"},
	} {
		root := t.TempDir()
		saved(t, root, few().runs(1))
		c.damage(t, filepath.Join(root, "alpha1-batch100-seed2"))
		set, err := Read([]string{root})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(set.Groups[0].Runs) != 7 || len(set.LeftOut) != 1 || !strings.Contains(set.LeftOut[0].Reason, c.want) {
			t.Errorf("%s: %+v, want %s", name, set.LeftOut, c.want)
		}
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	write(t, filepath.Join(dir, "run.json"), "{}")
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// cut keeps all but the last 12 bytes.
func cut(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-12)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadInterrupted(t *testing.T) {
	root := t.TempDir()
	runs := few().runs(1)
	runs[0].Report.Training.Stopped = report.StoppedInterrupted
	saved(t, root, runs)
	set, err := Read([]string{root})
	if err != nil || len(set.LeftOut) != 1 || !strings.Contains(set.LeftOut[0].Reason, "interrupted after") {
		t.Errorf("%+v, %v", set, err)
	}
}

func TestReadRefuses(t *testing.T) {
	root := t.TempDir()
	if _, err := Read([]string{root}); err == nil || err.Error() != root+": holds no runs" {
		t.Errorf("no runs: %v", err)
	}
	if _, err := Read([]string{filepath.Join(root, "nowhere")}); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("no directory: %v", err)
	}
	dir := filepath.Join(root, "a")
	save(t, few().runs(1)[0], dir)
	remove(t, dir, "report.json")
	if _, err := Read([]string{root}); err == nil || !strings.Contains(err.Error(), "no run can be compared: "+dir+": unfinished") {
		t.Errorf("no finished run: %v", err)
	}
}

// TestReadCopies: a copy is left out, another result of the same settings and seed is an error that names both.
func TestReadCopies(t *testing.T) {
	root := t.TempDir()
	runs := few().runs(1)
	saved(t, filepath.Join(root, "a"), runs)
	saved(t, filepath.Join(root, "b"), runs[:1])
	set, err := Read([]string{root})
	if err != nil || len(set.Groups[0].Runs) != 8 || len(set.LeftOut) != 1 || !strings.Contains(set.LeftOut[0].Reason, "a copy of") {
		t.Errorf("%+v, %v", set, err)
	}
	// When and where a run was carried out is no result.
	again := few().runs(1)[:1]
	again[0].Report.Training.Seconds, again[0].Report.Run.Workers, again[0].Report.Run.Data.Source = 99, 7, "/elsewhere"
	again[0].Metrics[1].Seconds = 42
	saved(t, filepath.Join(root, "b"), again)
	if set, err = Read([]string{root}); err != nil || len(set.LeftOut) != 1 || !strings.Contains(set.LeftOut[0].Reason, "a copy of") {
		t.Errorf("%+v, %v", set, err)
	}
	saved(t, filepath.Join(root, "b"), few().runs(2)[:1])
	_, err = Read([]string{root})
	name := runs[0].Dir
	if err == nil || !strings.Contains(err.Error(), filepath.Join("a", name)) || !strings.Contains(err.Error(), filepath.Join("b", name)) {
		t.Errorf("%v", err)
	}
}

// TestGroups: runs with different settings are in different groups, which say what differs.
func TestGroups(t *testing.T) {
	runs := append(few().runs(1), few().runs(2)...)
	for _, r := range runs[8:] {
		r.Report.Run.LearningRate = 0.01
	}
	c := compared(t, runs, DefaultSettings())
	if len(c.Groups) != 2 || len(c.Groups[0].Runs) != 8 || len(c.Groups[1].Runs) != 8 {
		t.Fatalf("%d groups", len(c.Groups))
	}
	if got := strings.Join(c.differing(1), ", "); got != "learning rate 0.01" {
		t.Errorf("what differs: %q", got)
	}
	runs[0].Report.Run.Version, runs[1].Report.Run.BLAS, runs[2].Report.Checkpoints[1].Units = "2", "other", 64
	if got := groupsOf(runs[:8]); len(got) != 1 || len(got[0].notes()) != 1 || !strings.Contains(got[0].notes()[0], "different versions of noiseprobe: 2, 1") {
		t.Errorf("%d groups, %v", len(got), got[0].notes())
	}
}

// TestCriteriaAreSettings: the runs of a group share the criterion of convergence and the samples of evaluation; a report without a criterion is in
// another group.
func TestCriteriaAreSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*report.Run)
		differ string
	}{
		"L**":            {func(r *report.Run) { r.LStop = 0.1 }, "criterion L* 0.01, L** 0.1 by epoch, until converged"},
		"loss measure":   {func(r *report.Run) { r.LossMeasure = "full" }, "criterion L* 0.01, L** 0.001 by full, until converged"},
		"fixed steps":    {func(r *report.Run) { r.UntilConverged = false }, "criterion L* 0.01, L** 0.001 by epoch"},
		"evaluation":     {func(r *report.Run) { r.Eval = 500 }, "evaluated on at most 500 samples"},
		"an old report":  {func(r *report.Run) { r.LossMeasure = "" }, "criterion not recorded"},
		"another number": {func(r *report.Run) { r.Workers = 7 }, ""},
	} {
		runs := few().runs(1)
		for _, r := range runs {
			r.Report.Run.LStar, r.Report.Run.LStop, r.Report.Run.LossMeasure, r.Report.Run.UntilConverged = 0.01, 0.001, "epoch", true
		}
		for _, r := range runs[4:] {
			c.change(&r.Report.Run)
		}
		got := compared(t, runs, DefaultSettings())
		if len(got.Groups) == 1 && c.differ == "" {
			continue
		}
		if differ := strings.Join(got.differing(1), ", "); len(got.Groups) != 2 || differ != c.differ {
			t.Errorf("%s: %d groups, %q", name, len(got.Groups), differ)
		}
	}
}

// TestDivergedBeforeACheckpoint: a run without any checkpoint is counted in its cell.
func TestDivergedBeforeACheckpoint(t *testing.T) {
	p := few()
	first := true
	p.diverged = func(*Run) bool { defer func() { first = false }(); return first }
	runs := p.runs(1)
	runs[0].Report.Checkpoints = nil
	c := compared(t, runs, DefaultSettings())
	if len(c.Groups) != 1 || c.Groups[0].Cells[0].Diverged != 1 || c.Groups[0].Cells[0].quantity("test_accuracy").Missing != 1 {
		t.Errorf("%d groups, %+v", len(c.Groups), c.Groups[0].Cells[0])
	}
}
