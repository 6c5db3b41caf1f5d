package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestResultsPages runs the commands of a page that print what there is, on files of the repository, and expects the page's own words.
func TestResultsPages(t *testing.T) {
	numtest.NeedFull(t, "what docs/results.md prints")
	t.Parallel()
	checkOutputs(t, "docs/results.md")
}

// TestNoiseScalePage does so with logs of norms, and expects the figure of its page.
func TestNoiseScalePage(t *testing.T) {
	t.Parallel()
	checkOutputs(t, "docs/noise-scale.md")
	dir := filepath.Join(t.TempDir(), "page")
	noiseprobeIn(t, "../../testdata/pytorch", "noise-scale", "norms.csv", "-windows", "8", "-out", dir)
	got, err := os.ReadFile(filepath.Join(dir, "figures/noise-scale.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile("../../docs/figures/noise-scale.svg"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/figures/noise-scale.svg is another figure than that of -out (%v)", err)
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
