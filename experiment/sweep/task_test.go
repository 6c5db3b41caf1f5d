package sweep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// sweepOf is a directory with a sweep of two runs that have not begun.
func sweepOf(t *testing.T) directory {
	t.Helper()
	r, err := planned(t, tinySweep+"alpha=1,2")
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t.TempDir())
	if err := d.write(r); err != nil {
		t.Fatal(err)
	}
	return d
}

func begin(t *testing.T, d directory, index int) *Task {
	t.Helper()
	task, err := BeginTask(context.Background(), string(d), index, fewFlags{})
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// TestBeginTask: a run is one process's at a time, and a run that is over is nobody's.
func TestBeginTask(t *testing.T) {
	d := sweepOf(t)
	task := begin(t, d, 1)
	if got := strings.Join(task.Arguments, " "); !strings.Contains(got, "-workers=1") || !strings.Contains(got, "-alpha=2") {
		t.Error(got)
	}
	soon, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if again, err := BeginTask(soon, string(d), 1, fewFlags{}); again != nil || err == nil {
		t.Errorf("a second time: %v, %v", again, err)
	}
	if err := task.End(errors.New("no space")); err == nil || err.Error() != "no space" {
		t.Error(err)
	}
	if reason, err := d.failure("alpha2-seed1"); reason != "no space" || err != nil {
		t.Errorf("%q, %v", reason, err)
	}

	task = begin(t, d, 1)
	if reason, err := d.failure("alpha2-seed1"); reason != "" || err != nil {
		t.Errorf("%q, %v", reason, err)
	}
	ended(t, d, "alpha2-seed1", report.Training{Stopped: report.StoppedDiverged})
	if err := task.End(errors.New("training diverged")); err != nil {
		t.Errorf("a divergence is a result: %v", err)
	}
	if task := begin(t, d, 1); task != nil {
		t.Error("a run that is over was begun")
	}
}

// TestRequeue: a run that goes on is queued again; one that comes no further fails, and so does one that Slurm does not take.
func TestRequeue(t *testing.T) {
	d := sweepOf(t)
	asked := filepath.Join(t.TempDir(), "asked")
	fakeSlurm(t, "scontrol", `echo "$@" >"`+asked+`"; [ "$2" = 7 ] || { echo "slurm_requeue error: disabled" >&2; exit 1; }`)
	t.Setenv("SLURM_JOB_ID", "7")
	name, want := "alpha1-seed1", "came no step further within the time limit"
	if err := begin(t, d, 0).Requeue(); err == nil || err.Error() != want {
		t.Error(err)
	}
	if reason, _ := d.failure(name); reason != want {
		t.Error(reason)
	}
	if text, err := os.ReadFile(asked); err == nil {
		t.Errorf("scontrol %s", text)
	}

	task := begin(t, d, 0)
	task.before.Step = -1
	if err := task.Requeue(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(asked); string(text) != "requeue 7\n" {
		t.Errorf("scontrol %s, %v", text, err)
	}

	// The last task of an array has the array's number, and that would queue all of them again.
	t.Setenv("SLURM_ARRAY_JOB_ID", "7")
	t.Setenv("SLURM_ARRAY_TASK_ID", "2")
	if got := slurmTaskID(); got != "7_2" {
		t.Errorf("the last task is %s", got)
	}
	t.Setenv("SLURM_ARRAY_JOB_ID", "")

	t.Setenv("SLURM_JOB_ID", "8")
	task = begin(t, d, 0)
	task.before.Step = -1
	if err := task.Requeue(); err == nil || !strings.HasSuffix(err.Error(), "was not queued again: scontrol: disabled") {
		t.Error(err)
	}
}
