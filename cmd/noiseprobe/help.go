package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

const exitStatuses = `Exit status:

    0    done
    1    something failed while working
    2    wrong usage
    3    checks ran and some did not hold (verify and data verify only)
    130  interrupted
`

func (s *session) help(args []string) error {
	switch {
	case len(args) > 1:
		return usageError("help: takes one command, got %d arguments", len(args))
	case len(args) == 0 || args[0] == "help":
		printCommands(s.stdout)
		return nil
	}
	c, err := find(args[0])
	if err == nil {
		printHelp(s.stdout, c)
	}
	return err
}

func printCommands(w io.Writer) {
	fmt.Fprint(w, "Measures the noise of SGD, and what noise enhancement makes of it.\n\nUsage:\n\n    noiseprobe COMMAND [flags] [files]\n\nCommands:\n\n")
	for _, c := range commands() {
		printEntry(w, c.name, 9, c.summary)
	}
	printEntry(w, "help", 9, "what a command does, its flags, and examples: noiseprobe help COMMAND")
	fmt.Fprintf(w, "\nExample:\n\n    noiseprobe run -model f1 -alpha 1.5\n\n%s", exitStatuses)
}

// printHelp prints synopsis, flags and examples of a command.
func printHelp(w io.Writer, c command) {
	flags := newFlags(c.name)
	c.define(flags)
	fmt.Fprintf(w, "%s\n\nUsage:\n\n    noiseprobe %s\n\n", sentence(c.summary), strings.TrimSpace(c.name+" [flags] "+c.args))
	if c.detail != "" {
		fmt.Fprintf(w, "%s\n", c.detail)
	}
	heading := "Flags:\n\n"
	flags.VisitAll(func(f *flag.Flag) {
		fmt.Fprint(w, heading)
		heading = ""
		printFlag(w, f)
	})
	if heading == "" {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "Example:\n\n    %s\n\n%s", strings.ReplaceAll(c.example, "\n", "\n    "), exitStatuses)
}

func printFlag(w io.Writer, f *flag.Flag) {
	value, text := flag.UnquoteUsage(f)
	// The rest stand for "not given", and the text says what that means.
	if !slices.Contains([]string{"", "false", "0", "NaN"}, f.DefValue) {
		text += " (default " + f.DefValue + ")"
	}
	printEntry(w, strings.TrimSpace("-"+f.Name+" "+value), 19, text)
}

// lineWidth is the longest line of a help text.
const lineWidth = 108

// printEntry prints a name and, beside it, what it means.
func printEntry(w io.Writer, name string, width int, text string) {
	const margin = "    "
	line := fmt.Sprintf("%s%-*s", margin, width, name)
	indent := strings.Repeat(" ", len(margin)+width)
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > lineWidth {
			fmt.Fprintln(w, line)
			line = indent
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}

func sentence(text string) string {
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
