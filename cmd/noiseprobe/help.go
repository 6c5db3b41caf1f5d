package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

const exitStatuses = `Exit status: 0 done; 1 something failed while working; 2 wrong usage; 3 checks ran and some did not hold
(data verify only); 130 interrupted.
`

func (s *session) help(args []string) error {
	if len(args) == 0 {
		fmt.Fprint(s.stdout, "noiseprobe measures the noise of SGD, and what noise enhancement makes of it.\n\nUsage:\n\n    noiseprobe COMMAND [flags] [files]\n\nCommands:\n\n")
		for _, c := range commands() {
			fmt.Fprintf(s.stdout, "    %-9s%s\n", c.name, c.summary)
		}
		fmt.Fprintf(s.stdout, "    %-9s%s\n\nStart with:\n\n    noiseprobe run -model f1 -alpha 1.5\n\n%s", "help", "what a command does, its flags, and an example", exitStatuses)
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			printHelp(s.stdout, c)
			return nil
		}
	}
	return &hintError{usageError("no help on %q", args[0]), "noiseprobe help lists the commands"}
}

// printHelp prints synopsis, flags and example of a command.
func printHelp(w io.Writer, c command) {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.define(flags)
	fmt.Fprintf(w, "%s\n\nUsage:\n\n    noiseprobe %s\n\n", sentence(c.summary), strings.TrimSpace(c.name+" [flags] "+c.args))
	if c.detail != "" {
		fmt.Fprintf(w, "%s\n", c.detail)
	}
	any := false
	flags.VisitAll(func(f *flag.Flag) {
		if !any {
			fmt.Fprint(w, "Flags:\n\n")
		}
		any = true
		value, text := flag.UnquoteUsage(f)
		line := "-" + strings.TrimSpace(f.Name+" "+value)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "NaN" {
			text += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(w, "    %-24s %s\n", line, text)
	})
	if any {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "Example:\n\n    %s\n\n%s", strings.ReplaceAll(c.example, "\n", "\n    "), exitStatuses)
}

func sentence(text string) string {
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
