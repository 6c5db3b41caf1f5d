package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// TestNoPanicIsWrongUsage: a panic is status 1 with a line of ours, and what cannot be recovered from is not 2 either.
func TestNoPanicIsWrongUsage(t *testing.T) {
	var stderr bytes.Buffer
	s, status := &session{stderr: &stderr}, 0
	func() {
		defer s.explainPanic(&status)
		panic("noise: no samples")
	}()
	if text := stderr.String(); status != statusFailed || !strings.HasPrefix(text, "noiseprobe: internal error: noise: no samples\nhint: ") {
		t.Errorf("status %d, %q", status, text)
	}
	out, err := exec.Command("fatal").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() == statusUsage || !strings.Contains(string(out), "stack overflow") {
		t.Errorf("%v, %.200s", err, out)
	}
}
