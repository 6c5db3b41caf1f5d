package main

import (
	"bufio"
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

// TestPrintableWriter: lines and tabs stay, what the caller is told is the length of its text, and a character may come in pieces.
func TestPrintableWriter(t *testing.T) {
	const text = "{\"a\": \"\x7f\"}\n\t∞ 😀\x1b]0;x\a\xe2\x88x\xe2\x88"
	const want = "{\"a\": \"\\u007f\"}\n\t∞ 😀\\u001b]0;x\\u0007\\xe2\\x88x\\xe2\\x88"
	for piece := 1; piece <= len(text); piece++ {
		var b strings.Builder
		w := &printableWriter{to: bufio.NewWriter(&b)}
		for rest := []byte(text); len(rest) > 0; rest = rest[min(piece, len(rest)):] {
			if n, err := w.Write(rest[:min(piece, len(rest))]); n != min(piece, len(rest)) || err != nil {
				t.Fatal(n, err)
			}
		}
		if err := w.Flush(); err != nil || b.String() != want {
			t.Errorf("%d bytes at a time: %q, want %q (%v)", piece, b.String(), want, err)
		}
	}
}
