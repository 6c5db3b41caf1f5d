package main

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/shell"
)

// meant adds to an error about a value, or about an operand, the known one that is near to it.
func (f *flags) meant(c command, operands []string, err error) error {
	if hinted := new(hintError); err == nil || errors.As(err, &hinted) {
		return err
	}
	for _, name := range f.allGiven() {
		if hint := unknownWord(f.Lookup(name).Value.String(), f.values[name], err); hint != "" {
			return &hintError{err, hint}
		}
	}
	for i, known := range c.operands[:min(len(c.operands), len(operands))] {
		if hint := unknownWord(operands[i], known, err); hint != "" {
			return &hintError{err, hint}
		}
	}
	return err
}

// unknownWord is the hint of an error about a word that is none of those known.
func unknownWord(word string, known []string, err error) string {
	if slices.Contains(known, word) || !strings.Contains(err.Error(), word) {
		return ""
	}
	return strings.TrimSuffix(didYouMean("", word, known), " ")
}

// misread is how the flag package begins an error about a value.
var misread = regexp.MustCompile(`^invalid (?:boolean )?value "(.*)" for (?:flag )?-(\S+): `)

// expected says what a flag takes, where an error only says that it could not be parsed.
func (f *flags) expected(name string, err error) error {
	kind := ""
	if getter, ok := f.Lookup(name).Value.(flag.Getter); ok {
		switch getter.Get().(type) {
		case int:
			kind = "must be a whole number"
		case uint64:
			kind = "must be a whole number that is not negative"
		case float64:
			kind = "must be a number"
		case bool:
			kind = "must be true or false"
		}
	}
	before, vague := strings.CutSuffix(err.Error(), "parse error")
	if !vague || kind == "" {
		return err
	}
	return errors.New(before + kind)
}

// noCommand is the error about a flag in the place of the command.
func noCommand(args []string) error {
	name, dashes := strings.TrimLeft(args[0], "-"), args[0][:len(args[0])-len(strings.TrimLeft(args[0], "-"))]
	hint := didYouMean(dashes, name, []string{"version", "help"}) + "noiseprobe help lists the commands"
	for i, word := range args {
		if c, err := find(word); err == nil {
			words := []string{"noiseprobe", c.name}
			for _, w := range slices.Concat(args[:i], args[i+1:]) {
				words = append(words, shell.Quote(w))
			}
			hint = "the command comes first: " + strings.Join(words, " ")
			break
		}
	}
	return &hintError{usageError("no command before the flag %s", args[0]), hint}
}

// note keeps what is to be said of where values are from.
func (f *flags) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}
