package main

import (
	"embed"
	"flag"
	"fmt"
	"strings"
)

// scripts ask the program for words as the user types, so that they know every flag that there is.
//
//go:embed completion
var scripts embed.FS

func completionCommand() command {
	shells := []string{"bash", "zsh", "fish"}
	return command{
		name: "completion", args: strings.Join(shells, "|"),
		summary: "prints a script that completes commands, flags and their values in a shell",
		detail: `In ~/.bashrc: source <(noiseprobe completion bash)

In ~/.zshrc, after compinit: source <(noiseprobe completion zsh)

In ~/.config/fish/config.fish: noiseprobe completion fish | source
`,
		example:  "noiseprobe completion bash > noiseprobe-completion.bash",
		operands: [][]string{shells},
		define: func(*flags) func(*session, []string) error {
			return func(s *session, args []string) error {
				if len(args) > 1 && args[0] == "words" {
					return printSuggestions(s, complete(args[1:]))
				}
				if len(args) != 1 {
					return usageError("completion: takes one of %s, got %d arguments", strings.Join(shells, ", "), len(args))
				}
				script, err := scripts.ReadFile("completion/" + args[0])
				if err != nil {
					return usageError("completion %s: there is %s", args[0], strings.Join(shells, ", "))
				}
				_, err = s.stdout.Write(script)
				return err
			}
		},
	}
}

func printSuggestions(s *session, suggestions []suggestion) error {
	for _, g := range suggestions {
		if _, err := fmt.Fprintf(s.stdout, "%s\t%s\n", g.word, g.meaning); err != nil {
			return err
		}
	}
	return nil
}

// suggestion is a word that a command line may have.
type suggestion struct{ word, meaning string }

// complete suggests what the last word of a command line may be, of the words after the name of the program. It suggests nothing where
// that may be any text, or a file.
func complete(words []string) (found []suggestion) {
	last := len(words) - 1
	for _, s := range suggestions(words[:last], words[last]) {
		// A shell that takes "=" for a word of its own completes what comes after it.
		if words[last] == "=" || strings.HasPrefix(s.word, words[last]) {
			found = append(found, s)
		}
	}
	return found
}

// suggestions are all that a word may be that comes after these.
func suggestions(before []string, word string) []suggestion {
	switch {
	case len(before) == 0 && strings.HasPrefix(word, "-"):
		return []suggestion{{"--help", "lists the commands"}, {"--version", "prints the version"}, {"-help", "lists the commands"}, {"-version", "prints the version"}}
	case len(before) == 0 || len(before) == 1 && before[0] == "help":
		return commandNames()
	}
	c, err := find(before[0])
	if err != nil {
		return nil
	}
	f, _ := c.flags()
	waiting, operands, ended := f.position(before[1:])
	name, _, valued := strings.Cut(strings.TrimLeft(word, "-"), "=")
	switch dash := word[:len(word)-len(strings.TrimLeft(word, "-"))]; {
	case waiting != "":
		return withPrefix("", f.values[waiting])
	case !ended && dash != "" && valued:
		return withPrefix(dash+name+"=", f.values[name])
	case !ended && dash != "":
		return f.suggestions(dash)
	case operands < len(c.operands):
		return withPrefix("", c.operands[operands])
	case c.args == "":
		return f.suggestions("-")
	}
	return nil
}

// position reads the words of a command line before the one to be completed: the flag that waits for its value, the number of
// operands, and whether no more flags may come.
func (f *flags) position(words []string) (waiting string, operands int, ended bool) {
	for _, w := range words {
		name, _, valued := strings.Cut(strings.TrimLeft(w, "-"), "=")
		switch {
		case waiting != "":
			if w != "=" { // which some shells take for a word
				waiting = ""
			}
		case ended || w == "-" || w != "=" && !strings.HasPrefix(w, "-"):
			operands++
		case w == "--":
			ended = true
		case !valued && f.takesValue(name):
			waiting = name
		}
	}
	return waiting, operands, ended
}

func (f *flags) takesValue(name string) bool {
	g := f.Lookup(name)
	return g != nil && !isBool(g)
}

// isBool reports whether a flag stands for true without a value.
func isBool(g *flag.Flag) bool {
	b, ok := g.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

func (f *flags) suggestions(dash string) (all []suggestion) {
	f.VisitAll(func(g *flag.Flag) {
		_, meaning := describe(g)
		all = append(all, suggestion{dash + g.Name, meaning})
	})
	return all
}

func commandNames() (all []suggestion) {
	for _, c := range commands() {
		all = append(all, suggestion{c.name, c.summary})
	}
	return append(all, suggestion{"help", helpSummary})
}

func withPrefix(prefix string, values []string) (all []suggestion) {
	for _, v := range values {
		all = append(all, suggestion{word: prefix + v})
	}
	return all
}
