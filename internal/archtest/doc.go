// Package archtest holds the import order of the module as a test: noise <- probe <- {train, analysis} <- experiment <- cmd.
//
// It is opinionated that an order kept by memory is not kept. The rules are the table in rules_test.go, to start with; the
// test parses the files of the module itself, since a result that another program computed for it would be cached after a
// rule is broken. Test files keep the order as well; what they are exempt from (no I/O, no numtest) the table says.
package archtest
