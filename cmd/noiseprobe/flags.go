package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// flags are the flags of a command, and what the flag package does not keep of them.
type flags struct {
	*flag.FlagSet
	titles []string            // of the groups of flags, in the order of the help text
	title  map[string]string   // by flag
	values map[string][]string // by flag: what it is known to take
	// origins are where values are from that are not on the command line, by flag: a variable, or a line of a file.
	origins map[string]string
	// notes are lines about values that are not used.
	notes []string
}

func newFlags(name string) *flags {
	f := &flags{
		FlagSet: flag.NewFlagSet(name, flag.ContinueOnError),
		titles:  []string{"Flags"}, title: map[string]string{}, values: map[string][]string{}, origins: map[string]string{},
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

// flags are those that the command declares, and -config; run is what uses them.
func (c command) flags() (f *flags, run func(*session, []string) error) {
	f = newFlags(c.name)
	run = c.define(f)
	if len(f.names()) > 0 {
		if len(f.titles) > 1 {
			f.group("Flags from elsewhere")
		}
		f.String("config", "", "`FILE` file with a flag on each line, without its dash")
	}
	return f, run
}

func (f *flags) names() (names []string) {
	f.VisitAll(func(g *flag.Flag) { names = append(names, g.Name) })
	return names
}

// given reports whether a flag has a value that is not its default, wherever that is from.
func (f *flags) given(name string) bool { return slices.Contains(f.allGiven(), name) }

// allGiven are the names of the flags that are given, in order.
func (f *flags) allGiven() (names []string) {
	f.Visit(func(g *flag.Flag) { names = append(names, g.Name) })
	return names
}

// beside is the first flag on the command line itself that is none of those allowed, or "".
func (f *flags) beside(allowed ...string) string {
	for _, name := range f.allGiven() {
		if f.origins[name] == "" && !slices.Contains(allowed, name) {
			return name
		}
	}
	return ""
}

// describe splits the usage text of a flag: the back-quoted name of its value at the beginning, and what it means.
func describe(g *flag.Flag) (value, meaning string) {
	value, meaning = flag.UnquoteUsage(g)
	if strings.HasPrefix(g.Usage, "`") {
		meaning = strings.TrimPrefix(meaning, value+" ")
	}
	return value, meaning
}

// choice declares a flag that takes one of the values, which end its description.
func (f *flags) choice(p *string, name, usage string, values ...string) {
	last := len(values) - 1
	f.StringVar(p, name, *p, fmt.Sprintf("%s: %s or %s", usage, strings.Join(values[:last], ", "), values[last]))
	f.values[name] = values
}
