package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// flags are the flags of a command, and what the flag package does not keep of them.
type flags struct {
	*flag.FlagSet
	values map[string][]string // by flag: what it is known to take
}

func newFlags(name string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), values: map[string][]string{}}
	f.SetOutput(io.Discard)
	return f
}

func (f *flags) names() (names []string) {
	f.VisitAll(func(g *flag.Flag) { names = append(names, g.Name) })
	return names
}

// given reports whether a flag has a value that is not its default.
func (f *flags) given(name string) (found bool) {
	f.Visit(func(g *flag.Flag) { found = found || g.Name == name })
	return found
}

// allGiven are the names of the flags that are given, in order.
func (f *flags) allGiven() (names []string) {
	f.Visit(func(g *flag.Flag) { names = append(names, g.Name) })
	return names
}

// choice declares a flag that takes one of the values, which end its description.
func (f *flags) choice(p *string, name, usage string, values ...string) {
	last := len(values) - 1
	f.StringVar(p, name, *p, fmt.Sprintf("%s: %s or %s", usage, strings.Join(values[:last], ", "), values[last]))
	f.values[name] = values
}
