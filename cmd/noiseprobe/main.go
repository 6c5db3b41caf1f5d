// Command noiseprobe trains networks with noise enhancement, records per-sample gradients, and measures the noise of SGD.
// Each subcommand is a file here: flags in, packages called, results rendered; nothing is computed in this package.
//
// Data goes to standard output, talk to standard error with the prefix "noiseprobe: ". Exit status:
//
//	0    done
//	1    something failed while working
//	2    wrong usage
//	3    checks ran and some did not hold (verify, data verify)
//	130  interrupted
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/experiment"
)

// Exit statuses.
const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusCheckFailed = 3
	statusInterrupted = 130
)

func main() {
	abortOnFatalErrors()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// errChecks is the error of a command whose checks ran and did not all hold.
var errChecks = errors.New("some checks did not hold")

// command is one subcommand.
type command struct {
	name    string
	args    string // what follows the flags in the synopsis
	none    string // what a command takes that has no operands, such as "no files"
	one     string // what its only operand is, of a command that takes one
	summary string
	detail  string // paragraphs of the help text
	example string
	// operands are the words that the first, the second argument may be, for completion.
	operands [][]string
	// endsWell says that an interrupt ends the session's context, not the process.
	endsWell bool
	// plain tells the arguments with which nothing but the command line counts.
	plain func(args []string) bool
	// define adds the flags and returns what runs after they are parsed.
	define func(*flags) func(*session, []string) error
}

// session is what a running command talks through.
type session struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	width          int // of a line on standard output
	terminal       bool
}

func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.stderr, "noiseprobe: %s\n", printableLine(fmt.Sprintf(format, args...)))
}

func commands() []command {
	return []command{
		runCommand(),
		sweepCommand(),
		reproduceCommand(),
		compareCommand(),
		noiseScaleCommand(),
		criticalBatchCommand(),
		analyzeCommand(),
		probeCommand(),
		exportCommand(),
		tailCommand(),
		normalityCommand(),
		verifyCommand(),
		benchCommand(),
		dataCommand(),
		reportCommand(),
		serveCommand(),
		watchCommand(),
		versionCommand(),
		envCommand(),
		completionCommand(),
	}
}

// hintError is an error with a way out.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

func usageError(format string, args ...any) error {
	return &experiment.UsageError{Err: fmt.Errorf(format, args...)}
}

// run is the whole program; it returns the exit status. What cannot be written to standard output is an error, whichever
// command wrote it.
func run(args []string, stdout, stderr io.Writer) (status int) {
	printable := &printableWriter{to: bufio.NewWriter(stdout)}
	s := &session{stdin: os.Stdin, stdout: printable, stderr: stderr, width: widthOf(stdout), terminal: isTerminal(stdout)}
	defer s.explainPanic(&status)
	err := s.dispatch(args)
	if flushed := printable.Flush(); err == nil {
		err = flushed
	}
	return s.report(err)
}

func (s *session) dispatch(args []string) error {
	if len(args) == 0 {
		return &hintError{usageError("no command"), "noiseprobe help lists the commands"}
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return s.help(rest)
	case "-version", "--version":
		name = "version"
	}
	if strings.HasPrefix(name, "-") {
		return noCommand(args)
	}
	c, err := find(name)
	if err != nil {
		return err
	}
	return s.execute(c, rest)
}

// find returns the command of a name.
func find(name string) (command, error) {
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	hint := didYouMean("", name, append(names, "help")) + "noiseprobe help lists the commands"
	return command{}, &hintError{usageError("unknown command %q", name), hint}
}

// execute parses flags before and after the files and runs the command.
func (s *session) execute(c command, args []string) error {
	flags, runner := c.flags()
	args, operands := splitOperands(args)
	var files []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				printHelp(s.page(), c)
				return nil
			}
			return flagError(c.name, flags, err)
		}
		if flags.NArg() == 0 {
			break
		}
		files, args = append(files, flags.Arg(0)), flags.Args()[1:]
	}
	files = append(files, operands...)
	if c.plain == nil || !c.plain(files) {
		if err := flags.fill(os.Environ()); err != nil {
			return err
		}
	}
	forgetVariables()
	s.ctx = interruptible(c.endsWell)
	err := c.count(files)
	if err == nil {
		err = runner(s, files)
	}
	if err != nil {
		return flags.meant(c, files, flags.explain(err))
	}
	for _, note := range flags.notes { // an error is one line
		s.say("%s", note)
	}
	return nil
}

// count refuses another number of operands than the command takes.
func (c command) count(operands []string) error {
	switch {
	case c.none != "" && len(operands) > 0:
		return usageError("%s: takes %s, got %q", c.name, c.none, operands[0])
	case c.one != "" && len(operands) != 1:
		return usageError("%s: takes one %s, got %d arguments", c.name, c.one, len(operands))
	}
	return nil
}

// flagError is the error of parsing the flags of a command, with a hint.
func flagError(command string, f *flags, err error) error {
	meant := ""
	if name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); unknown {
		err = fmt.Errorf("unknown flag -%s", name)
		meant = didYouMean("-", name, f.names())
	} else if m := misread.FindStringSubmatch(err.Error()); m != nil {
		meant, err = didYouMean("", m[1], f.values[m[2]]), f.expected(m[2], err)
	}
	return &hintError{usageError("%s: %w", command, err), meant + "noiseprobe help " + command + " lists the flags"}
}

// splitOperands cuts at the first "--": what follows are files, whatever they are called.
func splitOperands(args []string) (rest, operands []string) {
	if i := slices.Index(args, "--"); i >= 0 {
		return args[:i], args[i+1:]
	}
	return args, nil
}

// report prints an error as one line, with at most one hint, and turns it into the exit status.
func (s *session) report(err error) int {
	if err == nil {
		return statusDone
	}
	s.say("%s", oneLine(err))
	var hint *hintError
	if errors.As(err, &hint) {
		fmt.Fprintf(s.stderr, "hint: %s\n", printableLine(hint.hint))
	}
	var usage *experiment.UsageError
	switch {
	case errors.Is(err, errInterrupted):
		return statusInterrupted
	case errors.Is(err, errChecks):
		return statusCheckFailed
	case errors.As(err, &usage):
		return statusUsage
	}
	return statusFailed
}

func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" }), "; ")
}
