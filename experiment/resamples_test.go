package experiment

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// TestResamples: the setting reaches the analysis, of files as well, and the document names what is not the default.
func TestResamples(t *testing.T) {
	c := small()
	c.Steps, c.Draws, c.Checkpoints, c.Resamples = 1, 0, "0", 1024
	rep, dir := mustRun(t, c)
	if text := document(t, rep); !strings.Contains(text, `"resamples": 1024,`) {
		t.Error("the report does not name its resamples")
	}
	for _, row := range rep.Checkpoints[0].Enhancement {
		if row.Evidence == enhancement.Resampled && row.Draws != 1024/8 {
			t.Errorf("f at alpha %g: %d pairs", row.Alpha, row.Draws)
		}
	}
	s := DefaultFileSettings()
	s.Resamples = 1024
	g, _, err := AnalyseFiles([]string{dir.checkpoint(0, gradientsFile)}, s, Observer{})
	if err != nil || g.Checkpoints[0].Enhancement[0].Draws != 1024/8 {
		t.Errorf("files: %v", err)
	}
	s.Resamples = shape.FewestResamples - 1
	var usage *UsageError
	if _, _, err := AnalyseFiles([]string{dir.checkpoint(0, gradientsFile)}, s, Observer{}); !errors.As(err, &usage) {
		t.Errorf("files with too few: %v", err)
	}
}

// TestRunBeforeResamples: run.json of a version without the setting means the default, which a report does not name.
func TestRunBeforeResamples(t *testing.T) {
	c := small()
	c.Record, c.Steps, c.Draws, c.Checkpoints, c.Resamples = RecordNone, 1, 0, "1", shape.DefaultResamples
	rep, dir := mustRun(t, c)
	if strings.Contains(document(t, rep), `"resamples"`) {
		t.Error("the report names the default")
	}
	asEarlier(t, dir)
	edit(t, dir.RecordPath(), ",\n    \"resamples\": 16384", "")
	if record, err := dir.readRecord(); err != nil || record.Config.Resamples != shape.DefaultResamples {
		t.Errorf("resamples %d, %v", record.Config.Resamples, err)
	}
	if _, err := Resume(context.Background(), string(dir), 0, Observer{}); err != nil {
		t.Error(err)
	}
}
