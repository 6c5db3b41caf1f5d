// Package numbers reads a file of numbers that a user names on the command line: .npy, or text. Start with Read.
//
// It is opinionated about damage: whatever cannot be used in a calculation, NaN and infinities included, is refused with an error of
// one line that names the file and the place. Only blank lines, comments and one header are skipped, which [Table] says, and nothing is
// filled in. Text whose commas may be decimal commas is refused rather than read in one of two ways.
package numbers
