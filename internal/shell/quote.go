// Package shell writes words for a POSIX shell.
package shell

import "strings"

// plain are the characters that mean nothing to a shell, beside letters and digits.
const plain = "-_=./:,%@+"

// IsPlain reports whether a shell takes a text for one word as it is.
func IsPlain(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(plain, r)
	})
}

// Quote is the word that a shell reads as the text: the text itself where that is plain.
func Quote(text string) string {
	if IsPlain(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
