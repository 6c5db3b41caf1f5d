// Package archtest holds the import order of the module as a test: noise <- probe <- {train, analysis} <- experiment <- cmd.
//
// It is opinionated that a rule that no test checks is not kept. The table of rules is in rules_test.go; start there. The test
// parses the files of the module itself: if another program did that, its result would be cached after a rule is broken. The
// rules hold for test files as well, with the exceptions that the table states (no I/O, no numtest).
package archtest
