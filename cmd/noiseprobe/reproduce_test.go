package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestModelsBeforeAnError: what was made of c2 is printed, though the runs of f1, which comes later, do not belong together.
func TestModelsBeforeAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, run := range []string{"alpha1-batch300-seed1", "alpha1-batch300-seed2"} {
		if err := os.CopyFS(filepath.Join(dir, "f1-quick", run), os.DirFS(filepath.Join("../../docs/results/f1-quick", run))); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "f1-quick/alpha1-batch300-seed2/report.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(`"learning_rate": 0.001`), []byte(`"learning_rate": 0.002`), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	p := exec.Command("noiseprobe", "reproduce", "fig2", "-scale", "quick", "-out", dir, "-collect")
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := p.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("%v", err)
	}
	if want := "its runs differ in more than alpha, B and seed: learning rate 0.001, and 0.002"; !strings.Contains(stderr.String(), want) {
		t.Errorf("%q", stderr.String())
	}
	if !strings.Contains(stdout.String(), "c2, scale quick") {
		t.Errorf("%q", stdout.String())
	}
}
