// Package numbers reads a file of numbers that a user names on the command line: .npy, or text. Start with Read.
//
// It is opinionated about damage: whatever cannot be used in a calculation, NaN and infinities included, is refused with an error of
// one line that names the file and the place. Only blank lines and comments are skipped, and nothing is filled in.
package numbers
