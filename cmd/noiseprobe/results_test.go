package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestResultsPages runs the commands of pages that print what there is, on files of the repository, and expects the pages' own words.
func TestResultsPages(t *testing.T) {
	numtest.NeedFull(t, "what the pages of docs print")
	t.Parallel()
	for _, page := range []string{"docs/results.md", "docs/noise-scale.md"} {
		checkOutputs(t, page)
	}
}

// TestCriticalBatchPage repeats the measurement of its page.
func TestCriticalBatchPage(t *testing.T) {
	numtest.NeedFull(t, "the page of critical-batch")
	t.Parallel()
	page, err := os.ReadFile("../../docs/critical-batch.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		command, want, _ := strings.Cut(strings.TrimPrefix(block[1], "$ "), "\n")
		p := exec.Command("sh", "-c", command)
		p.Dir = dir
		got, err := p.Output()
		if text := strings.TrimRight(string(got), "\n"); err != nil || want != "" && text != want {
			t.Errorf("%s: %v\n%s\nthe page has\n%s", command, err, text, want)
		}
	}
}

func checkOutputs(t *testing.T, name string) {
	t.Helper()
	page, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	blocks := fence.FindAllStringSubmatch(string(page), -1)
	checked := 0
	for _, block := range blocks {
		command, want, found := strings.Cut(strings.TrimPrefix(block[1], "$ "), "\n")
		if !found || !strings.HasPrefix(command, "noiseprobe ") {
			continue
		}
		p := exec.Command("sh", "-c", command)
		p.Dir = "../.."
		got, err := p.Output()
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		if text := strings.TrimRight(string(got), "\n"); text != want {
			t.Errorf("%s prints\n%s\nthe page has\n%s", command, text, want)
		}
		checked++
	}
	if checked == 0 {
		t.Errorf("%s has no command with its output", name)
	}
}
