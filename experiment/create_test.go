package experiment

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestARunHasOneProcess: beside a process that has the lock of a run, nothing else works in its directory, and the way out is not to resume it.
func TestARunHasOneProcess(t *testing.T) {
	_, whole := leastOnce.copied(t)
	d := copyOf(t, whole)
	if err := os.Remove(d.ReportPath()); err != nil {
		t.Fatal(err)
	}
	lock, err := d.lock(Observer{})
	if err != nil {
		t.Fatal(err)
	}
	before := contents(t, d)
	export, files, analysis := DefaultExportSettings(), DefaultFileSettings(), DefaultFileSettings()
	export.Out, files.Diagonal, analysis.Out = d.path("figures", "x.npy"), d.path("x.npy"), d.path("analysis")
	gradients := whole.checkpoint(0, gradientsFile)
	commands := map[string]func() error{
		"run": func() error {
			_, _, err := Run(context.Background(), least(), string(d), false, Observer{})
			return err
		},
		"force": func() error { _, _, err := Run(context.Background(), least(), string(d), true, Observer{}); return err },
		"inside": func() error {
			_, _, err := Run(context.Background(), least(), d.path("a", "b"), false, Observer{})
			return err
		},
		"resume":   func() error { _, err := Resume(context.Background(), string(d), 0, Observer{}); return err },
		"report":   func() error { _, err := Render(string(d), Drawing{}); return err },
		"export":   func() error { _, err := Export(context.Background(), string(d), export, Observer{}); return err },
		"diagonal": func() error { _, _, err := AnalyseFiles([]string{gradients}, files, Observer{}); return err },
		"analysis": func() error { _, _, err := AnalyseFiles([]string{gradients}, analysis, Observer{}); return err },
	}
	for name, command := range commands {
		var busy *BusyError
		if err := command(); !errors.As(err, &busy) {
			t.Errorf("%s beside the process of the run: %v", name, err)
		}
	}
	if _, _, err := Analyse(string(d), Observer{}); err == nil || !strings.Contains(err.Error(), "another process carries it out") {
		t.Errorf("analyse: %v", err)
	}
	sameFiles(t, contents(t, d), before)
	lock.Close()
	if err := commands["report"](); err == nil || !strings.Contains(err.Error(), "-resume") {
		t.Errorf("report of a run that no process carries out: %v", err)
	}
	for _, name := range []string{"export", "resume", "report"} {
		if err := commands[name](); err != nil {
			t.Errorf("%s afterwards: %v", name, err)
		}
	}
}

// TestOnlyOwnRunsAreReplaced: a run.json of another program does not make a run.
func TestOnlyOwnRunsAreReplaced(t *testing.T) {
	for name, text := range map[string]string{"npm": `{"scripts": {}}`, "another schema": `{"schema": "noiseprobe/sweep/1"}`, "no JSON": "run", "empty": ""} {
		dir := filepath.Join(t.TempDir(), "precious")
		if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "run.json"), []byte(text), 0o644),
			os.WriteFile(filepath.Join(dir, "thesis.tex"), []byte("years"), 0o644)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Run(context.Background(), least(), dir, true, Observer{}); err == nil || !strings.Contains(err.Error(), "is not a run directory") {
			t.Errorf("%s: %v", name, err)
		}
		var exists *ExistsError
		if _, _, err := Run(context.Background(), least(), dir, false, Observer{}); !errors.As(err, &exists) || !exists.Foreign {
			t.Errorf("%s, not forced: %v", name, err)
		}
		if text, _ := os.ReadFile(filepath.Join(dir, "thesis.tex")); string(text) != "years" {
			t.Errorf("%s: the other file is gone", name)
		}
	}
}

func TestLinksAreNotReplaced(t *testing.T) {
	_, whole := leastOnce.copied(t)
	link, dangling := filepath.Join(t.TempDir(), "link"), filepath.Join(t.TempDir(), "dangling")
	if err := errors.Join(os.Symlink(string(whole), link), os.Symlink("nowhere", dangling)); err != nil {
		t.Skip("NOT TESTED: this system has no links: ", err)
	}
	for _, path := range []string{link, dangling} {
		for _, force := range []bool{false, true} {
			_, _, err := Run(context.Background(), least(), path, force, Observer{})
			if err == nil || err.Error() != path+": is a symbolic link, and is not replaced: give another name" {
				t.Errorf("force %t: %v", force, err)
			}
		}
	}
	if _, err := Resume(context.Background(), link, 0, Observer{}); err != nil {
		t.Errorf("a run under another name: %v", err)
	}
}

// TestLeftoversAreCleared: what a killed process leaves beside a run directory is removed by the next command, an earlier run that had just
// stepped aside is put back, and what is locked or no run stays.
func TestLeftoversAreCleared(t *testing.T) {
	_, whole := leastOnce.copied(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "run")
	leave := func(name string, with bool) string {
		t.Helper()
		path := filepath.Join(parent, name)
		err := os.Mkdir(path, 0o755)
		if with {
			err = os.CopyFS(path, os.DirFS(string(whole)))
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	gone := []string{leave(".run.tmp-1", false), leave(".run.tmp-2", true), leave(".run.tmp-3.old", true)}
	locked, other, foreign := leave(".run.tmp-4", true), leave(".runs.tmp-5", true), leave(".run.tmp-6", false)
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	lock, err := Directory(locked).lock(Observer{})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, _, err := Analyse(dir, Observer{}); err != nil {
		t.Errorf("the run that stepped aside: %v", err)
	}
	for _, path := range gone {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range []string{locked, other, foreign, dir} {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}

// TestForceReplacesWhole: the new run has nothing of the earlier one, and nothing is left beside it.
func TestForceReplacesWhole(t *testing.T) {
	_, whole := leastOnce.copied(t)
	d := copyOf(t, whole)
	c := least()
	c.Seed, c.Checkpoints = 2, "3"
	if _, _, err := Run(context.Background(), c, string(d), true, Observer{}); err != nil {
		t.Fatal(err)
	}
	if steps, err := d.Checkpoints(); err != nil || len(steps) != 1 {
		t.Errorf("checkpoints %v, %v", steps, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(string(d))); len(entries) != 1 {
		t.Errorf("left beside it: %v", entries)
	}
}
