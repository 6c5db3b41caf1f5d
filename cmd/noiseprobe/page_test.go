package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFold: by hand, at the width and one column below it; a word longer than that stands alone.
func TestFold(t *testing.T) {
	const text = "one two\nthree extraordinarily four"
	for width, want := range map[int]string{
		13: "- one two\n  three\n  extraordinarily\n  four\n",
		15: "- one two three\n  extraordinarily\n  four\n",
		80: "- one two three extraordinarily four\n",
	} {
		var b bytes.Buffer
		page{&b, width}.fold("- ", "  ", text)
		if b.String() != want {
			t.Errorf("width %d: %q, want %q", width, b.String(), want)
		}
	}
}

// TestCommandLines: a shell reads a long command as it was, and no line is broken but before a flag.
func TestCommandLines(t *testing.T) {
	var b bytes.Buffer
	page{&b, 40}.command("noiseprobe run -model '[64],[32]' -alpha 3 -until-converged -out small")
	want := "    noiseprobe run -model '[64],[32]' \\\n        -alpha 3 -until-converged \\\n        -out small\n"
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
}

// TestHelpIsAsWideAsAsked: lines are within the width, and no word is lost, whatever it is. What cannot be broken are
// single words, and what is between two flags of a command.
func TestHelpIsAsWideAsAsked(t *testing.T) {
	words := func(width int, c command) []string {
		var b bytes.Buffer
		printHelp(page{&b, width}, c)
		text := strings.ReplaceAll(b.String(), " \\\n", "\n")
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			rest := strings.TrimSpace(strings.TrimSuffix(line, ` \`))
			if len(line) > width && strings.Contains(rest, " ") && !strings.Contains(c.example, rest) {
				t.Errorf("%s, width %d: %d columns: %s", c.name, width, len(line), line)
			}
		}
		return strings.Fields(text)
	}
	for _, c := range commands() {
		wide := words(1000, c)
		for _, width := range []int{pipeWidth, 60} {
			if narrow := words(width, c); !slices.Equal(narrow, wide) {
				t.Errorf("%s: %d words in %d columns, want %d", c.name, len(narrow), width, len(wide))
			}
		}
	}
}

// TestResultsAreAsWideAsTheTerminal: where a terminal has fewer columns than 80, or more, the text follows it.
func TestResultsAreAsWideAsTheTerminal(t *testing.T) {
	log := filepath.Join(t.TempDir(), "norms.csv")
	rows := []string{"step,small_batch,small_norm_sq,big_batch,big_norm_sq"}
	for i := range 200 {
		rows = append(rows, fmt.Sprintf("%d,32,%d,64,%d", i, 40+i%7, 22+i%5))
	}
	if err := os.WriteFile(log, []byte(strings.Join(rows, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	widest := func(width int) (most int) {
		var out bytes.Buffer
		s := &session{stdout: &out, stderr: io.Discard, width: width}
		if err := s.dispatch([]string{"noise-scale", log}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			most = max(most, utf8.RuneCountInString(strings.TrimSpace(line)))
		}
		return most
	}
	if narrow, wide := widest(50), widest(120); narrow > 50 || wide <= 80 || wide > 120 {
		t.Errorf("lines of %d columns in 50, of %d in 120", narrow, wide)
	}
}
