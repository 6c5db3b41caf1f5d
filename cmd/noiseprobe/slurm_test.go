package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// needSlurm skips a test where there is no Slurm of tools/slurm/start.sh. Another one is somebody's, and not for tests.
func needSlurm(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sbatch"); err != nil {
		t.Skip("SKIPPED: there is no sbatch here; with Debian's slurm-wlm and munge, tools/slurm/start.sh starts a Slurm")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if text, _ := exec.CommandContext(ctx, "scontrol", "show", "config").Output(); !strings.Contains(string(text), "= noiseprobe\n") {
		t.Skip("SKIPPED: no controller of a test cluster answers; tools/slurm/start.sh starts one")
	}
}

// slurm runs a command of Slurm.
func slurm(t *testing.T, args ...string) {
	t.Helper()
	if text, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, text)
	}
}

// poll waits until a sweep stands as wanted.
func poll(t *testing.T, dir string, wanted func(*sweep.Summary) bool) *sweep.Summary {
	t.Helper()
	for range 600 {
		if s := state(t, dir); wanted(s) {
			return s
		}
		time.Sleep(200 * time.Millisecond)
	}
	text, _ := exec.Command("sh", "-c", "squeue; tail -n 5 "+dir+"/*.log "+dir+"/slurm/*").CombinedOutput()
	t.Fatalf("did not come to it: %+v\n%s", state(t, dir), text)
	return nil
}

// TestSlurm: of three runs as tasks of an array job, one is requeued, one makes place for a job that comes first, is cancelled, and is submitted
// again, and the last, which Slurm knows by the number of the array, hears that its time is up. Each gives what it gives undisturbed.
func TestSlurm(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 20 s")
	}
	needSlurm(t)
	dir := t.TempDir()
	flags := append([]string{"sweep"}, strings.Fields("-data synthetic -model [8] -batch 100 -steps 8000 -units 8 -draws 0 -eval 50 -resamples 512 "+
		"-checkpoints 0,50,8000 -blas builtin -seeds 3")...)
	array := filepath.Join(dir, "array")
	finish(t, dir, append(flags, "-executor=slurm", "-partition=test", "-time=5", "-sbatch=--comment=a b", "-out=array")...)
	job := state(t, array).Slurm.Jobs[0].ID
	t.Cleanup(func() { exec.Command("scancel", job).Run() })

	for _, name := range []string{"seed1", "seed2"} {
		await(t, filepath.Join(array, name, "checkpoints/000050/gradients.safetensors"))
	}
	slurm(t, "scontrol", "requeue", job+"_0")
	await(t, filepath.Join(array, "seed3/checkpoints/000050/gradients.safetensors"))
	slurm(t, "scancel", "--batch", "--signal=USR1", job+"_2")
	s := poll(t, array, func(s *sweep.Summary) bool { return s.Runs[2].Slurm != nil && s.Runs[2].Slurm.Requeued })
	if got := s.Runs[1].Slurm; got == nil || got.State != "RUNNING" {
		t.Errorf("task 1, when task 2 queued itself again: %+v", got)
	}
	slurm(t, "sbatch", "--partition=urgent", "--cpus-per-task=2", "--output=/dev/null", "--wrap=true")
	poll(t, array, func(s *sweep.Summary) bool { return s.Runs[1].Slurm != nil && s.Runs[1].Slurm.Requeued })
	if out, err := os.ReadFile(filepath.Join(array, "slurm", job+"_1.out")); err != nil || !strings.Contains(string(out), "DUE TO PREEMPTION") {
		t.Errorf("seed2 was not preempted: %s, %v", out, err)
	}
	slurm(t, "scancel", job+"_1")
	s = poll(t, array, func(s *sweep.Summary) bool { return s.Interrupted == 1 })
	if got := s.Runs[1].Slurm.State; got != "CANCELLED" || s.Queued() != 2 {
		t.Errorf("after scancel: %s, %d queued", got, s.Queued())
	}

	p := start(t, dir, "sweep", "-executor=slurm", "-out=array")
	if got := status(t, p.Cmd); got != 0 {
		t.Fatalf("status %d: %s", got, p.stderr.String())
	}
	for _, want := range []string{"2 runs are left to Slurm", "submitted 1 runs to Slurm"} {
		if !strings.Contains(p.stderr.String(), want) {
			t.Errorf("standard error: %q", p.stderr.String())
		}
	}
	undisturbed := start(t, dir, append(flags, "-out=local")...) // while those wait
	s = poll(t, array, func(s *sweep.Summary) bool { return s.Done == 3 })
	if len(s.Slurm.Jobs) != 2 || s.Queued() != 0 || s.Active {
		t.Errorf("at the end: %+v", s.Slurm)
	}

	if got := status(t, undisturbed.Cmd); got != 0 {
		t.Fatalf("status %d: %s", got, undisturbed.stderr.String())
	}
	for _, name := range []string{"seed1", "seed2", "seed3"} {
		if difference, err := compareRuns(filepath.Join(dir, "local", name), filepath.Join(array, name)); difference != "" || err != nil {
			t.Error(difference, err)
		}
		if log, err := os.ReadFile(filepath.Join(array, name+".log")); err != nil || !strings.Contains(string(log), "training state saved") {
			t.Errorf("%s was not interrupted: %s, %v", name, log, err)
		}
	}
}
