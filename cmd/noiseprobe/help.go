package main

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var exitStatuses = []struct {
	status  int
	meaning string
}{
	{statusDone, "done"},
	{statusFailed, "something failed while working"},
	{statusUsage, "wrong usage"},
	{statusCheckFailed, "checks ran and some did not hold (verify and data verify only)"},
	{statusInterrupted, "interrupted"},
}

const helpSummary = "explains a command, its flags, and shows examples: noiseprobe help COMMAND"

func (s *session) help(args []string) error {
	switch {
	case len(args) > 1:
		return usageError("help: takes one command, got %d arguments", len(args))
	case len(args) == 0 || args[0] == "help":
		printCommands(s.page())
		return nil
	}
	c, err := find(args[0])
	if err == nil {
		printHelp(s.page(), c)
	}
	return err
}

func (s *session) page() page { return page{s.stdout, s.width} }

func printCommands(p page) {
	const column = 14
	p.paragraphs("Measures the noise of SGD, and how noise enhancement changes it.\n\nUsage:")
	p.command("noiseprobe COMMAND [flags] [files]")
	fmt.Fprint(p, "\nCommands:\n\n")
	for _, c := range commands() {
		p.entry(c.name, column, c.summary)
	}
	p.entry("help", column, helpSummary)
	fmt.Fprint(p, "\nExample:\n\n")
	p.command("noiseprobe run -model f1 -alpha 1.5")
	printExitStatuses(p)
}

// printHelp prints synopsis, flags and examples of a command.
func printHelp(p page, c command) {
	f, _ := c.flags()
	p.paragraphs(sentence(c.summary) + "\n\nUsage:")
	p.fold(margin, margin+margin, synopsis(c, f))
	fmt.Fprintln(p)
	p.paragraphs(c.detail)
	for _, title := range f.titles {
		printFlags(p, title, f.under(title))
	}
	p.paragraphs(elsewhere(f))
	fmt.Fprint(p, "Example:\n\n")
	for line := range strings.SplitSeq(c.example, "\n") {
		p.command(line)
	}
	printExitStatuses(p)
}

// elsewhere says where values of flags are from that are not on the command line, with the first flag that takes a value as an example.
func elsewhere(f *flags) string {
	for _, name := range f.names() {
		if f.takesValue(name) && name != "config" {
			value, _ := describe(f.Lookup(name))
			return fmt.Sprintf("A flag that is not on the command line is taken from the environment (-%s from $%s), and otherwise from the -config file (from a line \"%s %s\").",
				name, variablePrefix(f.Name())+variableName(name), name, value)
		}
	}
	return ""
}

func printExitStatuses(p page) {
	fmt.Fprint(p, "\nExit status:\n\n")
	for _, e := range exitStatuses {
		p.entry(strconv.Itoa(e.status), 4, e.meaning)
	}
}

func synopsis(c command, f *flags) string {
	words := []string{"noiseprobe", c.name}
	if len(f.names()) > 0 {
		words = append(words, "[flags]")
	}
	return strings.Join(append(words, c.args), " ")
}

// printFlags prints the flags of a title.
func printFlags(p page, title string, group []*flag.Flag) {
	const column = 19
	if len(group) == 0 {
		return
	}
	fmt.Fprintf(p, "%s:\n\n", title)
	for _, f := range group {
		value, text := describe(f)
		// The rest stand for "not given", and the text says what that means. Where a default depends on the rest, the text has it.
		if !slices.Contains([]string{"", "false", "0", "NaN"}, f.DefValue) && !strings.Contains(text, "(default") {
			text += " (default " + f.DefValue + ")"
		}
		name := strings.TrimSpace("-" + f.Name + " " + value)
		if len(name) > column { // what it means begins on the next line, in the column of the others
			fmt.Fprintln(p, margin+name)
			name = ""
		}
		p.entry(name, column, text)
	}
	fmt.Fprintln(p)
}

func sentence(text string) string {
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
