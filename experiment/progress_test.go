package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestNoReport: a run that is about to be killed leaves its state and no report.
func TestNoReport(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	steps := 0
	observer := Observer{Progress: func(phase string, _, _ int) {
		if steps++; steps == 15 {
			cancel(fmt.Errorf("killed: %w", ErrNoReport))
		}
	}}
	rep, dir, err := Run(ctx, small(), filepath.Join(t.TempDir(), "run"), false, observer)
	if rep != nil || !errors.Is(err, ErrNoReport) {
		t.Fatalf("%v, %v", rep, err)
	}
	if _, err := os.Stat(dir.ReportPath()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("report: %v", err)
	}
	if p := dir.Progress(); p.Step == 0 || p.Recorded < 0 {
		t.Errorf("%+v", p)
	}
}
