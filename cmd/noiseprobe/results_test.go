package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestResultsPage runs the commands of docs/results.md that print what there is, on the files beside it, and expects the page's own words.
func TestResultsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/results.md")
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
		t.Error("docs/results.md has no command with its output")
	}
}
