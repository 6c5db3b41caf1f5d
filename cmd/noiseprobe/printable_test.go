package main

import (
	"strings"
	"testing"
)

func TestPrintableLine(t *testing.T) {
	long := "a.npy: layer " + strings.Repeat("é", 10_000) + " has no samples"
	for text, want := range map[string]string{
		"naïve ± 5%: 大": "naïve ± 5%: 大",
		"a\x1b[2J\nb":   `a\u001b[2J\nb`,
		"\u202e\u009b":  `\u202e\u009b`,
		"\x9b\xff�":     `\x9b\xff�`,
		long:            long[:len("a.npy: layer ")] + strings.Repeat("é", 649) + " ... " + strings.Repeat("é", 318) + " has no samples",
	} {
		if got := printableLine(text); got != want {
			t.Errorf("%.40q: %q, want %q", text, got, want)
		}
	}
}

// TestPrintableWriter: lines and tabs stay, and what the caller is told is the length of its text.
func TestPrintableWriter(t *testing.T) {
	var b strings.Builder
	const text = "{\"a\": \"\x7f\"}\n\t\x1b]0;x\a"
	n, err := printableWriter{&b}.Write([]byte(text))
	if want := "{\"a\": \"\\u007f\"}\n\t\\u001b]0;x\\u0007"; n != len(text) || err != nil || b.String() != want {
		t.Errorf("%d, %v, %q, want %q", n, err, b.String(), want)
	}
}
