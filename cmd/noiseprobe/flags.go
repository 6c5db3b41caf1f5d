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
	titles []string            // of the groups of flags, in the order of the help text
	title  map[string]string   // by flag
	values map[string][]string // by flag: what it is known to take
}

func newFlags(name string) *flags {
	f := &flags{
		FlagSet: flag.NewFlagSet(name, flag.ContinueOnError),
		titles:  []string{"Flags"}, title: map[string]string{}, values: map[string][]string{},
	}
	f.SetOutput(io.Discard)
	return f
}

// group puts the flags that are declared next under a title in the help text.
func (f *flags) group(title string) {
	f.endGroup()
	f.titles = append(f.titles, title)
}

// endGroup puts the flags that are under no title yet under the last one.
func (f *flags) endGroup() {
	for _, name := range f.names() {
		if _, ok := f.title[name]; !ok {
			f.title[name] = f.titles[len(f.titles)-1]
		}
	}
}

// under are the flags of a title.
func (f *flags) under(title string) (group []*flag.Flag) {
	f.endGroup()
	f.VisitAll(func(g *flag.Flag) {
		if f.title[g.Name] == title {
			group = append(group, g)
		}
	})
	return group
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
