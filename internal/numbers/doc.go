// Package numbers reads a file of numbers that a user names on the command line: .npy, or text. Start with Read.
//
// It is opinionated about damage: what cannot be used in a calculation, a NaN or an infinity included, is refused in one
// line that names the file and the place. Nothing is skipped but blank lines and comments, nothing is filled in.
package numbers
