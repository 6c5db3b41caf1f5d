package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// tinySweep are two runs, one after the other, of half a second or so each.
func tinySweep(dir string) []string {
	return append([]string{"sweep"}, strings.Fields("-data "+few+" -model [8] -batch 50 -steps 800 -units 8 -draws 0 -eval 50 -resamples 512 -checkpoints 0,50,800 "+
		"-seeds 2 -blas builtin -jobs 1 -out "+dir)...)
}

// underway starts a sweep and waits until its first run trains.
func underway(t *testing.T, dir, name string) *started {
	t.Helper()
	p := start(t, dir, tinySweep(name)...)
	await(t, filepath.Join(dir, name, "seed1/checkpoints/000050/gradients.safetensors"))
	return p
}

func state(t *testing.T, dir string) *sweep.Summary {
	t.Helper()
	s, err := sweep.Status(t.Context(), dir, settings{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSweepGoesOn: a sweep that is killed, and then interrupted, ends with the runs that it would have had. Meanwhile others can
// see how it stands, and cannot disturb it.
func TestSweepGoesOn(t *testing.T) {
	t.Parallel()
	numtest.NeedFull(t, "a sweep that is killed and interrupted")
	dir := t.TempDir()
	p := underway(t, dir, "a")
	if s := state(t, filepath.Join(dir, "a")); !s.Active || s.Running != 1 || s.Waiting != 1 {
		t.Errorf("while it runs: %+v", s)
	}
	second := start(t, dir, "sweep", "-out", "a")
	if got := status(t, second.Cmd); got != statusFailed || second.stderr.String() != "noiseprobe: a: another sweep is running there\n" {
		t.Errorf("a second sweep: status %d: %s", got, second.stderr.String())
	}
	p.Process.Kill()
	p.Wait()
	if s := state(t, filepath.Join(dir, "a")); s.Active {
		t.Errorf("after the kill: %+v", s)
	}

	p = start(t, dir, "sweep", "-out", "a", "-jobs", "1")
	await(t, filepath.Join(dir, "a/seed2/checkpoints/000050/gradients.safetensors"))
	p.Process.Signal(os.Interrupt)
	if got := status(t, p.Cmd); got != statusInterrupted {
		t.Fatalf("status %d: %s", got, p.stderr.String())
	}
	if want := "noiseprobe: interrupted\nhint: noiseprobe sweep -out a continues the sweep\n"; !strings.HasSuffix(p.stderr.String(), want) {
		t.Errorf("standard error: %q", p.stderr.String())
	}
	if s := state(t, filepath.Join(dir, "a")); s.Done != 1 || s.Interrupted != 1 {
		t.Errorf("after the interrupt: %+v", s)
	}
	finish(t, dir, "sweep", "-out", "a")
	finish(t, dir, tinySweep("b")...)
	for _, name := range []string{"seed1", "seed2"} {
		if difference, err := compareRuns(filepath.Join(dir, "b", name), filepath.Join(dir, "a", name)); difference != "" || err != nil {
			t.Error(difference, err)
		}
	}
}

// TestSettingsText: what a configuration has is what its runs are given, whatever the default of the flag.
func TestSettingsText(t *testing.T) {
	c := experiment.DefaultConfig()
	c.UntilConverged, c.Norms, c.Alpha = true, true, 3
	for flag, want := range map[string]string{"until-converged": "true", "norms": "true", "alpha": "3"} {
		if got := (settings{}).Text(c, flag); got != want {
			t.Errorf("-%s: %s, want %s", flag, got, want)
		}
	}
}
