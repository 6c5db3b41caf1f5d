package main

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestLine is the number of characters that a line to the user may have: more is a name that is not one, as in a damaged file.
const longestLine = 1000

// printableLine is a text as one line that a terminal shows and does not act on, without its middle if it is too long.
func printableLine(text string) string {
	text = escaped(text, func(r rune) bool { return !unicode.IsPrint(r) })
	if utf8.RuneCountInString(text) <= longestLine {
		return text
	}
	const omitted, end = " ... ", longestLine / 3
	runes := []rune(text)
	return string(runes[:longestLine-end-len(omitted)]) + omitted + string(runes[len(runes)-end:])
}

// escaped writes the characters that act, and bytes that are none, as JSON and Go do: \u001b.
func escaped(text string, acts func(rune) bool) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, acts) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case !acts(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		text = text[size:]
	}
	return b.String()
}

// printableWriter keeps from a terminal what is no text, until Flush.
type printableWriter struct {
	to  *bufio.Writer
	cut []byte // the beginning of a character that one call of Write has left to the next
}

func (w *printableWriter) Write(text []byte) (int, error) {
	all := append(w.cut, text...)
	whole := wholeCharacters(all)
	w.cut = slices.Clone(all[whole:])
	return len(text), w.write(all[:whole])
}

func (w *printableWriter) write(text []byte) error {
	_, err := w.to.WriteString(escaped(string(text), func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }))
	return err
}

func (w *printableWriter) Flush() error { return errors.Join(w.write(w.cut), w.to.Flush()) }

// wholeCharacters is the length of a text without a character of which the end is missing.
func wholeCharacters(text []byte) int {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return i
			}
			break
		}
	}
	return len(text)
}
