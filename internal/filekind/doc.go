// Package filekind tells what a file is before anything else reads it: whether it is a regular file at all, and from its first bytes
// which format it has.
//
// Every reader of data files asks here, so that a file of another kind gets the same words everywhere: what it is, and what to do about
// it. Start with [Open] and [Of].
package filekind
