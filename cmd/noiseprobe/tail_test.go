package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What analyze must refuse is no sample either: status 1, one line that names the file, nothing printed.
func TestTailRefusesBadFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/vectors/analyze/bad/*.[ns]*")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d bad files: %v", len(files), err)
	}
	for _, file := range files {
		if filepath.Base(file) == "one_row.npy" {
			continue // a sample
		}
		var stdout, stderr strings.Builder
		p := exec.Command("noiseprobe", "tail", file)
		p.Stdout, p.Stderr = &stdout, &stderr
		var exit *exec.ExitError
		if err := p.Run(); !errors.As(err, &exit) || exit.ExitCode() != statusFailed {
			t.Errorf("%s: %v, want status 1", file, err)
		}
		if text := stderr.String(); stdout.Len() > 0 || !refusal.MatchString(text) || !strings.Contains(text, filepath.Base(file)) {
			t.Errorf("%s: printed %q and %q", file, stdout.String(), text)
		}
	}
}
