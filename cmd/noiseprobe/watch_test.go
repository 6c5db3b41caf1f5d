package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/experiment/live"
)

// TestWatchedInFewColumns: no line is wider than the terminal, and nothing is left out.
func TestWatchedInFewColumns(t *testing.T) {
	points := []live.Point{{Step: 1, Value: 2.25}, {Step: 2, Value: 1.125}}
	for _, width := range []int{20, 34, 40, 80} {
		var b bytes.Buffer
		v := view{&b, width, false}
		v.line("alpha1.5-batch100-seed1", live.Run{State: live.Interrupted, Step: 1200, Steps: 60000, Loss: &points[0]})
		v.curve("minibatch loss", points, document.Significant)
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns in %d: %s", n, width, line)
			}
		}
		for _, word := range []string{"alpha1.5-batch100", "interrupted", "1,200/60,000", "2.25", "minibatch loss", "1.12", "█▁"} {
			if !strings.Contains(b.String(), word) {
				t.Errorf("in %d columns %q is missing:\n%s", width, word, b.String())
			}
		}
	}
}

// TestWatchedWithExtremeNumbers: rows of a damaged losses.csv are drawn as they are, and no time is below 0.
func TestWatchedWithExtremeNumbers(t *testing.T) {
	if got := sparkline([]live.Point{{Step: 0, Value: -1e308}, {Step: 1, Value: 0}, {Step: 2, Value: 1e308}}); got != "▁▅█" {
		t.Errorf("bars %s", got)
	}
	if got := sparkline([]live.Point{{Step: 0, Value: 0}, {Step: 1, Value: math.SmallestNonzeroFloat64}}); got != "▁▁" {
		t.Errorf("bars of numbers whose halves are equal: %s", got)
	}
	var b bytes.Buffer
	if err := (view{&b, 40, false}).run(live.Run{Dir: t.TempDir(), State: live.Running, Step: math.MaxInt, Steps: 40}); err != nil {
		t.Fatal(err)
	}
	if bar := strings.Repeat("█", 40); !strings.Contains(b.String(), bar) {
		t.Errorf("no full bar:\n%s", b.String())
	}
	if got := strings.Join(progressWords(live.Run{State: live.Running, Steps: 1e12, Rate: 1}), ", "); !strings.HasSuffix(got, ", centuries left") {
		t.Errorf("%s", got)
	}
}
