package sweep

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filelock"
)

func TestSpread(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values   []float64
		n        int
		mean, sd float64
	}{
		{nil, 0, nan, nan},
		{[]float64{nan}, 0, nan, nan},
		{[]float64{3}, 1, 3, nan},
		// Mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, over 7.
		{[]float64{2, 4, 4, 4, 5, 5, 7, 9, nan}, 8, 5, math.Sqrt(32. / 7)},
		{[]float64{1e9, 1e9 + 1}, 2, 1e9 + 0.5, math.Sqrt(0.5)},
	} {
		got := spreadOf(c.values)
		same := func(a estimate.Number, b float64) bool {
			return float64(a) == b || math.IsNaN(float64(a)) && math.IsNaN(b)
		}
		if got.N != c.n || !same(got.Mean, c.mean) || !same(got.SD, c.sd) {
			t.Errorf("%v: %+v, want %d, %g, %g", c.values, got, c.n, c.mean, c.sd)
		}
	}
}

// ended writes the report of a run.
func ended(t *testing.T, d directory, name string, training report.Training) {
	t.Helper()
	dir := d.run(name)
	if err := os.MkdirAll(string(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	rep := &report.Report{Schema: report.Schema, Training: training}
	if err := atomicfile.Write(dir.ReportPath(), func(w io.Writer) error { return report.Write(w, rep) }); err != nil {
		t.Fatal(err)
	}
}

func TestSummary(t *testing.T) {
	d := directory(t.TempDir())
	r, err := planned(t, tinySweep+"alpha=1,2 seed=1:4:1")
	if err != nil {
		t.Fatal(err)
	}
	steps := 30
	ended(t, d, "alpha1-seed1", report.Training{Stopped: report.StoppedConverged, ConvergenceTime: &steps, TestAccuracy: 0.5, TestLoss: 1})
	ended(t, d, "alpha1-seed2", report.Training{Stopped: report.StoppedMaxSteps, TestAccuracy: 0.7, TestLoss: 3})
	ended(t, d, "alpha1-seed3", report.Training{Stopped: report.StoppedDiverged, TestAccuracy: 0.1, TestLoss: 100})
	ended(t, d, "alpha1-seed4", report.Training{Stopped: report.StoppedInterrupted, TestAccuracy: 0.1, TestLoss: 100})
	if err := d.fail("alpha2-seed1", "no space"); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(d.logPath("alpha2-seed2"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if free, err := filelock.Try(log); !free || err != nil {
		t.Fatal(err)
	}
	s, err := d.summary(r, fewFlags{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, run := range s.Runs {
		states = append(states, run.State)
	}
	if want := "done done diverged interrupted failed running waiting waiting"; strings.Join(states, " ") != want {
		t.Errorf("%s, want %s", states, want)
	}
	if s.Done != 2 || s.Diverged != 1 || s.Interrupted != 1 || s.Failed != 1 || s.Running != 1 || s.Waiting != 2 || s.Active {
		t.Errorf("%+v", s)
	}
	p := s.Points[0]
	// Accuracies 0.5 and 0.7: mean 0.6, deviations 0.1, SD sqrt(0.02); losses 1 and 3: mean 2, SD sqrt(2).
	if len(s.Points) != 2 || p.Settings["alpha"] != "1" || p.Runs != 4 || p.Diverged != 1 || p.TestAccuracy.N != 2 ||
		math.Abs(float64(p.TestAccuracy.Mean)-0.6) > 1e-15 || math.Abs(float64(p.TestAccuracy.SD)-math.Sqrt(0.02)) > 1e-15 ||
		p.TestLoss.Mean != 2 || math.Abs(float64(p.TestLoss.SD)-math.Sqrt2) > 1e-15 ||
		p.ConvergenceTime.N != 1 || p.ConvergenceTime.Mean != 30 || p.ConvergenceTime.SD.Defined() {
		t.Errorf("%+v", s.Points)
	}
	if s.Points[1].TestLoss.N != 0 || s.Points[1].TestLoss.Mean.Defined() {
		t.Errorf("%+v", s.Points[1])
	}
}

// TestLeft: runs of 100 s and more, of which one has run for 40 s and two wait: 60 + 2*100 s, two at a time.
func TestLeft(t *testing.T) {
	d := directory(t.TempDir())
	now := time.Unix(1_000_000, 0)
	write := func(path string, before time.Duration) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, now.Add(-before)); err != nil {
			t.Fatal(err)
		}
	}
	s := &Summary{Runs: []Result{
		{Name: "a", State: Done, Training: &report.Training{}}, {Name: "b", State: Running}, {Name: "c", State: Waiting},
		{Name: "d", State: Interrupted}, {Name: "e", State: Failed},
	}}
	if left := s.left(d, 2, now); !math.IsNaN(left) {
		t.Errorf("before any run is over: %g", left)
	}
	write(d.run("a").RecordPath(), 300*time.Second)
	write(d.run("a").ReportPath(), 200*time.Second)
	write(d.run("b").RecordPath(), 40*time.Second)
	if left := s.left(d, 2, now); left != 130 {
		t.Errorf("%g seconds, want 130", left)
	}
}

func TestLock(t *testing.T) {
	d := directory(t.TempDir())
	if h, err := d.holder(); h != nil || err != nil {
		t.Errorf("before: %v, %v", h, err)
	}
	lock, err := d.lock()
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.describe(3); err != nil {
		t.Fatal(err)
	}
	if h, err := d.holder(); err != nil || h == nil || h.PID != os.Getpid() || h.Jobs != 3 {
		t.Errorf("while it is held: %v, %v", h, err)
	}
	if _, err := d.lock(); err == nil || err.Error() != string(d)+": another sweep is running there" {
		t.Errorf("a second lock: %v", err)
	}
	lock.release()
	if again, err := d.lock(); err != nil {
		t.Error(err)
	} else {
		again.release()
	}
}

// TestNoSweepWithinARunThatGoesOn: what another process may replace with -force is no place for a sweep.
func TestNoSweepWithinARunThatGoesOn(t *testing.T) {
	dir := t.TempDir()
	run, err := os.OpenFile(experiment.Directory(dir).RecordPath(), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if _, err := run.WriteString(`{"schema": "noiseprobe/run/1"}`); err != nil {
		t.Fatal(err)
	}
	if free, err := filelock.Try(run); err != nil || !free {
		t.Skipf("NOT TESTED: files cannot be locked here: %v", err)
	}
	var busy *experiment.BusyError
	if _, err := directory(filepath.Join(dir, "sweep")).begin(); !errors.As(err, &busy) {
		t.Error(err)
	}
}

// TestDamagedSweeps: a reader is told the file and what is wrong.
func TestDamagedSweeps(t *testing.T) {
	r, err := planned(t, tinySweep)
	if err != nil {
		t.Fatal(err)
	}
	for want, damage := range map[string]func(*sweepRecord){
		"schema":             func(r *sweepRecord) { r.Schema = "x" },
		"has no runs":        func(r *sweepRecord) { r.Runs = nil },
		"is not the name":    func(r *sweepRecord) { r.Runs[0].Name = "../x" },
		"there twice":        func(r *sweepRecord) { r.Runs = append(r.Runs, r.Runs[0]) },
		"must be at least 1": func(r *sweepRecord) { r.Runs[0].Config.Batch = 0 },
		"has no values":      func(r *sweepRecord) { r.Grid[0].Values = nil },
		"":                   func(r *sweepRecord) {},
	} {
		d := directory(t.TempDir())
		damaged := r
		damaged.Grid, damaged.Runs = append(Grid{}, r.Grid...), append([]plannedRun{}, r.Runs...)
		damage(&damaged)
		if err := d.write(damaged); err != nil {
			t.Fatal(err)
		}
		_, err := d.read()
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), d.recordPath()+": ") || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// TestEndedSinceSlurmWasAsked: a run that has ended is none that Slurm has, whatever it said a moment before.
func TestEndedSinceSlurmWasAsked(t *testing.T) {
	d := directory(t.TempDir())
	r, err := planned(t, tinySweep+"seed=1,2")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.writeJobs([]SlurmJob{{ID: "7", Runs: []int{0, 1}}}); err != nil {
		t.Fatal(err)
	}
	ended(t, d, "seed1", report.Training{Steps: 4, Stopped: report.StoppedMaxSteps})
	s, err := d.summary(r, fewFlags{}, map[int]*SlurmTask{0: {Job: "7", State: "RUNNING"}, 1: {Job: "7", Index: 1, State: "RUNNING"}})
	if err != nil || s.Done != 1 || s.Running != 1 || s.Queued() != 1 {
		t.Errorf("%d done, %d running, %d queued: %v", s.Done, s.Running, s.Queued(), err)
	}
}
