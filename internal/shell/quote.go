// Package shell writes words for a POSIX shell.
package shell

import "strings"

// plain are the characters besides letters and digits that have no special meaning for a shell.
const plain = "-_=./:,%@+"

// IsPlain reports whether a shell reads the text as one word without quotes.
func IsPlain(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(plain, r)
	})
}

// Quote returns the word that a shell reads as the text: the text itself if it is plain.
func Quote(text string) string {
	if IsPlain(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Operand returns a path that no program takes for an option: one that begins with a dash is given through the directory that it is in.
func Operand(path string) string {
	if strings.HasPrefix(path, "-") {
		return "./" + path
	}
	return path
}
