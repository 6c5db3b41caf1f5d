package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"golang.org/x/term"
)

// page is a text to be read, in lines of at most width columns where words allow it.
type page struct {
	io.Writer
	width int
}

const (
	margin = "    "
	// pipeWidth is the width of what goes to no terminal, and narrowest that of the narrowest terminal that is respected.
	pipeWidth, narrowest = document.DefaultWidth, 40
)

// widthOf is the number of columns of a terminal, and pipeWidth for anything else.
func widthOf(w io.Writer) int { return columnsOf(w, narrowest) }

// columnsOf is the same with another least number of columns.
func columnsOf(w io.Writer, least int) int {
	f, ok := w.(*os.File)
	if !ok {
		return pipeWidth
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		return pipeWidth
	}
	return max(columns, least)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// fold prints words in lines that begin with indent, or the first of them with first.
func (p page) fold(first, indent, text string) {
	line, empty := first, true
	for _, word := range document.Words(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > p.width {
			fmt.Fprintln(p, line)
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	fmt.Fprintln(p, strings.TrimRight(line, " "))
}

// paragraphs prints what stands between empty lines, with an empty line after each.
func (p page) paragraphs(text string) {
	if text == "" {
		return
	}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		p.fold("", "", paragraph)
		fmt.Fprintln(p)
	}
}

// entry prints a name and, in a column beside it, what it means.
func (p page) entry(name string, column int, text string) {
	p.fold(fmt.Sprintf("%s%-*s ", margin, column, name), margin+strings.Repeat(" ", column+1), text)
}

// command prints a line for a shell, which goes on in a second one where it is long: before a flag, or else before a word.
func (p page) command(line string) {
	const more = ` \`
	start := margin
	for len(start)+len(line) > p.width {
		fits := min(len(line), p.width-len(start)-len(more)+1)
		cut := strings.LastIndex(line[:fits], " -")
		if cut <= 0 {
			cut = strings.LastIndex(line[:fits], " ")
		}
		if cut <= 0 {
			cut = strings.Index(line[1:], " -") + 1
		}
		if cut <= 0 {
			break
		}
		fmt.Fprintln(p, start+line[:cut]+more)
		start, line = margin+margin, line[cut+1:]
	}
	fmt.Fprintln(p, start+line)
}
